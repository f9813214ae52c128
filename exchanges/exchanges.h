/* exchanges -- the host's requests to devices, each from its intent to its end.
 *
 *   requested --9011--> accepted --data--> executing --9012--> done, failed (also late: after its end)
 *      | repeats: same QN     \-- not 1 --> refused               a notice: --9013--> done
 *      \-- OverTime x (ReCount + 1), or patience --> timed-out    a restart: --> unknown
 *
 * Source   HJ 212-2017 6.5 and table 1; design: "Effects, once" (at most once: the intent is said and committed
 *          before the frame leaves, an unfinished one is never sent again after a restart).
 * Shape    one flat state of exchanges_state_size(devices) bytes, zeroed = nothing asked, no pointers. Each
 *          change is told to the sink; `send` with it: the request is to leave, after the commit. An answer
 *          belongs to a request by (MN, QN) for 9011 to 9013, by (MN, CN) for data; one request is open for
 *          each (MN, CN).
 * Units    timers run in listening time: while the hub is deaf nobody can answer it.
 * Memory   EXCHANGES_MAX open in the area, EXCHANGES_PER_DEVICE with a device; nothing allocated. What timed
 *          out or is unknown keeps its place until it is needed: a late answer still tells what was done.
 * Errors   what is not sent is refused with a reason.
 * Threads  one thread.
 */
#ifndef EXCHANGES_EXCHANGES_H
#define EXCHANGES_EXCHANGES_H

#include "schemas/registry.h"
#include "schemas/request.h"

enum {
    EXCHANGES_MAX = 256,
    EXCHANGES_OWN_MAX = 192, /* open, of the area: beyond that the hub asks nothing by itself */
    EXCHANGES_PER_DEVICE = 4,
    EXCHANGE_CP_SIZE = 400,
    EXCHANGE_ID_SIZE = 64,
    EXCHANGE_BY_SIZE = 80,
    EXCHANGE_NAME_SIZE = 64,
};

enum exchange_state {
#define EXCHANGE_STATE(id, name, over, zh, en) EXCHANGE_##id,
#include "schemas/exchange_states.def"
#undef EXCHANGE_STATE
    EXCHANGE_STATE_COUNT
};

enum exchange_refusal {
#define EXCHANGE_REFUSAL(id, name, zh, en) EXCHANGE_NOT_##id,
#include "schemas/exchange_refusals.def"
#undef EXCHANGE_REFUSAL
    EXCHANGE_REFUSAL_COUNT
};

/* Who wants it: an officer or a system; or the hub by itself. */
enum exchange_origin { ORIGIN_OFFICER, ORIGIN_CONTACT, ORIGIN_CLOCK, ORIGIN_LOST };

/* What is to be asked of a device. Slices are the caller's. */
struct order {
    enum exchange_origin origin;
    uint32_t device;
    const struct request_row *row;
    enum edition edition;
    int st;
    int32_t overtime_s, recount;
    struct slice by, id;          /* whose command it is, and its id; of the hub's own: empty */
    struct slice cp;              /* what stands between the ampersands */
    struct slice names, under;    /* 1014: the key that is set, and that under which it is sent */
    struct event_time begin, end; /* of the data asked for; 0: not limited */
};

/* One request, as it stands. */
struct exchange {
    int64_t qn_ms;  /* its QN, as a time */
    int64_t due_ms; /* listening time of the next repeat, or of the end of patience */
    int64_t begin_ms, end_ms;
    uint32_t device;
    int32_t cn, st;
    int32_t overtime_s, recount, sent; /* sent: how often */
    uint32_t state;                    /* enum exchange_state; EXCHANGE_NONE: a free place */
    uint32_t edition, origin;
    int32_t code;  /* QnRtn or ExeRtn as it came last; -1: none yet */
    uint32_t data; /* pieces of it that came */
    uint16_t by_size, id_size, cp_size, names_size, under_size;
    char by[EXCHANGE_BY_SIZE], id[EXCHANGE_ID_SIZE], cp[EXCHANGE_CP_SIZE];
    char names[EXCHANGE_NAME_SIZE], under[EXCHANGE_NAME_SIZE];
};

/* A change of one request. */
struct exchange_step {
    const struct exchange *exchange;
    bool send; /* the request leaves now */
    bool late; /* it was taken to be over: timed out, or unknown since a restart */
    const struct message *answer; /* that brought it about; NULL: time or a restart did */
};

typedef void exchange_sink(void *context, const struct exchange_step *step);

/* The state, the time, and who listens. */
struct exchange_turn {
    const struct registry *registry;
    void *state;
    int64_t listening_ms;
    struct event_time wall;
    bool up; /* the session is up and drained: only then does the hub ask by itself */
    exchange_sink *emit;
    void *context;
};

size_t exchanges_state_size(uint32_t device_count);
void exchanges_fetch(const void *state, uint32_t device); /* of which a message is read now */

/* Whether this user has sent this command id before; remembered from now on. */
bool exchanges_seen(const struct exchange_turn *turn, struct slice by, struct slice id);

/* What is known of a device: its row, else what its frames told; EDITION_UNKNOWN and 0: nothing. */
struct exchange_peer {
    enum edition edition;
    int st;
    uint64_t key; /* hash64 of the id of that under which its newest encrypted frame was; 0: none */
};
struct exchange_peer exchanges_peer(const struct exchange_turn *turn, uint32_t device);

enum exchange_refusal exchanges_ask(const struct exchange_turn *turn, const struct order *order);
void exchanges_hear(const struct exchange_turn *turn, const struct message *message);

/* A frame without MN from new/<user>: may be the answer to what gave a device its MN. */
void exchanges_hear_new(
    const struct exchange_turn *turn, struct slice user, const struct message *message);
void exchanges_time(const struct exchange_turn *turn);

/* At each tick: what the hub asks by itself, of some devices in turn. */
void exchanges_tick(const struct exchange_turn *turn);
void exchanges_restart(const struct exchange_turn *turn);

/* A new registry comes: requests to devices that it does not have end; then the rest goes over. */
void exchanges_drop(const struct exchange_turn *turn, const struct registry *to);
void exchanges_carry(
    const struct registry *from, const void *from_state, const struct registry *to, void *to_state);

struct exchange_figures {
    uint64_t open;
    uint64_t ended[EXCHANGE_STATE_COUNT]; /* by their last state */
    uint64_t gaps;    /* of data that did not come, found since the first start */
    uint64_t unheard; /* requests in a row that no device answered at all */
};
struct exchange_figures exchanges_figures(const void *state);

/* exchanges/segment.c: the data segment of the request. */
void exchange_segment(
    const struct exchange *exchange, const struct device *device, struct text *text);

/* exchanges/words.c */
bool exchange_over(enum exchange_state state);
const char *exchange_origin_name(enum exchange_origin origin); /* of the hub's own */

struct exchange_words {
    const char *name, *zh, *en;
};
struct exchange_words exchange_state_words(enum exchange_state state);
struct exchange_words exchange_refusal_words(enum exchange_refusal refusal);

#endif
