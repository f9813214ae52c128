/* slot -- one instance's alarm in the state, and the steps that change it; private to alarms/.
 *
 * Shape    zero is normal. A run is one stretch in which the condition holds: it begins at a yes, goes on
 *          through unknown, and ends at a no; what is held excludes the unknown, what lasts does not.
 * Units    ms; hub_ms and local_ms say how far the slot has been brought on both clocks.
 * Memory   flat, no pointers: its bytes are part of a checkpoint.
 * Errors   none.
 * Threads  one thread.
 */
#ifndef ALARMS_SLOT_H
#define ALARMS_SLOT_H

#include "alarms/alarms.h"
#include "core/hash.h"

enum alarm_event {
#define ALARM_EVENT(id, by, what) EVENT_##id,
#include "alarms/events.def"
#undef ALARM_EVENT
    EVENT_COUNT
};

struct slot {
    uint8_t state;          /* enum alarm_state */
    uint8_t severity;       /* of the alarm */
    uint8_t voted_severity; /* of the last vote of yes */
    uint8_t when, clear;    /* enum tri: the last vote */
    uint8_t voted;          /* there was one */
    uint8_t runs;           /* a run is on */
    uint8_t over;           /* latched, and its condition is over */
    uint32_t number;
    uint8_t covered; /* by the last vote: the other table's alarm speaks for it */
    uint8_t padding_too[3];
    int64_t hub_ms, local_ms;
    int64_t run_begun_ms; /* event time */
    int64_t run_held_ms, run_lasted_ms;
    int64_t clear_held_ms;
    int64_t onset_ms;       /* event time at which the run began that raised the alarm last */
    int64_t lasted_ms;      /* from there until it cleared, or until now */
    int64_t shelved_hub_ms; /* until then on the hub's clock; 0: not shelved */
    int64_t shelved_ms;     /* the same as the officer said it */
    uint64_t run_record, onset_record; /* the records at which run and onset were noticed */
    struct hash128 id;
};

/* What every step works on. */
struct alarm_job {
    const struct alarm_table *table;
    void *state;
    uint32_t instance;
    const struct instance *rule;
    struct slot *slot;
    transition_sink *emit;
    void *context;
};

struct slot *slot_of(const struct alarm_table *table, void *state, uint32_t instance);
struct alarm_job job_of(const struct alarm_table *table, void *state, uint32_t instance,
    transition_sink *emit, void *context);

void slot_write_id(struct hash128 id, char out[static ALARM_ID_SIZE + 1]);

/* Bring both clocks of the slot to this instant. */
void slot_advance(struct slot *slot, int64_t hub_ms, int64_t local_ms);

/* Whether the table has a row for it. */
bool slot_may(const struct slot *slot, enum alarm_event event);

/* Change by the row; said unless neither end is open. The command, if any, lends its words. */
void slot_change(
    struct alarm_job *job, enum alarm_event event, const struct alarm_command *command);

/* To an instant that may lie before: what was held there is not held here. */
void slot_rewind(struct slot *slot, int64_t hub_ms, int64_t local_ms);

void slot_unshelve(struct slot *slot);

/* Whatever is due at the slot's instant; then the timer for what comes next. */
void slot_settle(struct alarm_job *job);
void slot_set_timer(struct alarm_job *job);

#endif
