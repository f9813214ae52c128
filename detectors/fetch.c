#include "core/fetch.h"

#include "detectors/program_state.h"

/* The windows that were made for an instance, its signals' and its own: from where those of the one before end. */
static uint32_t windows_begin(const struct program *program, uint32_t bound)
{
    const struct bound *before = &program->bounds[bound == 0 ? 0 : bound - 1];
    return bound == 0 ? before->own_first : before->own_first + before->own_count;
}

static uint32_t windows_end(const struct program *program, uint32_t bound)
{
    return program->bounds[bound].own_first + program->bounds[bound].own_count;
}

void detectors_fetch_device(const struct program *program, void *state, uint32_t device)
{
    const uint32_t *first = program->device_bounds.first + device;
    const uint32_t *signals = program->registry->device_signal_first + device;
    const uint32_t *tallies = program->device_tallies.first + device;
    const uint32_t count = signals[1] - signals[0];
    fetch(track_of(program, state, device), sizeof(struct track));
    fetch(contact_of(program, state, device), sizeof(struct contact));
    fetch(&program->device_tallies.list[tallies[0]], (tallies[1] - tallies[0]) * sizeof(uint32_t));
    fetch(&program->registry->signals[signals[0]], count * sizeof(struct signal));
    fetch(&program->signals[signals[0]], count * sizeof(struct signal_facts));
    fetch(&program->signal_windows.first[signals[0]], count * sizeof(uint32_t));
    fetch(signal_of(program, state, signals[0]), count * sizeof(struct signal_state));
    for (uint32_t i = first[0]; i < first[1]; i++) {
        const uint32_t bound = program->device_bounds.list[i];
        fetch(&program->bounds[bound], sizeof(struct bound));
        timers_fetch(program_timers(program, state), program->estimator_count + bound);
    }
}

void detectors_fetch_instances(const struct program *program, uint32_t device)
{
    const uint32_t *first = program->device_bounds.first + device;
    const uint32_t *tallies = program->device_tallies.first + device;
    const uint32_t *signals = program->registry->device_signal_first + device;
    fetch(&program->signal_windows.list[program->signal_windows.first[signals[0]]], 1);
    for (uint32_t i = tallies[0]; i < tallies[1]; i++) {
        fetch(&program->tallies[program->device_tallies.list[i]], sizeof(struct tally));
    }
    for (uint32_t i = first[0]; i < first[1]; i++) {
        const uint32_t index = program->device_bounds.list[i];
        const struct bound *bound = &program->bounds[index];
        const uint32_t inputs = (uint32_t)program->rules.rules[bound->rule].names.input_count;
        const uint32_t window = windows_begin(program, index);
        fetch(&program->bindings[bound->binding_first], inputs * sizeof(struct binding));
        fetch(&program->looks[bound->look_first], sizeof(uint32_t));
        fetch(
            &program->panes[window], (windows_end(program, index) - window) * sizeof(struct pane));
    }
}

void detectors_fetch_windows(const struct program *program, void *state, uint32_t device)
{
    const uint32_t *first = program->device_bounds.first + device;
    const uint32_t *tallies = program->device_tallies.first + device;
    const struct pane *panes = program->panes;
    for (uint32_t i = tallies[0]; i < tallies[1]; i++) {
        fetch(tally_of(program, state, program->device_tallies.list[i]), 1);
    }
    for (uint32_t i = first[0]; i < first[1]; i++) {
        const uint32_t begin = windows_begin(program, program->device_bounds.list[i]);
        const uint32_t end = windows_end(program, program->device_bounds.list[i]);
        if (begin < end && end < program->pane_count) {
            fetch(window_of(program, state, begin), panes[end].offset - panes[begin].offset);
        }
    }
}
