#include <assert.h>

#include "detectors/binder.h"
#include "detectors/silence.h"
#include "schemas/rule_periods.h"

static void pair_bindings(
    struct binder *binder, struct pairs *pairs, uint32_t binding_first, size_t count, uint32_t to)
{
    const struct program *program = binder->program;
    for (size_t i = 0; i < count; i++) {
        const struct binding *binding = &program->bindings[binding_first + i];
        if (binding->kind == BINDING_AGE || binding->kind == BINDING_ASK) {
            pairs_add(pairs, binding->first, to);
        }
        for (uint32_t k = 0; k < binding_elements(binding); k++) {
            uint32_t element = program->elements[binding->first + k];
            pairs_add(pairs,
                binding->kind == BINDING_ESTIMATORS ? program->estimators[element].clock_device
                                                    : binder->registry->signals[element].device,
                to);
        }
    }
}

void bind_index(struct binder *binder)
{
    struct program *program = binder->program;
    struct arena *arena = &program->arena;
    struct pairs estimators = {.arena = arena}, bounds = {.arena = arena},
                 windows = {.arena = arena}, tallies = {.arena = arena};
    for (uint32_t i = 0; i < program->estimator_count; i++) {
        const struct estimator *estimator = &program->estimators[i];
        pair_bindings(binder, &estimators, estimator->binding_first,
            program->rules.states[estimator->state].names.input_count, i);
    }
    for (uint32_t i = 0; i < program->bound_count; i++) {
        const struct bound *bound = &program->bounds[i];
        pair_bindings(binder, &bounds, bound->binding_first,
            program->rules.rules[bound->rule].names.input_count, i);
        if (bound->clock_device != NONE && bound->own_count > 0) {
            pairs_add(&bounds, bound->clock_device, i); /* its messages feed the windows */
        }
    }
    for (uint32_t i = 0; i < program->pane_count; i++) {
        if (pane_window(program, i)->at == LOOK_AT_SIGNALS) {
            pairs_add(&windows, program->panes[i].owner, i);
        }
    }
    for (uint32_t i = 0; i < program->tally_count; i++) {
        pairs_add(&tallies, program->tallies[i].device, i);
    }
    program->device_tallies = pairs_index(&tallies, binder->registry->device_count);
    program->device_estimators = pairs_index(&estimators, binder->registry->device_count);
    program->device_bounds = pairs_index(&bounds, binder->registry->device_count);
    program->signal_windows = pairs_index(&windows, binder->registry->signal_count);
}

static size_t aligned(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

/* Three intervals of its device; what is not real-time data, longer. */
static int64_t held_ms(const struct registry *registry, const struct signal *signal)
{
    const struct rule_period *period = rule_period_of_cn(signal->cn);
    int64_t interval_s = registry->devices[signal->device].interval_s;
    return (3 * interval_s + (period == NULL ? 0 : period->held_s)) * SECOND_MS;
}

/* One behind another; how many bytes they are. */
static size_t lay_out_tallies(struct program *program)
{
    size_t offset = 0;
    for (uint32_t i = 0; i < program->tally_count; i++) {
        const struct ask *ask = &program->asks[program->tallies[i].ask];
        offset = ask->kind == ASK_SILENT ? aligned(offset) : offset;
        assert(offset <= UINT32_MAX);
        program->tallies[i].offset = (uint32_t)offset;
        offset += tally_size(ask);
    }
    return aligned(offset);
}

void bind_lay_out(struct program *program)
{
    const struct registry *registry = program->registry;
    program->track_at = aligned(sizeof(struct head));
    program->contact_at = program->track_at + registry->device_count * sizeof(struct track);
    program->tally_at = program->contact_at + registry->device_count * sizeof(struct contact);
    program->signal_at = program->tally_at + lay_out_tallies(program);
    program->estimator_at =
        aligned(program->signal_at + registry->signal_count * sizeof(struct signal_state));
    program->timers_at =
        aligned(program->estimator_at + program->estimator_count * sizeof(struct estimator_state));
    program->judged_at = program->timers_at + timers_size(program_timer_count(program));
    program->held_at = program->judged_at + program->judged_count * sizeof(int32_t);
    program->group_at = aligned(program->held_at + held_size(program->bound_count));
    size_t groups = program->counts_silence ? program->group_count : 0;
    program->windows_at = program->group_at + groups * sizeof(struct silence_group);
    size_t offset = 0;
    for (uint32_t i = 0; i < program->pane_count; i++) {
        program->panes[i].offset = offset;
        offset += window_size(pane_window(program, i));
    }
    program->size = program->windows_at + offset;
    for (uint32_t i = 0; i < registry->signal_count; i++) {
        program->signals[i].held_ms = held_ms(registry, &registry->signals[i]);
    }
}
