/* redis_batch -- commands to Redis that happen together, or not at all if Redis is not where we think.
 *
 *   EVALSHA <sha> n  <sink> <key> <key> ...  <epoch> <was> <now>  <words> <command> <word> ... ...
 *
 * Source   design: "Redis" (a script that checks the epoch and its own last position and moves both).
 * Shape    each command has one key, its first argument; all keys carry {<area>}: one cluster slot, all
 *          declared. An XADD whose id is already there is success: Redis had it.
 * Memory   words are copied; redis_batch_reset forgets them, redis_batch_free gives all back.
 * Errors   the outcomes. Commands before one that is refused stay done: each can be repeated.
 * Threads  one thread.
 */
#ifndef SINKS_REDIS_BATCH_H
#define SINKS_REDIS_BATCH_H

#include "core/arena.h"
#include "core/time.h"
#include "sinks/redis_link.h"

struct redis_words {
    struct slice *at;
    size_t count, capacity;
};

struct redis_batch {
    struct arena arena;
    struct redis_words keys, arguments;
    size_t open_at;   /* argument that will hold the number of words of the last command */
    char sha[40 + 1]; /* of the script, as this server named it; empty: not loaded */
};

/* A command on a key; what is added next are its further arguments. */
void redis_batch_command(struct redis_batch *batch, const char *name, struct slice key);
void redis_batch_add(struct redis_batch *batch, struct slice word);
void redis_batch_add_text(struct redis_batch *batch, const char *word);
void redis_batch_add_int(struct redis_batch *batch, int64_t value);
void redis_batch_add_time(struct redis_batch *batch, struct event_time time);

size_t redis_batch_count(const struct redis_batch *batch); /* commands */
void redis_batch_reset(struct redis_batch *batch);
void redis_batch_free(struct redis_batch *batch);

enum { POSITION_SIZE = 24 };

/* Who writes, and from where to where: positions in decimal; was "" when nobody has written yet. */
struct redis_claim {
    struct slice sink_key;
    uint32_t epoch;
    const char *was, *now;
};

enum redis_outcome {
    REDIS_DONE,      /* Redis stands at claim.now */
    REDIS_ELSEWHERE, /* Redis stands at result.position, left there by result.epoch; nothing done */
    REDIS_TAKEN,     /* a higher epoch writes: result.epoch; nothing done */
    REDIS_REFUSED,   /* a command or the script was refused: result.error */
    REDIS_LOST,      /* no connection any more: result.error; done or not */
};

struct redis_result {
    enum redis_outcome outcome;
    char position[POSITION_SIZE];
    uint32_t epoch;
    char error[REDIS_ERROR_SIZE];
};

struct redis_result redis_batch_send(
    struct redis_batch *batch, struct redis_link *link, const struct redis_claim *claim);

#endif
