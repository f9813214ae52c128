/* evaluate -- an expression's code, run over a state with three values; private to detectors/.
 *
 * Source   docs/rules.md, "Expressions": unknown, absent.
 * Shape    code -> a value, and the earliest instant at which time alone may change it. evaluate.c is the
 *          machine; a family of functions (functions.def) has a file: evaluate_names.c, evaluate_windows.c,
 *          evaluate_calendar.c.
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

enum value_status { VALUE_UNKNOWN, VALUE_ABSENT, VALUE_KNOWN };

#define UNKNOWN_VALUE ((struct value){(double)NAN, VALUE_UNKNOWN})
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
    return is_known(value)               ? VALUE_KNOWN
           : value.slope == VALUE_ABSENT ? VALUE_ABSENT
                                         : VALUE_UNKNOWN;
}

struct evaluation {
    const struct program *program;
    void *state; /* NULL: only asked what is there */
    const struct moment *moment;
    const struct binding *bindings;
    const struct expression_scope *names;
    const uint32_t *windows; /* the bound's; NULL: none */
    uint32_t enterprise;
    bool lenient;   /* a clearing: what is absent drops out of and as well */
    int64_t due_ms; /* the earliest instant at which time alone changes something */
};

struct evaluation evaluation_of(const struct program *program, void *state,
    const struct moment *moment, const struct expression_scope *names, uint32_t binding_first);

/* yes, no or unknown; *absent: the whole expression speaks of nothing that is there. */
enum tri evaluate_truth(struct evaluation *evaluation, const struct code *code, bool *absent);

/* --- what the families share --- */

/* Time alone may change something: so many ms from now, or at an instant of the wall's moment. */
void evaluation_due_in(struct evaluation *evaluation, int64_t ms);
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
struct value signal_value(struct evaluation *evaluation, uint32_t signal);

/* --- one for each row of functions.def --- */
typedef struct value step_value(struct evaluation *evaluation, const struct code_step *step);

step_value input_value, since_value, starting_value, column_value; /* evaluate_names.c */
step_value flagged_value, sent_value;                              /* evaluate_flags.c */
step_value window_value;                                           /* evaluate_windows.c */
step_value filed_value, calendar_value;                            /* evaluate_calendar.c */

#endif
