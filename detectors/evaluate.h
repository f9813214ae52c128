/* evaluate -- an expression's code, run over a state with three values; private to detectors/.
 *
 * Source   docs/rules.md, "Expressions": unknown, absent.
 * Shape    code -> a value, and the earliest instant at which time alone may change it. evaluate.c is the
 *          machine; a family of functions (functions.def) has a file: evaluate_names.c, evaluate_windows.c,
 *          evaluate_calendar.c, evaluate_filings.c.
 * Units    numbers in the base unit of their dimension.
 * Memory   none.
 * Errors   none: what cannot be told is unknown.
 * Threads  pure.
 */
#ifndef DETECTORS_EVALUATE_H
#define DETECTORS_EVALUATE_H

#include <math.h>

#include "detectors/program_state.h"

/* A value on the stack; truth is 0 or 1. What is not a number is not known, and its slope says why. Two
 * doubles travel in registers; a third member would send every value through memory. */
struct value {
    double number;
    double slope; /* how much it grows by itself in a ms */
};

/* Aside: a where that does not hold. It is unknown to all but the windows. */
enum value_status { VALUE_UNKNOWN, VALUE_ASIDE, VALUE_ABSENT, VALUE_KNOWN };

#define UNKNOWN_VALUE ((struct value){(double)NAN, VALUE_UNKNOWN})
#define ASIDE_VALUE   ((struct value){(double)NAN, VALUE_ASIDE})
#define ABSENT_VALUE  ((struct value){(double)NAN, VALUE_ABSENT})

static inline struct value known(double number)
{
    return (struct value){number, 0};
}

static inline bool is_known(struct value value)
{
    return !isnan(value.number);
}

static inline enum value_status value_status(struct value value)
{
    return is_known(value) ? VALUE_KNOWN : (enum value_status)value.slope;
}

struct evaluation {
    const struct program *program;
    void *state; /* NULL: only asked what is there */
    const struct moment *moment;
    const struct binding *bindings;
    const struct expression_scope *names;
    const uint32_t *looks;            /* of program->looks: the bound's or the estimator's */
    struct value *lets;               /* as far as they are evaluated; NULL: none */
    int64_t local_ms;                 /* the moment on the clock of the bound or estimator */
    const struct filing_place *place; /* the bound's; NULL: nothing is told of it */
    bool lenient;                     /* a clearing: what is absent drops out of and as well */
    bool brief;     /* what decides an and or an or is enough: nobody asks what is absent */
    int64_t due_ms; /* the earliest instant at which time alone changes something */
};

struct evaluation evaluation_of(const struct program *program, void *state,
    const struct moment *moment, const struct expression_scope *names, uint32_t binding_first);

/* The instant at which a state stands, with what people told and the tallies of `books`. */
struct moment moment_of(const void *state, const struct moment *books);

/* yes, no or unknown; *absent: the whole expression speaks of nothing that is there. */
enum tri evaluate_truth(struct evaluation *evaluation, const struct code *code, bool *absent);

/* What is to be remembered while lets are evaluated: of which instance, and whether a message of its own
 * device brought it here (then the numbers that lets give now are values of their windows). */
struct feeding {
    const struct bound *bound;
    bool heard;
    bool all; /* else only what windows want is evaluated: nobody asks for the others now */
};

/* On the hub's clock, which an instance has until its device is heard, nothing is remembered or judged. */
bool evaluation_has_clock(const struct evaluation *evaluation, const struct bound *bound);

/* Evaluate the lets in order. feeding NULL: all, and only look. */
void evaluate_lets(
    struct evaluation *evaluation, const struct code *codes, const struct feeding *feeding);

/* --- what the families share --- */

struct value evaluate(struct evaluation *evaluation, const struct code *code);

/* Time alone may change something: so many ms from now, or at an instant of the wall's moment. */
static inline void evaluation_due_in(struct evaluation *evaluation, int64_t ms)
{
    int64_t at_ms = evaluation->moment->hub_ms + (ms < 1 ? 1 : ms);
    evaluation->due_ms = at_ms < evaluation->due_ms ? at_ms : evaluation->due_ms;
}

void evaluation_due_at_wall(struct evaluation *evaluation, int64_t wall_ms);

/* Several equipment in one role. Yes or no: or, and (Kleene). Numbers: the greatest, the least. */
struct value value_join(struct value a, struct value b, bool all, bool truth);

/* late.c: where a signal's value stands that holds at this moment, of late data or of live; and what an
 * estimator told then; *since_ms: from when on, 0: not known. */
const struct signal_state *late_signal(
    const struct evaluation *evaluation, uint32_t signal, int64_t now_ms);
/* Whether that value stands in the state that is stepped. */
bool late_owns(const struct evaluation *evaluation, uint32_t signal);
uint8_t late_told(const struct evaluation *evaluation, uint32_t estimator, int64_t *since_ms);

/* The signal's state while its last value may still be held, whatever it is; NULL: it may not. */
const struct signal_state *signal_held(struct evaluation *evaluation, uint32_t signal);
/* What is allowed by the date of the signal's own value. */
struct value dated_value(const struct evaluation *evaluation, const struct binding *binding);

/* evaluate_asks.c: what a rule asks of messages, or of a place. */
struct value ask_value(
    struct evaluation *evaluation, const struct binding *binding, const struct ask *ask);
struct value alarms_value(
    struct evaluation *evaluation, const struct binding *binding, const struct ask *ask);
struct value inside_value(
    struct evaluation *evaluation, const struct binding *binding, const struct ask *ask);

/* The windows of a step: how many, and each. 0: what it looks at is not there. */
struct looked {
    const struct look *look;
    const uint32_t *windows; /* panes */
    uint32_t owner;          /* of the one that is asked now */
    uint32_t count;
    bool all; /* of several equipment: the least, not the greatest */
};
struct looked looked_at(const struct evaluation *evaluation, const struct code_step *step);

/* Of each window, and of several equipment in one role the greatest, or the least. */
typedef struct value one_window(struct evaluation *evaluation, const struct code_step *step,
    const struct looked *looked, const struct window *window, const void *memory);
struct value each_window(
    struct evaluation *evaluation, const struct code_step *step, one_window *one, bool truth);

struct value signal_value(struct evaluation *evaluation, uint32_t signal);

/* What was learnt of a column that is empty for this element of the step's input; absent before it is. */
struct value learnt_column(
    struct evaluation *evaluation, const struct code_step *step, uint32_t element);

/* A row of the registry, of an enterprise (NONE: everybody) and equipment (NONE: all of it), concerns the place. */
bool evaluation_concerns(
    const struct evaluation *evaluation, uint32_t enterprise, uint32_t equipment);

/* --- one for each row of functions.def --- */
typedef struct value step_value(struct evaluation *evaluation, const struct code_step *step);

step_value input_value, since_value, column_value;        /* evaluate_names.c */
step_value flagged_value, sent_value;                     /* evaluate_flags.c */
step_value window_value, count_value, median_value;       /* evaluate_windows.c */
step_value percentile_value, learnt_value, same_value;    /* evaluate_windows.c */
step_value digits_value, repeats_value;                   /* evaluate_series.c */
step_value held_value, truth_value, switched_value;       /* evaluate_truths.c */
step_value calendar_value, clock_value;                   /* evaluate_calendar.c */
step_value scheduled_value, scheduled_share_value;        /* evaluate_calendar.c */
step_value filed_value, ordered_value, ordered_for_value; /* evaluate_filings.c */
step_value order_value, since_filed_value, told_value;

#endif
