/* messages -- what the county's devices send between two instants, in the order of time.
 *
 * Source   house; HJ 212-2017 and RFC 8428 through encode.h.
 * Shape    each device once an interval, at its own place in it.
 * Units    ms since 1970.
 * Memory   a message's slices live until the taker returns.
 * Errors   none of its own: false when the taker has had enough.
 * Threads  pure.
 */
#ifndef SIMULATOR_MESSAGES_H
#define SIMULATOR_MESSAGES_H

#include "simulator/county.h"

struct county_message {
    uint32_t device;
    int64_t at_ms;
    struct slice topic, payload, qn;
    struct slice again; /* what is sent where no answer comes: 2025 marks it */
};

typedef bool message_taker(void *context, const struct county_message *message);

bool messages_walk(const struct county *county, int64_t from_ms, int64_t to_ms, message_taker *take,
    void *context);

/* The same as lines for `hjhub replay`, and a last tick at to_ms; context of the taker: a FILE. */
bool messages_write_lines(const struct county *county, int64_t from_ms, int64_t to_ms, void *out);

#endif
