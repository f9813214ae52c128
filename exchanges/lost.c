#include "exchanges/order.h"
#include "exchanges/slots.h"

/* Politeness: a device has to do its work, and a line that was down has others waiting. */
enum { TRIES_MAX = 3, LOST_A_DAY = 24, LOST_OPEN_MAX = 8, SILENT_INTERVALS = 3 };

#define SPAN_MS        (INT64_C(7) * DAY_MS) /* as long as a resend is known for one */
#define WAIT_MS        (INT64_C(10) * MINUTE_MS)
#define WAIT_RESEND_MS (INT64_C(60) * MINUTE_MS) /* 2025: it resends by itself, RF=1 */
#define SPACING_MS     (INT64_C(10) * MINUTE_MS)

static const struct {
    int cn, periods;
} KINDS[LOST_KIND_COUNT] = {
#define LOST(id, cn, periods, source) [LOST_##id] = {cn, periods},
#include "exchanges/lost.def"
#undef LOST
};

static int64_t period_ms(enum lost_kind kind, const struct device *device)
{
    switch (kind) {
    case LOST_DAY:
        return DAY_MS;
    case LOST_HOUR:
        return HOUR_MS;
    case LOST_MINUTE:
    case LOST_KIND_COUNT:
        break;
    }
    return (int64_t)device->minute_interval * MINUTE_MS;
}

static int64_t wait_ms(const struct exchange_turn *turn, uint32_t device)
{
    return exchanges_peer(turn, device).edition == EDITION_2025 ? WAIT_RESEND_MS : WAIT_MS;
}

static void shrink(struct gap *gap, int64_t from_ms, int64_t to_ms)
{
    gap->from_ms = from_ms;
    gap->to_ms = to_ms;
    gap->there = from_ms <= to_ms ? 1 : 0;
    gap->tries = 0;
}

/* What lies between the newest period and this one did not come; two gaps are one from end to end. */
static void widen(const struct exchange_turn *turn, uint32_t device, struct gap *gap, int64_t at_ms,
    int64_t length_ms)
{
    struct exchanges *exchanges = turn->state;
    int64_t from_ms = gap->there == 1 ? gap->from_ms : gap->newest_ms + length_ms;
    int64_t oldest_ms = at_ms - SPAN_MS / length_ms * length_ms;
    exchanges->figures.gaps += 1;
    if (gap->there == 0) {
        gap->tries = 0;
        gap->not_before_ms = turn->listening_ms + wait_ms(turn, device);
    }
    gap->from_ms = from_ms > oldest_ms ? from_ms : oldest_ms;
    gap->to_ms = at_ms - length_ms;
    gap->there = 1;
}

/* A period of it came after all; a device that resends is let go on. */
static void fill(const struct exchange_turn *turn, uint32_t device, struct gap *gap, int64_t at_ms,
    int64_t length_ms)
{
    if (at_ms < gap->from_ms || at_ms > gap->to_ms) {
        return;
    }
    gap->not_before_ms = turn->listening_ms + wait_ms(turn, device);
    if (at_ms == gap->from_ms) {
        shrink(gap, at_ms + length_ms, gap->to_ms);
    } else if (at_ms == gap->to_ms) {
        shrink(gap, gap->from_ms, at_ms - length_ms);
    }
}

void lost_hear(const struct exchange_turn *turn, struct peer *peer, const struct message *message)
{
    const struct device *device = &turn->registry->devices[message->device];
    for (int kind = 0; kind < LOST_KIND_COUNT; kind++) {
        struct gap *gap = &peer->gaps[kind];
        int64_t at_ms = message->data_time.ms, length_ms = period_ms((enum lost_kind)kind, device);
        if (message->cn_code != KINDS[kind].cn || !message->has_data_time ||
            (at_ms + CST_OFFSET_MS) % length_ms != 0) {
            continue; /* no period's start: which one it means is not known */
        }
        if (gap->newest_ms != 0 && at_ms > gap->newest_ms + length_ms) {
            widen(turn, message->device, gap, at_ms, length_ms);
        } else if (gap->there == 1) {
            fill(turn, message->device, gap, at_ms, length_ms);
        }
        gap->newest_ms = at_ms > gap->newest_ms ? at_ms : gap->newest_ms;
    }
}

/* Asked is asked: only what timed out is asked for again, a few times. */
void lost_over(const struct exchange_turn *turn, const struct exchange *exchange)
{
    struct exchanges *exchanges = turn->state;
    struct peer *peer = &exchanges->peers[exchange->device];
    const struct device *device = &turn->registry->devices[exchange->device];
    peer->lost_open = 0;
    exchanges->lost_open -= 1;
    for (int kind = 0; kind < LOST_KIND_COUNT; kind++) {
        struct gap *gap = &peer->gaps[kind];
        if (KINDS[kind].cn != exchange->cn || gap->there == 0) {
            continue;
        }
        gap->tries += 1;
        gap->not_before_ms = turn->listening_ms + SPACING_MS * gap->tries;
        bool again = exchange->state == EXCHANGE_TIMED_OUT && gap->tries < TRIES_MAX;
        int64_t next_ms = exchange->end_ms + period_ms((enum lost_kind)kind, device);
        if (!again && next_ms > gap->from_ms) {
            shrink(gap, next_ms, gap->to_ms);
        }
    }
}

static bool may_ask(const struct exchange_turn *turn, uint32_t index, struct peer *peer)
{
    const struct exchanges *exchanges = turn->state;
    const struct device *device = &turn->registry->devices[index];
    int64_t silent_ms = (int64_t)device->interval_s * SILENT_INTERVALS * SECOND_MS + MINUTE_MS;
    uint32_t day = (uint32_t)((turn->wall.ms + CST_OFFSET_MS) / DAY_MS);
    if (peer->lost_day != day) {
        peer->lost_day = day;
        peer->lost_today = 0;
    }
    return device->lost_data && device->pw.size > 0 && peer->st != 0 && peer->contact == 0 &&
           peer->lost_open == 0 && peer->lost_today < LOST_A_DAY &&
           exchanges->lost_open < LOST_OPEN_MAX &&
           turn->listening_ms - peer->heard_ms <= silent_ms &&
           (peer->lost_ms == 0 || turn->listening_ms - peer->lost_ms >= SPACING_MS);
}

static enum exchange_refusal ask(
    const struct exchange_turn *turn, uint32_t index, enum lost_kind kind, const struct gap *gap)
{
    char space[EXCHANGE_CP_SIZE], begin[15], end[15];
    struct text cp = text_in(space, sizeof space);
    struct exchange_peer known = exchanges_peer(turn, index);
    int64_t length_ms = period_ms(kind, &turn->registry->devices[index]);
    int64_t last_ms = gap->from_ms + (KINDS[kind].periods - 1) * length_ms;
    struct order order = {
        .origin = ORIGIN_LOST,
        .device = index,
        .row = request_of(KINDS[kind].cn),
        .edition = known.edition,
        .st = known.st,
        .overtime_s = ORDER_OVERTIME_S,
        .recount = ORDER_RECOUNT,
        .begin = {gap->from_ms},
        .end = {last_ms < gap->to_ms ? last_ms : gap->to_ms},
    };
    event_time_write_cst(order.begin, begin);
    event_time_write_cst(order.end, end);
    text_add(&cp, "BeginTime=");
    text_add(&cp, begin);
    text_add(&cp, ";EndTime=");
    text_add(&cp, end);
    order.cp = text_slice(&cp);
    return exchanges_ask(turn, &order);
}

void lost_go_on(const struct exchange_turn *turn, uint32_t index)
{
    struct exchanges *exchanges = turn->state;
    struct peer *peer = &exchanges->peers[index];
    if (!may_ask(turn, index, peer)) {
        return;
    }
    for (int kind = 0; kind < LOST_KIND_COUNT; kind++) {
        const struct gap *gap = &peer->gaps[kind];
        if (gap->there == 1 && turn->listening_ms >= gap->not_before_ms &&
            ask(turn, index, (enum lost_kind)kind, gap) == EXCHANGE_NOT_NONE) {
            peer->lost_open = 1;
            peer->lost_today += 1;
            peer->lost_ms = turn->listening_ms;
            exchanges->lost_open += 1;
            return;
        }
    }
}
