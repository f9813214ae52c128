/* slot -- one instance's alarm in the state, and the steps that change it; private to alarms/.
 *
 *   state: | lending | a seat for each instance | timers | slots, as many |
 *
 * Shape    zero is normal. Nearly all instances rest: of one that rests there is its seat, of 8 bytes. It is lent a slot
 *          when its condition holds or an officer asks for it, and keeps it while there is an alarm or one to
 *          remember (lend.c). There is a slot for each instance, so that none is ever refused; those in use lie
 *          together, and the pages of the others are not touched. A run is one stretch in which the condition
 *          holds: it begins at a yes, goes on through unknown, and ends at a no; what is held excludes the
 *          unknown, what lasts does not.
 *          slot.c changes it, settle.c finds what is due, terms.c keeps deadlines,
 *          chatter.c what comes and goes too often, family.c parents.
 * Units    ms; hub_ms and local_ms say how far the slot has been brought on both clocks; *_due_ms are
 *          instants of the hub's clock, 0: none.
 * Memory   flat, no pointers: its bytes are part of a checkpoint.
 * Errors   none.
 * Threads  one thread.
 */
#ifndef ALARMS_SLOT_H
#define ALARMS_SLOT_H

#include "alarms/alarms.h"
#include "core/hash.h"

enum alarm_event {
#define ALARM_EVENT(id, cause, reason, what) EVENT_##id,
#include "alarms/events.def"
#undef ALARM_EVENT
    EVENT_COUNT
};

/* Why an alarm is recorded and not announced. Shelving is beside these: an officer sees what he shelved. */
enum { ASIDE_SUPPRESSED = 1, ASIDE_OUT = 2, ASIDE_SHADOW = 4 };

enum { RAISES_KEPT = 6 }; /* the most that a row of chatter.def asks for */

enum { OVERDUE_ACKNOWLEDGE = 1, OVERDUE_VERIFY = 2 };

struct slot {
    uint8_t state;          /* enum alarm_state */
    uint8_t severity;       /* of the alarm */
    uint8_t voted_severity; /* of the last vote of yes */
    uint8_t when, clear;    /* enum tri: the last vote */
    uint8_t voted;          /* there was one since it was lent */
    uint8_t runs;           /* a run is on */
    uint8_t over;           /* latched, and its condition is over */
    uint8_t aside;          /* ASIDE_ */
    uint8_t announced;      /* the world has heard of this alarm */
    uint8_t overdue;        /* OVERDUE_: deadlines that passed since the raise */
    uint8_t graded;   /* severity as the votes have it; `severity` is that and what is overdue */
    uint8_t covered;  /* by the last vote: the other table's alarm speaks for it */
    uint8_t chatters; /* since its last raise: it clears only when it has been quiet for long */
    uint8_t padding[2];
    int64_t hub_ms, local_ms;
    int64_t clear_held_ms;
    int64_t out_due_ms; /* INT64_MAX: out of service without an end; 0: in service */
    uint32_t number;
    uint32_t parent;                         /* instance that suppresses it, plus one */
    uint32_t raised;                         /* when it was raised last, chatter.c; 0: never */
    uint16_t raised_before[RAISES_KEPT - 1]; /* and before that */
    uint8_t padding_behind[2];
    int64_t run_held_ms, run_lasted_ms;
    int64_t run_begun_ms; /* event time */
    int64_t
        born_ms; /* the begin of the run that made this alarm, and so its id; 0: there was none */
    int64_t onset_ms;       /* event time at which the run began that raised the alarm last */
    int64_t lasted_ms;      /* from there until it cleared, or until now */
    int64_t shelved_due_ms; /* it comes back; 0: not shelved */
    int64_t shelved_ms;     /* the same as the officer said it */
    int64_t out_ms;         /* the same as the officer said it; 0: no end */
    int64_t acknowledge_due_ms, verify_due_ms, realarm_due_ms;
    int64_t changed_ms; /* hub time at which its linkage was changed by a reload; 0: it never was */
    uint64_t run_record, onset_record; /* the records at which run and onset were noticed */
};

static_assert(sizeof(struct slot) == 192, "three lines of the cache");

/* An instance while nothing is the matter. */
struct seat {
    uint32_t slot;                /* lent to it, plus one; 0: none is */
    uint8_t when, clear, covered; /* as in the slot; while one is lent, that has them */
    uint8_t voted;                /* there ever was one */
};

static_assert(sizeof(struct seat) == 8, "eight to a line of the cache");

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

/* What is lent to it; of an instance that rests: a normal one, of zeros. */
const struct slot *slot_of(const struct alarm_table *table, const void *state, uint32_t instance);
struct slot slot_seen(/* a copy, with the votes of its seat while it rests */
    const struct alarm_table *table, const void *state, uint32_t instance);

bool instance_voted(const struct alarm_table *table, const void *state, uint32_t instance);
struct seat *seat_of(const struct alarm_table *table, void *state, uint32_t instance);
void *slot_timers(const struct alarm_table *table, void *state);

/* What is lent to it, from now on if nothing was. */
struct slot *slot_lent(const struct alarm_table *table, void *state, uint32_t instance);

/* A job has a slot; when it is done the slot is given back, if nothing is left in it. */
struct alarm_job job_of(const struct alarm_table *table, void *state, uint32_t instance,
    transition_sink *emit, void *context);
struct alarm_job job_beside(const struct alarm_job *job, uint32_t instance);
void job_end(const struct alarm_job *job);

/* No alarm, none that begins and no term: as nearly every instance is at nearly every vote. */
bool slot_rests(const struct slot *slot);

/* Of the alarm that is there, or was last; zero: there was none. */
struct hash128 slot_id(const struct alarm_table *table, const struct slot *slot, uint32_t instance);
void slot_write_id(const struct alarm_table *table, const struct slot *slot, uint32_t instance,
    char out[static ALARM_ID_SIZE + 1]);

/* Its condition holds, as far as is known. */
bool slot_is_on(const struct slot *slot);
bool slot_is_cleared(const struct slot *slot);

/* Bring both clocks of the slot to this instant; or to one of the hub's, and the local one as far with it,
 * which stands in a table of what came late. */
void slot_advance(struct slot *slot, int64_t hub_ms, int64_t local_ms);
void slot_advance_to(struct alarm_job *job, int64_t hub_ms);

/* To an instant that may lie before: what was held there is not held here. */
void slot_rewind(struct slot *slot, int64_t hub_ms, int64_t local_ms);

/* Whether the table has a row for it. */
bool slot_may(const struct slot *slot, enum alarm_event event);

/* Change by the row; said unless neither end is open. The command, if any, lends its words. */
void slot_change(
    struct alarm_job *job, enum alarm_event event, const struct alarm_command *command);

/* --- settle.c --- */

/* Whatever is due at the slot's instant; then the timer for what comes next. */
void slot_settle(struct alarm_job *job);
void slot_set_timer(struct alarm_job *job);

/* --- terms.c --- */

enum alarm_term {
#define TERM(id, ms, source) TERM_##id,
#include "alarms/terms.def"
#undef TERM
    TERM_COUNT
};

int64_t term_ms(enum alarm_term term);

/* As severe as the votes had it, and one level more for each deadline that passed. */
enum severity terms_severity(const struct slot *slot);

/* What an event does to the deadlines; after the state has changed. */
void terms_take(struct slot *slot, enum alarm_event event);

/* The next event that time brings, and when; EVENT_COUNT: none. */
enum alarm_event terms_next(const struct slot *slot, const struct instance *rule, int64_t *due_ms);

/* Until when of the slot's local time it is in shadow; 0: it is not. */
int64_t terms_shadow(const struct slot *slot, const struct instance *rule);

/* --- chatter.c --- */

/* It is raised at the slot's instant. */
void chatter_note(struct slot *slot);

/* For how long clear_when has to hold: for longer while it chatters, so that it stays one alarm. */
int64_t chatter_clear_after(const struct slot *slot, const struct instance *rule);

/* --- family.c --- */

/* Its condition holds and the world hears of it: it explains what its children say. */
bool family_heads(const struct slot *slot);

/* The parent that explains a run which began then, plus one; 0: none does. */
uint32_t family_cover(const struct alarm_job *job, int64_t begun_ms);

/* Suppress what a parent explains, release what no parent explains any more. */
void family_settle(struct alarm_job *job);

/* That, after a change of the slot; and for its children, if it heads them now and did not, or the reverse. */
void family_follow(struct alarm_job *job, bool headed);

#endif
