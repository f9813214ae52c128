#include <string.h>

#include "detectors/program_state.h"

static void carry_signals(
    const struct program *from, void *from_state, const struct program *to, void *to_state)
{
    for (uint32_t i = 0; i < to->registry->signal_count; i++) {
        const struct signal *signal = &to->registry->signals[i];
        uint32_t device = registry_device(from->registry, to->registry->devices[signal->device].mn);
        uint32_t old = device == NONE ? NONE
                                      : registry_signal(from->registry, device, signal->cn,
                                            signal->factor, signal->field);
        if (old == NONE) {
            continue;
        }
        *signal_of(to, to_state, i) = *signal_of(from, from_state, old);
        for (uint32_t k = to->signal_windows.first[i]; k < to->signal_windows.first[i + 1]; k++) {
            const struct window *fresh = &to->windows[to->signal_windows.list[k]];
            for (uint32_t j = from->signal_windows.first[old];
                 j < from->signal_windows.first[old + 1]; j++) {
                const struct window *window = &from->windows[from->signal_windows.list[j]];
                if (window->kind == fresh->kind && window->width_ms == fresh->width_ms &&
                    window->band == fresh->band && window->capacity == fresh->capacity) {
                    memcpy(window_of(to, to_state, to->signal_windows.list[k]),
                        window_of(from, from_state, from->signal_windows.list[j]),
                        window_size(window));
                }
            }
        }
    }
}

void detectors_carry(
    const struct program *from, const void *from_state, const struct program *to, void *to_state)
{
    void *old_state = (void *)(uintptr_t)from_state;
    if (!state_head_of(old_state)->started) {
        return;
    }
    *state_head_of(to_state) = *state_head_of(old_state);
    for (uint32_t i = 0; i < to->registry->device_count; i++) {
        uint32_t old = registry_device(from->registry, to->registry->devices[i].mn);
        struct track *track = track_of(to, to_state, i);
        if (old != NONE) {
            *track = *track_of(from, old_state, old);
        } else {
            track->listening_ms = state_head_of(old_state)->listening_ms;
        }
    }
    carry_signals(from, old_state, to, to_state);
    for (uint32_t i = 0; i < to->estimator_count; i++) {
        uint32_t old =
            table_find(&from->estimator_by_fingerprint, estimator_key(&to->estimators[i]));
        if (old != TABLE_NONE) {
            *estimator_of(to, to_state, i) = *estimator_of(from, old_state, old);
        }
    }
    for (uint32_t i = 0; i < program_timer_count(to); i++) {
        timers_set(program_timers(to, to_state), program_timer_count(to), i,
            state_head_of(to_state)->hub_ms);
    }
}
