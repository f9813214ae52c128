/* alarms -- votes in, transitions out: the life cycle of every instance's alarm.
 *
 *   normal --when yes--> pending --raise_after--> active-unack --ack--> active-ack
 *   active-* --clear yes for clear_after--> cleared-* ; cleared-unack --ack--> cleared-ack
 *   cleared-* --when yes for raise_after--> active-unack (the same alarm) ; cleared-ack --close--> closed
 *
 *   a latched alarm stays active when it is over, until an officer closes it
 *   every row: transitions.def
 *
 * Source   ISA-18.2 / IEC 62682; design: "Rules" (unknown pauses the timers: it neither resets nor
 *          runs them), "Effects, once" (an alarm's id comes from area, subject, rule and onset).
 * Shape    one flat state of alarms_state_size(count) bytes, zeroed = all normal, no pointers. While nothing is the matter
 *          its first alarms_rest_size(count) bytes are in use, and a slot more for each alarm that is there or was.
 *          A raise or clear that hub time makes due is stamped with the instant it fell due.
 * Units    ms; timers run on the instance's local clock: between votes it runs with the hub's.
 * Memory   none allocated; a transition's slices live until the sink returns.
 * Errors   a command that cannot be obeyed is answered with a reason; none otherwise.
 * Threads  one thread.
 */
#ifndef ALARMS_ALARMS_H
#define ALARMS_ALARMS_H

#include "core/table.h"
#include "core/timers.h"
#include "schemas/alarm.h"

/* One vote, in the terms of this stage (detectors/ has its own; the pipeline hands over). */
struct alarm_vote {
    uint32_t instance;
    enum tri when, clear;
    enum severity severity;
    bool severity_unsure; /* a run keeps the severity that it has */
    int64_t hub_ms, local_ms;
    struct event_time event;
    uint64_t record; /* sequence of the record that made it */
    bool covered;    /* an alarm of the other table speaks for this: it is not raised */
};

struct transition {
    uint32_t instance;
    char alarm[ALARM_ID_SIZE + 1]; /* hex; changes within normal, pending, closed are not said */
    enum alarm_state from, to;
    enum severity severity, graded;  /* as it is told, and as the rule has it: deadlines raise it */
    uint32_t number;                 /* counts this alarm's transitions from 1 */
    int64_t hub_ms;                  /* when it fell due on the hub's clock */
    struct event_time onset;         /* event time at which the condition began to hold */
    uint64_t onset_record;           /* its evidence begins there */
    bool over;                       /* the condition holds no longer */
    int64_t lasted_ms;               /* how long it has lasted, or had lasted when it cleared */
    struct event_time shelved_until; /* 0: not shelved */
    char parent[ALARM_ID_SIZE + 1];  /* the alarm that explains it, or did until now; empty: none */
    bool suppressed, shadow, out_of_service;   /* why it is held back: recorded, not announced */
    struct event_time out_until;               /* 0: no end */
    bool chattering;                           /* it is held active until it has been quiet */
    bool announced;                            /* the world has heard of this alarm */
    int64_t acknowledge_due_ms, verify_due_ms; /* on the hub's clock; 0: nothing is due */
    struct slice by, reason; /* whose doing, and why; empty: the condition's own */
    struct slice finding, assignee, answer, order; /* of the command that caused it; empty: none */
};

typedef void transition_sink(void *context, const struct transition *transition);

/* instances are read through the program by the caller; alarms/ sees this table only. */
struct alarm_table {
    const struct instance *const *instances; /* count pointers */
    uint32_t count;
    struct slice area;
    struct table by_fingerprint; /* what may be kept when rules or registry are loaded again */
    bool
        late; /* of what came late: only votes move its conditions, in event time; the hub's time does not */
    struct table by_name; /* of rule and subject */
    const uint32_t *child_first,
        *children; /* of instance i: children[first[i]] to [first[i + 1]] */
};

/* The pointers stay the caller's; the index is the arena's. */
struct alarm_table alarm_table_new(const struct instance *const *instances, uint32_t count,
    struct slice area, struct arena *arena);

/* The instance of the table that is the same as this one of another; NONE. */
uint32_t alarms_find(const struct alarm_table *table, const struct instance *instance);

size_t alarms_state_size(uint32_t count);
size_t alarms_rest_size(uint32_t count);

/* Whether an instance's alarm, or the memory of one, takes more than its part of that. */
bool alarms_lent(const struct alarm_table *table, const void *state, uint32_t instance);

void alarms_vote(const struct alarm_table *table, void *state, const struct alarm_vote *vote,
    transition_sink *emit, void *context);

int64_t alarms_due(const struct alarm_table *table, void *state);
void alarms_time(const struct alarm_table *table, void *state, int64_t hub_ms,
    transition_sink *emit, void *context);

/* An officer's or system's command. */
enum alarm_action {
#define ALARM_ACTION(id, name, event, needs, zh, en) ALARM_##id,
#include "alarms/actions.def"
#undef ALARM_ACTION
    ALARM_ACTION_COUNT
};

struct alarm_command {
    enum alarm_action action;
    struct slice alarm;         /* alarm id; or, of out-of-service and in-service: */
    struct slice rule, subject; /* whether or not an alarm of theirs is open */
    int64_t seen_number;        /* the transition number the officer saw; -1: not said */
    struct slice by, reason, finding, assignee, answer, order;
    int64_t hub_ms;
    struct event_time wall;  /* the same instant on the wall clock */
    struct event_time until; /* shelve, out-of-service; 0: not said */
};

enum alarm_answer {
#define ALARM_ANSWER(id, name, zh, en) ALARM_ANSWER_##id,
#include "schemas/alarm_answers.def"
#undef ALARM_ANSWER
    ALARM_ANSWER_COUNT
};

enum alarm_answer alarms_command(const struct alarm_table *table, void *state,
    const struct alarm_command *command, transition_sink *emit, void *context);

/* An instance has two alarms: one of what came live, one of what came late (table->late). They are one where
 * they speak of the same time; these three hold them apart. */

/* Whether its alarm, the last one if it is closed, is active or was at that event time. */
bool alarms_covers(
    const struct alarm_table *table, const void *state, uint32_t instance, int64_t event_ms);

/* Late data goes on where live data broke off: what was pending there is pending here, as of local_ms. */
void alarms_share(const struct alarm_table *table, const void *state, uint32_t instance, void *late,
    int64_t local_ms);

/* What was pending and shared has ended there: it ends here too. */
void alarms_end_shared(const struct alarm_table *table, void *state, uint32_t instance,
    const void *late, transition_sink *emit, void *context);

/* Whether an open alarm has this id. */
bool alarms_has(const struct alarm_table *table, void *state, struct slice alarm);

/* For rebuilding caches and for views: what an instance's alarm is now. */
struct alarm_view {
    enum alarm_state state;
    char alarm[ALARM_ID_SIZE + 1];
    enum severity severity; /* as it is told: deadlines that passed raise it */
    enum severity graded;   /* as the rule has it */
    uint32_t number;
    bool held_back; /* recorded, not announced */
    struct event_time onset;
    struct event_time shelved_until; /* 0: not shelved */
    uint64_t onset_record;           /* its evidence begins there */
};
struct alarm_view alarms_view(
    const struct alarm_table *table, const void *state, uint32_t instance);

/* Its state and timers as of this instant, as members of a JSON object. */
struct text;
void alarms_explain(const struct alarm_table *table, const void *state, uint32_t instance,
    int64_t hub_ms, struct text *out);

/* Carry the states of instances with equal fingerprints over to a new table. An open alarm whose
 * instance is gone is closed by a transition (reason: rule-removed), which is of the old table. */
void alarms_carry(const struct alarm_table *from, void *from_state, const struct alarm_table *to,
    void *to_state, int64_t hub_ms, transition_sink *emit, void *context);

/* After that, once the new table is in force: whose parent is gone stands for itself; its timers run. */
void alarms_carried(const struct alarm_table *table, void *state, int64_t hub_ms,
    transition_sink *emit, void *context);

#endif
