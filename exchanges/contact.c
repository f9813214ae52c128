#include <assert.h>

#include "exchanges/order.h"
#include "exchanges/slots.h"

enum {
    CN_SET_TIMEOUT = 1000,
    CN_SET_TIME = 1012,
    CN_TIME_WISHED = 1013,
    CN_SET_REALTIME = 1062,
    CN_SET_MINUTE = 1064,
    CN_POWERED_ON = 2081,
};

/* A logger that was silent for so long may have forgotten what it was told. */
#define SILENCE_MS       (INT64_C(1) * HOUR_MS)
#define CLOCK_SPACING_MS (INT64_C(1) * MINUTE_MS)

static const int CONTACTS[] = {
#define FIRST_CONTACT(cn, source) cn,
#include "exchanges/first_contact.def"
#undef FIRST_CONTACT
};

enum { CONTACT_COUNT = sizeof CONTACTS / sizeof CONTACTS[0] };

static void add_number(struct text *cp, enum cp_field field, int64_t number)
{
    text_add(cp, cp->size == 0 ? "" : ";");
    text_add(cp, cp_field_name(field));
    text_add_byte(cp, '=');
    text_add_int(cp, number);
}

static void add_now(struct text *cp, struct event_time now)
{
    char digits[15];
    event_time_write_cst(now, digits);
    text_add(cp, cp->size == 0 ? "" : ";");
    text_add(cp, "SystemTime=");
    text_add(cp, digits);
}

static void write_cp(struct text *cp, int cn, const struct device *device, struct event_time now)
{
    switch (cn) {
    case CN_SET_TIME:
        add_now(cp, now);
        break;
    case CN_SET_TIMEOUT:
        add_number(cp, CP_OVER_TIME, ORDER_OVERTIME_S);
        add_number(cp, CP_RE_COUNT, ORDER_RECOUNT);
        break;
    case CN_SET_REALTIME:
        add_number(cp, CP_RTD_INTERVAL, device->interval_s);
        break;
    case CN_SET_MINUTE:
        add_number(cp, CP_MIN_INTERVAL, device->minute_interval);
        break;
    default:
        break;
    }
}

/* An interval of the registry need not be one that the standard has. */
static bool possible(int cn, const struct device *device, enum edition edition)
{
    const struct cp_form *form = cp_form_find(CP_RTD_INTERVAL, edition);
    bool interval =
        device->interval_s >= (int64_t)form->least && device->interval_s <= (int64_t)form->most;
    return request_in_edition(request_of(cn), edition) && (cn != CN_SET_REALTIME || interval);
}

static enum exchange_refusal ask(const struct exchange_turn *turn, uint32_t device, int cn,
    enum exchange_origin origin, struct text *cp)
{
    struct exchange_peer known = exchanges_peer(turn, device);
    struct order order = {
        .origin = origin,
        .device = device,
        .row = request_of(cn),
        .edition = known.edition,
        .st = known.st,
        .overtime_s = ORDER_OVERTIME_S,
        .recount = ORDER_RECOUNT,
        .cp = text_slice(cp),
    };
    assert(!cp->truncated);
    if (!turn->up || known.st == 0 || turn->registry->devices[device].pw.size == 0) {
        return EXCHANGE_NOT_NOT_HEARD;
    }
    return exchanges_ask(turn, &order);
}

/* 2017 C.4: the wish is answered 9013, then the clock is set; not for a device that wishes all the time. */
static void hear_wish(
    const struct exchange_turn *turn, struct peer *peer, const struct message *message)
{
    char space[EXCHANGE_CP_SIZE];
    struct text cp = text_in(space, sizeof space);
    if (peer->clock_ms != 0 && turn->listening_ms - peer->clock_ms < CLOCK_SPACING_MS) {
        return;
    }
    for (size_t i = 0; i < message->field_count; i++) {
        const struct plain_field *field = &message->fields[i];
        if (slice_is(field->name, "PolId") && field->value.size <= 6) {
            text_add(&cp, "PolId=");
            text_add_slice(&cp, field->value);
        }
    }
    add_now(&cp, turn->wall);
    if (ask(turn, message->device, CN_SET_TIME, ORIGIN_CLOCK, &cp) == EXCHANGE_NOT_NONE) {
        peer->clock_ms = turn->listening_ms;
    }
}

void contact_over(struct peer *peer)
{
    assert(peer->contact_open == 1);
    peer->contact_open = 0;
}

/* Each row is asked once, whatever came of the one before. */
void contact_go_on(const struct exchange_turn *turn, uint32_t device)
{
    struct exchanges *exchanges = turn->state;
    struct peer *peer = &exchanges->peers[device];
    while (peer->contact > 0 && peer->contact_open == 0) {
        char space[EXCHANGE_CP_SIZE];
        struct text cp = text_in(space, sizeof space);
        const struct device *row = &turn->registry->devices[device];
        int cn = CONTACTS[peer->contact - 1];
        if (possible(cn, row, exchanges_peer(turn, device).edition)) {
            write_cp(&cp, cn, row, turn->wall);
            if (ask(turn, device, cn, ORIGIN_CONTACT, &cp) != EXCHANGE_NOT_NONE) {
                return; /* a tick comes back to it */
            }
            peer->contact_open = 1;
        }
        peer->contact = peer->contact == CONTACT_COUNT ? 0 : (uint8_t)(peer->contact + 1);
    }
}

void contact_hear(
    const struct exchange_turn *turn, struct peer *peer, const struct message *message)
{
    bool wanted = turn->registry->devices[message->device].first_contact;
    bool silent = turn->listening_ms - peer->heard_ms >= SILENCE_MS;
    bool appears = peer->contacted == 0 || silent || message->cn_code == CN_POWERED_ON;
    if (message->cn_code == CN_TIME_WISHED) {
        hear_wish(turn, peer, message);
    }
    if (wanted && appears && peer->st != 0 && turn->up && peer->contact_open == 0) {
        peer->contacted = 1;
        peer->contact = 1;
    }
    if (peer->contact > 0) {
        contact_go_on(turn, message->device);
    }
}
