#include "detectors/binder.h"

enum { WINDOW_SAMPLES_MAX = 4096 };

/* How many values a window keeps; more than there is room for is a finding of the rule. */
static uint32_t window_samples(
    struct binder *binder, const struct rule *rule, int64_t width_ms, uint32_t signal)
{
    const struct device *device =
        &binder->registry->devices[binder->registry->signals[signal].device];
    int64_t samples = width_ms / (device->interval_s * INT64_C(1000)) + 4;
    if (samples > WINDOW_SAMPLES_MAX) {
        report_say(binder->report, rule->place.file, rule->place.line, rule->place.column,
            "%.*s looks back over %lld values of %.*s, which reports each %d s: at most %d",
            (int)rule->id.size, (const char *)rule->id.ptr, (long long)samples,
            (int)device->mn.size, (const char *)device->mn.ptr, (int)device->interval_s,
            WINDOW_SAMPLES_MAX);
        samples = WINDOW_SAMPLES_MAX;
    }
    return (uint32_t)samples;
}

static uint32_t window_for(
    struct binder *binder, const struct rule *rule, const struct code_step *step, uint32_t signal)
{
    struct program *program = binder->program;
    bool same = step->op == OP_SAME_FOR;
    double scale = unit_find(binder->registry->signals[signal].unit)->scale;
    struct window wanted = {.signal = signal,
        .kind = same ? WINDOW_SAME : WINDOW_RING,
        .width_ms = same ? 0 : (int64_t)(step->number * SECOND_MS + 0.5),
        .band = same ? step->number / scale : 0,
        .before = binder->last_windows[signal]};
    for (uint32_t i = wanted.before; i != NONE; i = program->windows[i].before) {
        const struct window *window = &program->windows[i];
        if (window->kind == wanted.kind && window->width_ms == wanted.width_ms &&
            window->band == wanted.band) {
            return i;
        }
    }
    if (!same) {
        wanted.capacity = window_samples(binder, rule, wanted.width_ms, signal);
    }
    program->windows = array_grow(&program->arena, program->windows, program->window_count,
        &binder->window_capacity, sizeof *program->windows);
    program->windows[program->window_count] = wanted;
    binder->last_windows[signal] = program->window_count;
    return program->window_count++;
}

void bind_windows(struct binder *binder, const struct bound *bound, const struct code *code)
{
    struct program *program = binder->program;
    for (size_t i = 0; i < code->size; i++) {
        const struct code_step *step = &code->steps[i];
        if (step->op < OP_MEAN || step->op > OP_SAME_FOR) {
            continue;
        }
        const struct binding *binding = &program->bindings[bound->binding_first + step->index];
        uint32_t window = NONE;
        if (binding->kind == BINDING_SIGNALS) {
            window = window_for(binder, &program->rules.rules[bound->rule], step,
                program->elements[binding->first]);
        }
        program->window_map[bound->window_first + step->count] = window;
    }
}
