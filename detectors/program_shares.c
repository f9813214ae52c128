#include "detectors/program_state.h"

/* Of a device, or nobody's. */
static size_t *share_of(const struct program *program, size_t *shares, uint32_t device)
{
    return &shares[device == NONE ? program->registry->device_count : device];
}

static uint32_t pane_device(const struct program *program, uint32_t pane)
{
    const uint32_t owner = program->panes[pane].owner;
    return pane_window(program, pane)->at == LOOK_AT_SIGNALS
               ? program->registry->signals[owner].device
               : program->bounds[owner].clock_device;
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
    for (uint32_t i = 0; i < program->pane_count; i++) {
        *share_of(program, shares, pane_device(program, i)) += window_size(pane_window(program, i));
    }
}
