/* redis_follow -- the sink without its thread: one step after the other along the said stream.
 *
 * Source   design: "Redis".
 * Shape    each step connects, or learns where Redis stands, or sends one batch.
 * Memory   owns reader, batch and the latest words; options.target's strings are the caller's.
 * Errors   the turns; words in figures.error and one log line at each change.
 * Threads  one thread steps; `latest` may be filled by others.
 */
#ifndef SINKS_REDIS_FOLLOW_H
#define SINKS_REDIS_FOLLOW_H

#include "sinks/latest.h"
#include "sinks/redis_batch.h"
#include "sinks/redis_sink.h"

enum follow_turn {
    FOLLOW_IDLE, /* Redis has all there is */
    FOLLOW_MORE, /* step again */
    FOLLOW_AWAY, /* Redis is away or refuses: wait before the next step */
    FOLLOW_OVER, /* another hub writes, or the journal cannot be read: never again */
};

struct follow {
    struct redis_sink_options options;
    struct slice area; /* owned copy */
    struct slice sink_key;
    char sink_key_space[160];
    struct redis_link link;
    struct redis_batch batch;
    struct latest *latest;
    struct journal_reader *reader; /* NULL: to be opened behind `scanned` */
    struct record held;            /* read and not committed yet, or not sent */
    bool has_held;
    uint32_t epoch;
    char at[POSITION_SIZE]; /* where Redis stands; "?" not known, "" nowhere */
    uint64_t scanned;       /* in Redis or in the batch up to here */
    uint64_t written;       /* the highest position Redis took from this process */
    bool probe_due; /* say something to Redis at the next step, whether there is news or not */
    struct redis_sink_figures figures;
};

void follow_init(struct follow *follow, const struct redis_sink_options *options);
void follow_free(struct follow *follow);
enum follow_turn follow_step(struct follow *follow);

#endif
