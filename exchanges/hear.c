#include <assert.h>

#include "core/hash.h"
#include "exchanges/slots.h"

enum {
    CN_ACCEPTED = 9011,
    CN_EXECUTED = 9012,
    CN_NOTED = 9013,
    ST_ELECTRICITY = 44,
    ST_CONDITION = 45,
    ST_INTERACTION = 91,
};

static struct slice plain_field(const struct message *message, const char *name)
{
    for (size_t i = 0; i < message->field_count; i++) {
        if (slice_is(message->fields[i].name, name)) {
            return message->fields[i].value;
        }
    }
    return (struct slice){0};
}

/* Who answers: a device; or, before that has its MN, the user that may publish for it. */
struct answerer {
    uint32_t device;
    struct slice user;
};

static bool is_asked(
    const struct registry *registry, const struct exchange *slot, struct answerer answerer)
{
    if (answerer.device != NONE) {
        return slot->device == answerer.device;
    }
    return request_before_mn(request_of(slot->cn)) &&
           slice_equal(device_user(&registry->devices[slot->device]), answerer.user);
}

/* The request whose QN the answer bears; in 2005 it stands in CP. */
static struct exchange *find_by_qn(
    const struct exchange_turn *turn, struct answerer answerer, const struct message *message)
{
    struct exchanges *exchanges = turn->state;
    struct event_time time;
    struct slice qn = plain_field(message, "QN");
    if (!event_time_from_cst(qn.size > 0 ? qn : message->qn, &time)) {
        return NULL;
    }
    for (size_t i = 0; i < EXCHANGES_MAX; i++) {
        struct exchange *slot = &exchanges->slots[i];
        if (slot->state != EXCHANGE_NONE && slot->qn_ms == time.ms &&
            is_asked(turn->registry, slot, answerer)) {
            return slot;
        }
    }
    return NULL;
}

/* Data that was asked for bears a QN of its own; it is told by its command and its time. */
static struct exchange *find_by_cn(struct exchanges *exchanges, const struct message *message)
{
    for (size_t i = 0; i < EXCHANGES_MAX; i++) {
        struct exchange *slot = &exchanges->slots[i];
        if (!is_open(slot) || slot->device != message->device || slot->cn != message->cn_code ||
            slot->names_size >
                0) { /* 1014 of a device is its wish for a key, and answers nothing */
            continue;
        }
        int64_t at_ms = message->has_data_time ? message->data_time.ms : 0;
        bool within = slot->end_ms == 0 || (at_ms >= slot->begin_ms && at_ms <= slot->end_ms);
        return within ? slot : NULL;
    }
    return NULL;
}

static int code_of(const struct message *message, const char *name)
{
    uint64_t code;
    return slice_to_uint(plain_field(message, name), 999, &code) ? (int)code : -1;
}

static void hear_accepted(
    const struct exchange_turn *turn, struct exchange *exchange, const struct message *message)
{
    int code = code_of(message, "QnRtn");
    if (exchange->state != EXCHANGE_REQUESTED || code < 0) {
        return; /* the answer to a repeat, or one that says nothing */
    }
    exchange->code = code;
    exchange->due_ms = due_in(turn, request_of(exchange->cn)->within_s);
    advance(turn, exchange, code == 1 ? EXCHANGE_ACCEPTED : EXCHANGE_REFUSED, message);
}

/* What it was given it uses from here on. */
static void note_key(const struct exchange_turn *turn, const struct exchange *exchange)
{
    struct exchanges *exchanges = turn->state;
    if (exchange->under_size > 0 && exchange->code == 1) {
        exchanges->peers[exchange->device].key =
            hash64(slice_from(exchange->names, exchange->names_size));
    }
}

static void hear_executed(
    const struct exchange_turn *turn, struct exchange *exchange, const struct message *message)
{
    int code = code_of(message, "ExeRtn");
    if (code >= 0) {
        exchange->code = code;
        note_key(turn, exchange);
        advance(turn, exchange, code == 1 ? EXCHANGE_DONE : EXCHANGE_FAILED, message);
    }
}

/* A fact that was asked for (1000s, 3000s) is told each time it comes, of a row of data the first. */
static void hear_data(
    const struct exchange_turn *turn, struct exchange *exchange, const struct message *message)
{
    const struct request_row *row = request_of(exchange->cn);
    bool endless = row->ends == REQUEST_DATA && exchange->end_ms == 0;
    bool rows = exchange->cn / 1000 == 2;
    if (endless && exchange->state == EXCHANGE_REQUESTED) {
        return; /* it may have been coming all the time */
    }
    exchange->data += 1;
    exchange->due_ms = due_in(turn, row->within_s);
    if (endless) {
        advance(turn, exchange, EXCHANGE_DONE, message);
    } else if (exchange->data == 1 || !rows) {
        advance(turn, exchange, EXCHANGE_EXECUTING, message);
    }
}

/* What it measures is its ST; 44 and 45 stand beside that. */
static void note_peer(struct peer *peer, const struct message *message)
{
    bool beside = message->st_code == ST_ELECTRICITY || message->st_code == ST_CONDITION;
    if (message->st_code <= 0 || message->st_code == ST_INTERACTION) {
        return;
    }
    peer->edition = (uint8_t)message->edition;
    if (message->key_used.size > 0 && message->qn_time.ms > peer->key_ms) {
        peer->key = hash64(message->key_used);
        peer->key_ms = message->qn_time.ms;
    }
    if (!beside || peer->st == 0) {
        peer->st = (uint8_t)message->st_code;
    }
}

static bool names_qn(const struct message *message)
{
    return message->cn_code >= CN_ACCEPTED && message->cn_code <= CN_NOTED;
}

static void hear_answer(
    const struct exchange_turn *turn, struct answerer answerer, const struct message *message)
{
    struct exchange *exchange =
        names_qn(message) ? find_by_qn(turn, answerer, message) : find_by_cn(turn->state, message);
    if (exchange == NULL) {
        return;
    }
    if (message->cn_code == CN_ACCEPTED) {
        hear_accepted(turn, exchange, message);
    } else if (message->cn_code == CN_EXECUTED) {
        hear_executed(turn, exchange, message);
    } else if (message->cn_code != CN_NOTED) {
        hear_data(turn, exchange, message);
    } else if (request_of(exchange->cn)->ends == REQUEST_NOTICE) {
        advance(turn, exchange, EXCHANGE_DONE, message);
    }
}

void exchanges_hear(const struct exchange_turn *turn, const struct message *message)
{
    struct exchanges *exchanges = turn->state;
    assert(message->device < turn->registry->device_count);
    struct peer *peer = &exchanges->peers[message->device];
    if (message->format != FORMAT_HJ212) {
        return;
    }
    note_peer(peer, message);
    if (peer->open > 0 || names_qn(message)) {
        hear_answer(turn, (struct answerer){.device = message->device}, message);
    }
    contact_hear(turn, peer, message);
    lost_hear(turn, peer, message);
    peer->heard_ms = turn->listening_ms;
}

void exchanges_hear_new(
    const struct exchange_turn *turn, struct slice user, const struct message *message)
{
    if (names_qn(message)) {
        hear_answer(turn, (struct answerer){.device = NONE, .user = user}, message);
    }
}
