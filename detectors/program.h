/* program -- rules compiled against a registry, and the bounded state they keep.
 *
 *   rule files --parse, type--> rules --bind to registry--> instances, estimators, windows
 *   readings, time --detect--> votes (yes, no, unknown) of the instances that they concern
 *
 * Source   design: ideas 5 and 7, "Rules, as they should read", "Time"; the language: docs/rules.md.
 * Shape    a program is immutable; its state is one flat block without pointers (indexes only), so
 *          that a copy of the bytes is a checkpoint and zeroed bytes are a fresh start.
 * Units    ms. Two clocks, both kept by the caller and both only running forward: hub_ms, the hub's
 *          own time, in which timers fall due; listening_ms, the part of it in which the session was
 *          up and drained, in which absence counts. Event times are the devices'.
 * Memory   program_compile allocates in the program's arena; nothing else here allocates.
 * Errors   program_compile: STATUS_INVALID and findings. Afterwards none.
 * Threads  a program may be shared; a state block belongs to one thread.
 */
#ifndef DETECTORS_PROGRAM_H
#define DETECTORS_PROGRAM_H

#include "core/report.h"
#include "core/status.h"
#include "core/timers.h"
#include "schemas/alarm.h"
#include "schemas/data_flags.h"
#include "schemas/registry.h"

struct program;

/* The rule files one after another in the registry bundle's form: `--- name.yaml size` LF, bytes LF.
 * registry may be NULL: the rules are only checked. The registry must outlive the program. */
MUST_USE enum status program_compile(struct slice bundle, const struct registry *registry,
    struct program **program, struct report *report);
void program_free(struct program *program);

struct slice program_canonical(const struct program *program); /* the bundle it was compiled from */
uint64_t program_fingerprint(const struct program *program);

uint32_t program_instance_count(const struct program *program);
const struct instance *program_instance(const struct program *program, uint32_t instance);

/* The signals that an instance reads, in the order of its names; one may be met more than once. */
typedef void signal_sink(void *context, uint32_t signal);
void program_instance_reads(
    const struct program *program, uint32_t instance, signal_sink *each, void *context);

/* The numbers that an instance compares signals with, each in the unit of its signal: a parameter, a limit, a let
 * that reads no signal. name: under which the rule's sentence tells it; empty: it has none. number: NaN where
 * only the alarm's own numbers tell it. One may be met more than once. */
typedef void compared_sink(void *context, uint32_t signal, struct slice name, double number);
void program_instance_compares(
    const struct program *program, uint32_t instance, compared_sink *each, void *context);

/* What an instance of a report tells; false: it is a rule's. */
struct report_shape;
bool program_report(const struct program *program, uint32_t instance, struct report_shape *shape);

/* What the compiler knows of each rule, for `rules list`: one JSON object a call, without newline. alarm_bytes:
 * what alarms/ keeps for an instance. */
uint32_t program_rule_count(const struct program *program);
void program_rule_json(
    const struct program *program, uint32_t rule, size_t alarm_bytes, struct text *out);

/* The unit that a rule file declares for a quantity; empty: none. */
struct slice program_quantity_unit(const struct program *program, struct slice quantity);

/* Bytes of state, known before the first message. */
size_t program_state_size(const struct program *program);

/* How much of it each device has, added to its share: of an instance, the device whose clock it keeps. The last share,
 * behind those of all devices, is nobody's. */
void program_shares(const struct program *program, size_t *shares);

struct filing_book;   /* schemas/filing.h */
struct alarm_tallies; /* schemas/tally.h */

/* What is true of the hub when the detectors are called. */
struct moment {
    int64_t hub_ms;
    int64_t listening_ms;
    struct event_time
        wall; /* what the hub's wall clock says at hub_ms; for calendars and filings */
    enum { LISTENING_NO, LISTENING_YES } listening; /* whether listening_ms runs on from here */
    const struct filing_book *filings;              /* NULL: none */
    const struct alarm_tallies *tallies; /* as they stood before this record; NULL: none */
    bool late_active; /* alarms of what came late are: a live vote may be what clears them */
    const void
        *live;    /* NULL: the state that is stepped is the live one; else it is the retrospective
                         one, stepped with what came late, and this is the live one's */
    void *recall; /* with it what came late before: recall_size bytes */
};

/* One value of a device's message that the registry names. */
struct sample {
    uint32_t signal;
    bool usable;  /* false: withheld, flagged as not usable, or text: the signal is unknown */
    double value; /* in the signal's unit; NaN: no number was sent */
    struct slice digits; /* as sent */
    struct event_time time;
    enum data_flag flag;
};

enum heard_as {
    HEARD_FRESH, /* accepted and not known before: a sign of life; its samples count */
    HEARD_OTHER, /* rejected, quarantined, known already or late: only that it came counts */
    HEARD_HELD,  /* no message: items of such as came before */
};

/* One message that was judged, of a registered device or under its topic. */
struct heard {
    uint32_t device;
    struct event_time time; /* HEARD_FRESH and _HELD: the message's own event time */
    const struct sample *samples;
    size_t count; /* may be 0: a sign of life */
    enum heard_as as;
    int cn; /* -1: not read */
    enum verdict_kind verdict;
    struct rule_set broken;
    bool resent;    /* marked so: RF=1 */
    bool has_lag;   /* it tells its time, and the hub was listening when it came */
    bool newest;    /* newer real-time data than any before */
    int64_t lag_ms; /* its arrival less its time */
};

enum { FIGURES_MAX = 12, RATES_MAX = 4 };

/* A number that a report tells of a period. */
struct figure {
    struct slice name;
    double value;
    bool known;
};

/* A share of sums: of figures `part` and `whole` of the report. */
struct figure_rate {
    struct slice name;
    size_t part, whole;
};

struct report_shape {
    struct slice names[FIGURES_MAX];
    struct figure_rate rates[RATES_MAX];
    size_t count, rate_count;
    size_t
        excuses; /* which figure says for how many hours nothing is expected of the device; count: none */
};

/* An instance whose vote may have changed; of a report: what it tells. */
struct vote {
    uint32_t instance;
    const struct figure *figures; /* NULL: no report; else what follows is its period alone */
    size_t figure_count;
    struct event_time from;  /* of the period that ended; event is its end */
    enum tri when;           /* the rule's condition */
    enum tri clear;          /* its clear_when; without one: not when */
    enum severity severity;  /* as lowered by filings, marks ... now */
    bool severity_unsure;    /* a grade is unknown: what was said before stands */
    int64_t hub_ms;          /* the instant on the hub's clock that the vote speaks of */
    int64_t local_ms;        /* the same on the instance's own clock, which follows event time */
    struct event_time event; /* the same in event time: the onset when it turns yes here */
};

typedef void vote_sink(void *context, const struct vote *vote);

/* Take one message: the samples that it brings, settle the estimators, and vote. */
void detectors_message(const struct program *program, void *state, const struct moment *moment,
    const struct heard *heard, vote_sink *emit, void *context);

/* The same for a message that came late, in the retrospective state of the program: moment->hub_ms is its
 * event time, of data of a period the period's end, and runs on no other clock. What of other devices
 * did not come late is looked up in the live state. */
void detectors_late(const struct program *program, void *state, const struct moment *moment,
    const struct heard *heard, vote_sink *emit, void *context);

/* Memory for values that came late: of two devices of one linkage that back-fill one after the other the second needs
 * what the first told. used: the bytes that are not zero; lost: how many have given way. */
size_t recall_size(uint32_t signals);
size_t recall_used(const void *recall, uint32_t signals);
uint64_t recall_lost(const void *recall, uint32_t signals);

/* A device's late data goes on where its live data broke off: what the live state holds of it is taken over. */
void detectors_late_begin(
    const struct program *program, void *state, const void *live, uint32_t device);

/* Ask the memory for what a message of this device will touch: in three calls, as early as can be, each of which finds
 * its way by what the one before has asked for. None changes anything, and none is needed. */
void detectors_fetch_device(const struct program *program, void *state, uint32_t device);
void detectors_fetch_instances(const struct program *program, uint32_t device);
void detectors_fetch_windows(const struct program *program, void *state, uint32_t device);

/* The device's own clock; false: it was never heard. */
bool detectors_local(const struct program *program, const void *state, uint32_t device,
    int64_t hub_ms, int64_t *local_ms);

/* The earliest instant on the hub's clock at which time alone may change a vote (a value grows stale,
 * a switch settles, an absence grows long); TIMER_NEVER: none. */
int64_t detectors_due(const struct program *program, const void *state);

/* Fire what is due at or before moment->hub_ms, in order of due time; it is set to each due
 * instant in turn by the callee for the votes it emits. */
void detectors_time(const struct program *program, void *state, const struct moment *moment,
    vote_sink *emit, void *context);

/* The book of filings has changed for this enterprise (NONE: for several): what reads it votes again. */
void detectors_told(const struct program *program, void *state, const struct moment *moment,
    uint32_t enterprise, vote_sink *emit, void *context);

enum language { LANGUAGE_ZH, LANGUAGE_EN };

/* The rule's sentence with its numbers as they stand now: in the state, and of `books` in what people told and in the tallies. */
void detectors_text(const struct program *program, const void *state, const struct moment *books,
    uint32_t instance, enum language language, int64_t lasted_ms, struct event_time onset,
    struct text *out);

/* The same numbers as a JSON object: each name of the sentence that is one, with value and unit. */
void detectors_numbers(const struct program *program, const void *state, const struct moment *books,
    uint32_t instance, struct text *out);

/* Why: each input with its value, age and why it is unknown, each let, each function (windows, gates), the votes
 * and grades now, as members of a JSON object. The state is a copy: it may change. */
void detectors_explain(const struct program *program, void *state, const struct moment *moment,
    uint32_t instance, struct text *out);

/* Carry over what stays valid from another program's state: devices and signals by MN and name,
 * instances by fingerprint. `to_state` is zeroed before. Bounded; no allocation. */
void detectors_carry(
    const struct program *from, const void *from_state, const struct program *to, void *to_state);

#endif
