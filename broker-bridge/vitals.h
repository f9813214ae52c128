/* vitals -- what the hub's thread knows of its own health, left where the HTTP threads can read it.
 *
 * Shape    for a check of unit MS the instant since which it is so; for the others the value itself.
 *          An age is made when somebody asks: a loop that hangs grows old without doing anything.
 * Units    mono_time; 0 ms: not so.
 * Memory   the caller's struct, by vitals_init; nothing to free.
 * Errors   none.
 * Threads  any thread.
 *
 * The hub's part:
 *   LOOP each turn        START from the begin until recovered   SYNC around each commit
 *   SESSION since down    DRAIN since connected, until up        PROBE its last return, while up
 *   BACKLOG while what had come at the mark is not done          REDIS since away
 *   PUBLISHES while the oldest waits for its acknowledgement
 */
#ifndef BROKER_BRIDGE_VITALS_H
#define BROKER_BRIDGE_VITALS_H

#include <pthread.h>
#include <stdatomic.h>

#include "broker-bridge/health.h"

struct vitals {
    _Atomic int64_t marks[HEALTH_CHECK_COUNT];
    pthread_mutex_t lock;        /* over details */
    struct health_input details; /* its values are not used */
};

void vitals_init(struct vitals *vitals);

void vitals_since(struct vitals *vitals, enum health_check which, struct mono_time since);
void vitals_well(struct vitals *vitals, enum health_check which); /* whatever its unit; no detail */
void vitals_count(struct vitals *vitals, enum health_check which, int64_t value);

/* It is so from now on; when it is so already, its instant stays. */
void vitals_begin(struct vitals *vitals, enum health_check which, struct mono_time now);
void vitals_because(struct vitals *vitals, enum health_check which, const char *words);

/* What health_judge wants, as of now. */
void vitals_read(struct vitals *vitals, struct mono_time now, struct health_input *input);

#endif
