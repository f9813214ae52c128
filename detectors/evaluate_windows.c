#include "detectors/evaluate.h"

#include "detectors/baseline.h"

/* With no state it is only asked what is there. */
struct looked looked_at(const struct evaluation *evaluation, const struct code_step *step)
{
    const struct program *program = evaluation->program;
    const struct look *look = &evaluation->names->looks[step->count];
    struct looked looked = {.look = look, .count = 1};
    if (look->at == LOOK_AT_LET) {
        looked.count = value_status(evaluation->lets[look->index]) == VALUE_ABSENT ? 0 : 1;
    } else {
        const struct binding *binding = &evaluation->bindings[look->index];
        looked.all = binding->all;
        if (look->at == LOOK_AT_SIGNALS) {
            looked.count = binding->kind == BINDING_SIGNALS ? binding->count : 0;
        } else {
            looked.count = binding->kind == BINDING_ABSENT ? 0 : 1;
        }
    }
    if (evaluation->looks != NULL && evaluation->looks[step->count] != NONE) {
        looked.windows = program->look_windows + evaluation->looks[step->count];
    }
    return looked;
}

struct value each_window(
    struct evaluation *evaluation, const struct code_step *step, one_window *one, bool truth)
{
    struct looked looked = looked_at(evaluation, step);
    struct value value = ABSENT_VALUE;
    if (looked.count > 0 && (evaluation->state == NULL || looked.windows == NULL)) {
        return UNKNOWN_VALUE;
    }
    for (uint32_t i = 0; i < looked.count; i++) {
        uint32_t pane = looked.windows[i];
        looked.owner = evaluation->program->panes[pane].owner;
        struct value of = one(evaluation, step, &looked, pane_window(evaluation->program, pane),
            window_of(evaluation->program, evaluation->state, pane));
        value = i == 0 ? of : value_join(value, of, looked.all, truth);
    }
    return value;
}

/* --- of what a window tells --- */

static bool slides(const struct looked *looked)
{
    return looked->look->span.period == PERIOD_SLIDING;
}

/* A window that slides ends with the newest value; a period goes by the clock. */
static int64_t window_now(
    const struct evaluation *evaluation, const struct looked *looked, const struct window *window)
{
    const struct program *program = evaluation->program;
    if (window->at != LOOK_AT_SIGNALS) {
        return evaluation->local_ms;
    }
    if (slides(looked)) {
        return signal_of(program, evaluation->state, looked->owner)->event_ms + window->delay_ms;
    }
    return local_now(program, evaluation->state, program->signals[looked->owner].device,
        evaluation->moment->hub_ms);
}

/* What slides is not known while the value itself is not. */
static bool is_blind(
    struct evaluation *evaluation, const struct looked *looked, const struct window *window)
{
    if (!slides(looked)) {
        return false;
    }
    return window->at == LOOK_AT_SIGNALS
               ? !is_known(signal_value(evaluation, looked->owner))
               : value_status(evaluation->lets[window->index]) == VALUE_UNKNOWN;
}

static void note_moving_on(
    struct evaluation *evaluation, const struct window *window, int64_t now_ms)
{
    evaluation_due_in(evaluation, window_moves_on(window, now_ms) - now_ms + 1);
}

static double scale_of(
    const struct evaluation *evaluation, const struct looked *looked, const struct window *window)
{
    return window->at == LOOK_AT_SIGNALS ? evaluation->program->signals[looked->owner].scale : 1;
}

static struct value deviation(const struct summary *summary, double scale)
{
    double mean = summary->sum / summary->weight_ms;
    double variance = summary->squares / summary->weight_ms - mean * mean;
    return known(variance > 0 ? sqrt(variance) * scale : 0);
}

static struct value rate(const struct summary *summary, double scale)
{
    double seconds = (double)(summary->last_ms - summary->first_ms) / SECOND_MS;
    return seconds > 0 ? known((summary->last - summary->first) * scale / seconds) : UNKNOWN_VALUE;
}

static struct value tell(const struct summary *summary, enum op op, double scale)
{
    double number = op == OP_MEAN      ? summary->shift + summary->sum / summary->weight_ms
                    : op == OP_LOWEST  ? summary->lowest
                    : op == OP_HIGHEST ? summary->highest
                    : op == OP_SPREAD  ? summary->highest - summary->lowest
                                       : summary->last - summary->first;
    return known(number * scale);
}

static struct value one_value(struct evaluation *evaluation, const struct code_step *step,
    const struct looked *looked, const struct window *window, const void *memory)
{
    const enum op op = (enum op)step->op;
    const double scale = scale_of(evaluation, looked, window);
    if (is_blind(evaluation, looked, window)) {
        return UNKNOWN_VALUE;
    }
    int64_t now_ms = window_now(evaluation, looked, window);
    struct summary summary = window_summary(window, memory, &looked->look->span, now_ms);
    if (!slides(looked)) {
        note_moving_on(evaluation, window, now_ms);
    }
    if (!summary_covered(&summary) || summary.weight_ms <= 0) {
        return UNKNOWN_VALUE;
    }
    return op == OP_STDDEV    ? deviation(&summary, scale)
           : op == OP_RATE    ? rate(&summary, scale)
           : op == OP_CHANGES ? known(summary.changes)
                              : tell(&summary, op, scale);
}

struct value window_value(struct evaluation *evaluation, const struct code_step *step)
{
    return each_window(evaluation, step, one_value, false);
}

/* That few came is what is to be told: so it is known as soon as it was watched for three quarters. */
static struct value one_count(struct evaluation *evaluation, const struct code_step *step,
    const struct looked *looked, const struct window *window, const void *memory)
{
    const struct buckets *buckets = memory;
    int64_t now_ms = evaluation->local_ms;
    (void)step;
    if (window->at == LOOK_AT_SIGNALS) {
        now_ms = local_now(evaluation->program, evaluation->state,
            evaluation->program->signals[looked->owner].device, evaluation->moment->hub_ms);
    }
    struct summary summary = window_summary(window, memory, &looked->look->span, now_ms);
    note_moving_on(evaluation, window, now_ms);
    int64_t end_ms = looked->look->span.last
                         ? period_start((enum period)window->span.period,
                               period_number((enum period)window->span.period, now_ms))
                         : now_ms;
    bool watched = buckets->begun && (end_ms - summary.begun_ms) * 4 >= summary.span_ms * 3;
    return watched ? known(summary.count) : UNKNOWN_VALUE;
}

struct value count_value(struct evaluation *evaluation, const struct code_step *step)
{
    return each_window(evaluation, step, one_count, false);
}

static struct value one_percentile(struct evaluation *evaluation, const struct code_step *step,
    const struct looked *looked, const struct window *window, const void *memory)
{
    const struct sketch *sketch = memory;
    (void)step;
    (void)looked;
    return sketch->has_learnt ? known(sketch->learnt * scale_of(evaluation, looked, window))
                              : UNKNOWN_VALUE;
}

struct value percentile_value(struct evaluation *evaluation, const struct code_step *step)
{
    return each_window(evaluation, step, one_percentile, false);
}

static struct value one_learnt(struct evaluation *evaluation, const struct code_step *step,
    const struct looked *looked, const struct window *window, const void *memory)
{
    const struct baseline *baseline = memory;
    (void)step;
    if (!baseline_stands(baseline, window->span.width_ms)) {
        return UNKNOWN_VALUE;
    }
    return known(histogram_at(&baseline->histogram, looked->look->number) *
                 scale_of(evaluation, looked, window));
}

struct value learnt_value(struct evaluation *evaluation, const struct code_step *step)
{
    return each_window(evaluation, step, one_learnt, false);
}

/* Of a column that is empty: it drops out until it is learnt. */
struct value learnt_column(
    struct evaluation *evaluation, const struct code_step *step, uint32_t element)
{
    if (step->number == 0) {
        return ABSENT_VALUE;
    }
    const struct code_step look = {.count = (uint8_t)(step->number - 1)};
    struct looked looked = looked_at(evaluation, &look);
    if (evaluation->state == NULL || looked.windows == NULL) {
        return UNKNOWN_VALUE;
    }
    const uint32_t pane = looked.windows[element];
    looked.owner = evaluation->program->panes[pane].owner;
    struct value value =
        one_learnt(evaluation, step, &looked, pane_window(evaluation->program, pane),
            window_of(evaluation->program, evaluation->state, pane));
    return is_known(value) ? value : ABSENT_VALUE;
}

static double middle_of(const double *sorted, uint32_t count)
{
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

/* The median of the distances from it: from the farther end inwards they come sorted. */
static double middle_distance(const double *sorted, uint32_t count, double middle)
{
    double distances[RING_MAX];
    uint32_t first = 0, last = count - 1;
    for (uint32_t i = count; i > 0; i--) {
        double below = middle - sorted[first], above = sorted[last] - middle;
        distances[i - 1] = below > above ? below : above;
        first += below > above ? 1 : 0;
        last -= below > above || last == 0 ? 0 : 1;
    }
    return middle_of(distances, count);
}

static struct value one_median(struct evaluation *evaluation, const struct code_step *step,
    const struct looked *looked, const struct window *window, const void *memory)
{
    double values[RING_MAX];
    if (window->kind == WINDOW_SKETCH) {
        return step->op == OP_DEVIATION ? UNKNOWN_VALUE
                                        : one_percentile(evaluation, step, looked, window, memory);
    }
    if (is_blind(evaluation, looked, window)) {
        return UNKNOWN_VALUE;
    }
    int64_t now_ms = window_now(evaluation, looked, window);
    struct summary summary = window_summary(window, memory, &looked->look->span, now_ms);
    uint32_t count = ring_sorted(window, memory, looked->look->span.width_ms, now_ms, values);
    if (!summary_covered(&summary) || count == 0) {
        return UNKNOWN_VALUE;
    }
    double middle = middle_of(values, count);
    if (step->op == OP_DEVIATION) {
        middle = middle_distance(values, count, middle);
    }
    return known(middle * scale_of(evaluation, looked, window));
}

struct value median_value(struct evaluation *evaluation, const struct code_step *step)
{
    return each_window(evaluation, step, one_median, false);
}

/* same_for, and changed: it moved with the newest value. */
static struct value one_same(struct evaluation *evaluation, const struct code_step *step,
    const struct looked *looked, const struct window *window, const void *memory)
{
    const struct anchor *anchor = memory;
    if (anchor->count == 0 || is_blind(evaluation, looked, window)) {
        return UNKNOWN_VALUE;
    }
    int64_t same_ms = window_now(evaluation, looked, window) - anchor->since_ms;
    if (step->op == OP_CHANGED) {
        return known(anchor->count > 1 && same_ms == 0 ? 1 : 0);
    }
    return known((double)same_ms / SECOND_MS);
}

struct value same_value(struct evaluation *evaluation, const struct code_step *step)
{
    return each_window(evaluation, step, one_same, step->op == OP_CHANGED);
}
