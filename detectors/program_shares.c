#include "detectors/program_state.h"

/* Of a device, or nobody's. */
static size_t *share_of(const struct program *program, size_t *shares, uint32_t device)
{
    return &shares[device == NONE ? program->registry->device_count : device];
}

static uint32_t window_device(const struct program *program, const struct window *window)
{
    return window->at == LOOK_AT_SIGNALS ? program->registry->signals[window->owner].device
                                         : program->bounds[window->owner].clock_device;
}

void program_shares(const struct program *program, size_t *shares)
{
    const struct registry *registry = program->registry;
    enum { MANY = 1024 };
    const size_t timer = timers_size(MANY) / MANY;
    for (uint32_t i = 0; i < registry->device_count; i++) {
        shares[i] += sizeof(struct track) + sizeof(struct contact);
        shares[i] += program->counts_silence ? timer : 0;
    }
    for (uint32_t i = 0; i < program->tally_count; i++) {
        const struct tally *tally = &program->tallies[i];
        shares[tally->device] += tally_size(&program->asks[tally->ask]);
    }
    for (uint32_t i = 0; i < registry->signal_count; i++) {
        shares[registry->signals[i].device] += sizeof(struct signal_state);
    }
    for (uint32_t i = 0; i < program->estimator_count; i++) {
        shares[program->estimators[i].clock_device] += sizeof(struct estimator_state) + timer;
    }
    for (uint32_t i = 0; i < program->bound_count; i++) {
        const struct bound *bound = &program->bounds[i];
        *share_of(program, shares, bound->clock_device) +=
            timer + (bound->judged == NONE ? 0 : sizeof(int32_t));
    }
    *share_of(program, shares, NONE) += held_size(program->bound_count);
    for (uint32_t i = 0; i < program->window_count; i++) {
        const struct window *window = &program->windows[i];
        *share_of(program, shares, window_device(program, window)) += window_size(window);
    }
}
