/* redis_sink -- follow what was said, and keep Redis equal to it.
 *
 *   journal (said, committed) --batches--> one script each --> ems:{<area>}:...
 *   latest values, health ----coalesced--/
 *
 * Source   design: "Redis", "Effects, once"; the layout: docs/redis.md.
 * Shape    a thread of its own. Each batch says which position it follows and which it leads to; where
 *          Redis has another (FLUSHALL, power cut, a new server), the sink goes on from that one. A
 *          probe each second finds that out without traffic too.
 * Units    ms; positions are sequences of the said stream.
 * Memory   owns its copies; redis_sink_stop gives all back.
 * Errors   none reach the caller: Redis away or refusing is a figure and a log line, and is tried
 *          again. A higher epoch in Redis ends the writing for good: figures.taken_over.
 * Threads  start, stop: the hub's; the rest: any. Nothing here ever waits for Redis, except stop (some
 *          seconds at most) and peek (likewise).
 */
#ifndef SINKS_REDIS_SINK_H
#define SINKS_REDIS_SINK_H

#include "journal/journal.h"
#include "schemas/message.h"
#include "sinks/redis_link.h"

struct redis_sink_options {
    struct redis_target target; /* its strings must outlive the sink */
    const struct journal *journal;
    const char *directory; /* of that journal */
    struct slice area;
    uint32_t epoch; /* of the start; later ones are read in the records */
};

struct redis_sink;

struct redis_sink *redis_sink_start(const struct redis_sink_options *options);

/* Writes what is committed, if Redis takes it within two seconds, and ends. */
void redis_sink_stop(struct redis_sink *sink);

/* After a commit that covers a transition or something quarantined; other records may wait for the
 * next second. */
void redis_sink_wake(struct redis_sink *sink);

/* An accepted message: its values become the device's latest once the said record of this sequence is
 * committed. Older data than what is known of the same kind (CN) changes nothing. */
void redis_sink_message(struct redis_sink *sink, uint64_t said, const struct message *message,
    struct event_time arrival);

/* The health document, a JSON object: its members become fields of ems:{<area>}:hub. */
void redis_sink_health(struct redis_sink *sink, struct slice json);

struct redis_sink_figures {
    bool connected, taken_over;
    uint64_t position; /* everything said up to here is in Redis, or has no place there */
    uint64_t lag;      /* records committed behind it */
    uint64_t connects, rebuilds, batches, commands, failures;
    uint64_t unreadable; /* said records that are not what they should be: a fault of ours */
    char error[160];     /* the last one; empty: all is well */
};
struct redis_sink_figures redis_sink_figures(struct redis_sink *sink);

/* Ask Redis once, before the hub chooses its epoch, what the last writer left there: both 0 when
 * nobody did. */
MUST_USE enum status redis_sink_peek(
    const struct redis_target *target, struct slice area, uint32_t *epoch, uint64_t *position);

#endif
