#include "detectors/evaluate.h"

/* The one window of a yes-or-no; NULL: none (yet). */
static const void *memory_of(const struct evaluation *evaluation, const struct looked *looked)
{
    return evaluation->state == NULL || looked->windows == NULL
               ? NULL
               : window_of(evaluation->program, evaluation->state, looked->windows[0]);
}

struct value held_value(struct evaluation *evaluation, const struct code_step *step)
{
    struct looked looked = looked_at(evaluation, step);
    const struct held *held = memory_of(evaluation, &looked);
    if (held == NULL) {
        return looked.count == 0 ? ABSENT_VALUE : UNKNOWN_VALUE;
    }
    if (!held->begun || held->stood == STANDS_UNKNOWN) {
        return UNKNOWN_VALUE;
    }
    return (struct value){
        (double)held->held_ms / SECOND_MS, held->stands == STANDS_YES ? 1.0 / SECOND_MS : 0};
}

/* time, seen, share, times. While it is yes the time grows by itself, and what slides loses its oldest part. */
struct value truth_value(struct evaluation *evaluation, const struct code_step *step)
{
    struct looked looked = looked_at(evaluation, step);
    const struct buckets *buckets = memory_of(evaluation, &looked);
    if (buckets == NULL) {
        return looked.count == 0 ? ABSENT_VALUE : UNKNOWN_VALUE;
    }
    const struct window *window = pane_window(evaluation->program, looked.windows[0]);
    const int64_t now_ms = evaluation->local_ms;
    struct summary summary = window_summary(window, buckets, &looked.look->span, now_ms);
    if (looked.look->span.period != PERIOD_SLIDING || summary.yes_ms > 0 || summary.changes > 0) {
        evaluation_due_in(evaluation, window_moves_on(window, now_ms) - now_ms + 1);
    }
    if (!buckets->begun || (step->op != OP_SEEN && !summary_covered(&summary))) {
        return UNKNOWN_VALUE;
    }
    if (step->op == OP_TIMES) {
        return known(summary.changes);
    }
    if (step->op == OP_SHARE) {
        return summary.weight_ms > 0 ? known(summary.yes_ms / summary.weight_ms) : UNKNOWN_VALUE;
    }
    bool grows = buckets->stands == STANDS_YES && !looked.look->span.last;
    return (struct value){summary.yes_ms / SECOND_MS, grows ? 1.0 / SECOND_MS : 0};
}

/* Whether it was switched, on or off as is asked, less than so long ago. */
static struct value switched(
    struct evaluation *evaluation, bool is_so, int64_t ago_ms, double width_s)
{
    int64_t left_ms = (int64_t)(width_s * SECOND_MS) - ago_ms;
    if (!is_so || left_ms <= 0) {
        return known(0);
    }
    evaluation_due_in(evaluation, left_ms);
    return known(1);
}

static struct value switched_estimator(
    struct evaluation *evaluation, const struct code_step *step, uint32_t index)
{
    const struct program *program = evaluation->program;
    const struct estimator_state *state = estimator_of(program, evaluation->state, index);
    int64_t now_ms = local_now(program, evaluation->state, program->estimators[index].clock_device,
        evaluation->moment->hub_ms);
    int64_t since_ms = state->since_ms;
    uint8_t settled =
        evaluation->moment->live == NULL ? state->settled : late_told(evaluation, index, &since_ms);
    bool is_so = settled == (step->op == OP_STARTING ? SETTLED_ON : SETTLED_OFF);
    return switched(evaluation, is_so && since_ms != 0, now_ms - since_ms, step->number);
}

/* starting, stopping. Any of the equipment is enough. */
struct value switched_value(struct evaluation *evaluation, const struct code_step *step)
{
    struct looked looked = looked_at(evaluation, step);
    if (looked.count == 0 || evaluation->state == NULL) {
        return looked.count == 0 ? ABSENT_VALUE : UNKNOWN_VALUE;
    }
    const struct held *held = memory_of(evaluation, &looked);
    if (held != NULL) {
        bool is_so = held->stood == (step->op == OP_STARTING ? STANDS_YES : STANDS_NO);
        return switched(evaluation, is_so && held->switched, evaluation->local_ms - held->since_ms,
            step->number);
    }
    const struct binding *binding = &evaluation->bindings[looked.look->index];
    struct value value = UNKNOWN_VALUE;
    for (uint32_t i = 0; binding->kind == BINDING_ESTIMATORS && i < binding->count; i++) {
        uint32_t index = evaluation->program->elements[binding->first + i];
        struct value one = switched_estimator(evaluation, step, index);
        value = i == 0 ? one : value_join(value, one, false, true);
    }
    return value;
}
