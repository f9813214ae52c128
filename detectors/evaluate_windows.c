#include "detectors/evaluate.h"

/* HJ 212-2017 App. C counts a statistic as normal from three quarters of its values on; so does a
 * window: with less it is not known. */
enum { COVERAGE_PERCENT = 75 };

struct look {
    int64_t first_ms, last_ms;
    double first, last, sum, lowest, highest;
    uint32_t count;
};

static struct look look_back(
    const struct window *window, const struct window_head *head, int64_t now_ms)
{
    const struct window_sample *samples = (const struct window_sample *)(const void *)(head + 1);
    struct look look = {0};
    for (uint32_t i = 0; i < head->count; i++) {
        uint32_t at = (head->next + window->capacity - head->count + i) % window->capacity;
        const struct window_sample *sample = &samples[at];
        if (sample->event_ms <= now_ms - window->width_ms) {
            continue;
        }
        if (look.count++ == 0) {
            look.first_ms = sample->event_ms;
            look.first = sample->value;
            look.lowest = sample->value;
            look.highest = sample->value;
        }
        look.last_ms = sample->event_ms;
        look.last = sample->value;
        look.sum += sample->value;
        look.lowest = sample->value < look.lowest ? sample->value : look.lowest;
        look.highest = sample->value > look.highest ? sample->value : look.highest;
    }
    return look;
}

struct value window_value(struct evaluation *evaluation, const struct code_step *step)
{
    const struct program *program = evaluation->program;
    const struct binding *binding = &evaluation->bindings[step->index];
    if (binding->kind != BINDING_SIGNALS) {
        return ABSENT_VALUE;
    }
    if (evaluation->state == NULL || evaluation->windows == NULL) {
        return UNKNOWN_VALUE;
    }
    uint32_t index = evaluation->windows[step->count];
    struct value now = signal_value(evaluation, program->windows[index].signal);
    const struct window *window = &program->windows[index];
    const struct window_head *head = window_of(program, evaluation->state, index);
    const struct signal_state *signal = signal_of(program, evaluation->state, window->signal);
    if (!is_known(now) || !late_owns(evaluation, window->signal)) {
        return UNKNOWN_VALUE; /* the value itself is not usable now, or its past has moved on */
    }
    const double scale = program->signal_scales[window->signal];
    if (step->op == OP_SAME_FOR) {
        return known((double)(signal->event_ms - head->anchor_ms) / SECOND_MS);
    }
    struct look look = look_back(window, head, signal->event_ms);
    int64_t interval_ms =
        (int64_t)program->registry->devices[program->registry->signals[window->signal].device]
            .interval_s *
        SECOND_MS;
    bool covered = look.count > 0 &&
                   (int64_t)look.count * interval_ms * 100 >= window->width_ms * COVERAGE_PERCENT;
    if (!covered) {
        return UNKNOWN_VALUE;
    }
    if (step->op == OP_RATE) {
        double seconds = (double)(look.last_ms - look.first_ms) / SECOND_MS;
        return seconds > 0 ? known((look.last - look.first) * scale / seconds) : UNKNOWN_VALUE;
    }
    double number = step->op == OP_MEAN      ? look.sum / look.count
                    : step->op == OP_LOWEST  ? look.lowest
                    : step->op == OP_HIGHEST ? look.highest
                                             : look.last - look.first;
    return known(number * scale);
}
