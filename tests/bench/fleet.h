/* fleet -- the devices of a bench, and the messages that they send in turn.
 *
 * Shape    message i is of device i modulo the count, and each device tells a minute with each message, as after a
 *          night without the hub: no county's device tells more. Its QN is that minute plus as many ms as its device
 *          is behind the first: every message is new, and an answer's QN says which message it answers.
 * Memory   fleet_read and fleet_messages allocate, for as long as the program runs.
 * Errors   an unreadable list ends the program with status 2.
 * Threads  one.
 */
#ifndef TESTS_BENCH_FLEET_H
#define TESTS_BENCH_FLEET_H

#include "tests/bench/frames.h"
#include "tests/bench/wire.h"

enum { FLEET_MAX = 1000, FLEET_MN_SIZE = 25, FLEET_TOPIC_SIZE = 96 };

struct fleet {
    const char *area;
    size_t device_count; /* a multiple of FLEET_CONNECTIONS, which the devices share */
    char mns[FLEET_MAX][FLEET_MN_SIZE];
    char topics[FLEET_MAX][FLEET_TOPIC_SIZE];
    struct event_time base; /* a whole second */
    size_t count;
    char (*frames)[FRAME_SPACE];
};

enum { FLEET_CONNECTIONS = 4 };

/* A list of MNs, one a line. */
void fleet_read(struct fleet *fleet, const char *path, const char *area);

struct event_time fleet_time(const struct fleet *fleet, size_t index); /* its QN */

/* `count` messages from `base` on. spike: every so many-th message of a device has a high SO2; 0: none. */
void fleet_messages(
    struct fleet *fleet, struct event_time base, size_t count, bool asks, size_t spike);
bool fleet_spikes(const struct fleet *fleet, size_t index, size_t spike);

struct wire_message fleet_message(const struct fleet *fleet, size_t index);
size_t fleet_answered(const struct fleet *fleet, struct slice answer); /* count: none of them */

#endif
