#include <assert.h>
#include <string.h>

#include "core/fetch.h"
#include "exchanges/slots.h"

size_t exchanges_state_size(uint32_t device_count)
{
    return sizeof(struct exchanges) + device_count * sizeof(struct peer);
}

void exchanges_fetch(const void *state, uint32_t device)
{
    const struct exchanges *exchanges = state;
    fetch(&exchanges->peers[device], sizeof(struct peer));
}

bool exchanges_seen(const struct exchange_turn *turn, struct slice by, struct slice id)
{
    struct exchanges *exchanges = turn->state;
    return recent_seen(&exchanges->commands, by, id);
}

struct exchange_peer exchanges_peer(const struct exchange_turn *turn, uint32_t device)
{
    const struct exchanges *exchanges = turn->state;
    assert(device < turn->registry->device_count);
    enum edition registered = turn->registry->devices[device].edition;
    const struct peer *peer = &exchanges->peers[device];
    return (struct exchange_peer){
        registered != EDITION_UNKNOWN ? registered : (enum edition)peer->edition, peer->st,
        peer->key};
}

int64_t due_in(const struct exchange_turn *turn, int32_t seconds)
{
    return turn->listening_ms + (int64_t)seconds * SECOND_MS;
}

bool is_open(const struct exchange *exchange)
{
    return !exchange_over((enum exchange_state)exchange->state);
}

static void end(const struct exchange_turn *turn, struct exchange *exchange)
{
    struct exchanges *exchanges = turn->state;
    if (exchange->origin == ORIGIN_CONTACT) {
        contact_over(&exchanges->peers[exchange->device]);
    } else if (exchange->origin == ORIGIN_LOST) {
        lost_over(turn, exchange);
    }
    exchanges->figures.open -= 1;
    exchanges->figures.ended[exchange->state] += 1;
    exchanges->peers[exchange->device].open -= 1;
}

void advance(const struct exchange_turn *turn, struct exchange *exchange, enum exchange_state state,
    const struct message *answer)
{
    struct exchanges *exchanges = turn->state;
    struct exchange_step step = {.exchange = exchange,
        .send = state == EXCHANGE_REQUESTED,
        .answer = answer,
        .late = exchange->state != EXCHANGE_NONE && !is_open(exchange)};
    if (answer != NULL) {
        exchanges->figures.unheard = 0;
    } else if (state == EXCHANGE_TIMED_OUT && exchange->state == EXCHANGE_REQUESTED) {
        exchanges->figures.unheard += 1;
    }
    exchange->state = state;
    turn->emit(turn->context, &step);
    if (exchange_over(state) && !step.late) {
        end(turn, exchange);
    }
    if (exchange_over(state) && state != EXCHANGE_TIMED_OUT && state != EXCHANGE_UNKNOWN) {
        *exchange = (struct exchange){0};
    }
}

static void send(const struct exchange_turn *turn, struct exchange *exchange)
{
    exchange->sent += 1;
    exchange->due_ms = due_in(turn, exchange->overtime_s);
    advance(turn, exchange, EXCHANGE_REQUESTED, NULL);
}

/* A free one, else that of what ended longest ago. */
static struct exchange *free_place(
    struct exchanges *exchanges, const struct order *order, enum exchange_refusal *refusal)
{
    struct exchange *place = NULL;
    for (size_t i = 0; i < EXCHANGES_MAX; i++) {
        struct exchange *slot = &exchanges->slots[i];
        if (!is_open(slot)) {
            place = place == NULL || slot->qn_ms < place->qn_ms ? slot : place;
        } else if (slot->device == order->device && slot->cn == order->row->cn) {
            *refusal = EXCHANGE_NOT_ALREADY_OPEN;
            return NULL;
        }
    }
    bool device_busy = exchanges->peers[order->device].open >= EXCHANGES_PER_DEVICE;
    *refusal = device_busy ? EXCHANGE_NOT_DEVICE_BUSY : EXCHANGE_NOT_HUB_BUSY;
    return device_busy ? NULL : place;
}

static uint16_t keep(char *to, size_t capacity, struct slice bytes)
{
    assert(bytes.size <= capacity);
    if (bytes.size > 0) {
        memcpy(to, bytes.ptr, bytes.size);
    }
    return (uint16_t)bytes.size;
}

static int64_t next_qn(struct exchanges *exchanges, struct event_time wall)
{
    exchanges->qn_ms = wall.ms > exchanges->qn_ms ? wall.ms : exchanges->qn_ms + 1;
    return exchanges->qn_ms;
}

enum exchange_refusal exchanges_ask(const struct exchange_turn *turn, const struct order *order)
{
    struct exchanges *exchanges = turn->state;
    enum exchange_refusal refusal;
    bool own = order->origin != ORIGIN_OFFICER;
    if (own && exchanges->figures.open >= EXCHANGES_OWN_MAX) {
        return EXCHANGE_NOT_HUB_BUSY; /* officers find room while a county comes up */
    }
    struct exchange *exchange = free_place(exchanges, order, &refusal);
    if (exchange == NULL) {
        return refusal;
    }
    *exchange = (struct exchange){
        .qn_ms = next_qn(exchanges, turn->wall),
        .begin_ms = order->begin.ms,
        .end_ms = order->end.ms,
        .device = order->device,
        .cn = order->row->cn,
        .st = order->st,
        .overtime_s = order->overtime_s,
        .recount = order->recount,
        .edition = order->edition,
        .origin = order->origin,
        .code = -1,
    };
    char qn[18];
    event_time_write_qn((struct event_time){exchange->qn_ms}, qn);
    exchange->by_size = keep(exchange->by, sizeof exchange->by,
        own ? slice_of(exchange_origin_name(order->origin)) : order->by);
    exchange->id_size = keep(exchange->id, sizeof exchange->id, own ? slice_of(qn) : order->id);
    exchange->cp_size = keep(exchange->cp, sizeof exchange->cp, order->cp);
    exchange->names_size = keep(exchange->names, sizeof exchange->names, order->names);
    exchange->under_size = keep(exchange->under, sizeof exchange->under, order->under);
    exchanges->figures.open += 1;
    exchanges->peers[order->device].open += 1;
    send(turn, exchange);
    return EXCHANGE_NOT_NONE;
}

void exchanges_time(const struct exchange_turn *turn)
{
    struct exchanges *exchanges = turn->state;
    if (exchanges->figures.open == 0) {
        return;
    }
    for (size_t i = 0; i < EXCHANGES_MAX; i++) {
        struct exchange *slot = &exchanges->slots[i];
        if (!is_open(slot) || turn->listening_ms < slot->due_ms) {
            continue;
        }
        if (slot->state == EXCHANGE_REQUESTED && slot->sent <= slot->recount) {
            send(turn, slot);
        } else {
            advance(turn, slot, EXCHANGE_TIMED_OUT, NULL);
        }
    }
}

void exchanges_tick(const struct exchange_turn *turn)
{
    enum { DEVICES_A_TICK = 64 };
    struct exchanges *exchanges = turn->state;
    uint32_t count = turn->registry->device_count;
    for (uint32_t i = 0; turn->up && i < count && i < DEVICES_A_TICK; i++) {
        uint32_t device = exchanges->cursor < count ? exchanges->cursor : 0;
        exchanges->cursor = device + 1;
        contact_go_on(turn, device);
        lost_go_on(turn, device);
    }
}

void exchanges_restart(const struct exchange_turn *turn)
{
    struct exchanges *exchanges = turn->state;
    for (size_t i = 0; i < EXCHANGES_MAX; i++) {
        if (is_open(&exchanges->slots[i])) {
            advance(turn, &exchanges->slots[i], EXCHANGE_UNKNOWN, NULL);
        }
    }
}

void exchanges_drop(const struct exchange_turn *turn, const struct registry *to)
{
    struct exchanges *exchanges = turn->state;
    for (size_t i = 0; i < EXCHANGES_MAX; i++) {
        struct exchange *slot = &exchanges->slots[i];
        if (slot->state == EXCHANGE_NONE ||
            registry_device(to, turn->registry->devices[slot->device].mn) != NONE) {
            continue;
        }
        if (is_open(slot)) {
            advance(turn, slot, EXCHANGE_UNKNOWN, NULL);
        }
        *slot = (struct exchange){0};
    }
}

void exchanges_carry(
    const struct registry *from, const void *from_state, const struct registry *to, void *to_state)
{
    const struct exchanges *old = from_state;
    struct exchanges *new = to_state;
    memcpy(new, old, sizeof *new);
    for (uint32_t i = 0; i < to->device_count; i++) {
        uint32_t was = registry_device(from, to->devices[i].mn);
        new->peers[i] = was == NONE ? (struct peer){0} : old->peers[was];
    }
    for (size_t i = 0; i < EXCHANGES_MAX; i++) {
        struct exchange *slot = &new->slots[i];
        if (slot->state != EXCHANGE_NONE) {
            slot->device = registry_device(to, from->devices[slot->device].mn);
            assert(slot->device != NONE); /* exchanges_drop */
        }
    }
}

struct exchange_figures exchanges_figures(const void *state)
{
    return ((const struct exchanges *)state)->figures;
}
