#include "detectors/program_state.h"

/* Baselines are learnt anew when their device is put into service anew: that is how it is asked for. */
static bool in_service_as_before(
    const struct program *from, uint32_t old, const struct program *to, uint32_t fresh)
{
    if (old == NONE || fresh == NONE) {
        return old == fresh;
    }
    const struct device *before = &from->registry->devices[old];
    const struct device *now = &to->registry->devices[fresh];
    return before->has_in_service_since == now->has_in_service_since &&
           before->in_service_since.ms == now->in_service_since.ms;
}

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
        bool known = in_service_as_before(from, device, to, signal->device);
        *signal_of(to, to_state, i) = *signal_of(from, from_state, old);
        for (uint32_t k = to->signal_windows.first[i]; k < to->signal_windows.first[i + 1]; k++) {
            const uint32_t fresh = to->signal_windows.list[k];
            for (uint32_t j = from->signal_windows.first[old];
                 j < from->signal_windows.first[old + 1]; j++) {
                const uint32_t window = from->signal_windows.list[j];
                if (known || pane_window(to, fresh)->kind != WINDOW_BASELINE) {
                    window_carry(pane_window(from, window), window_of(from, from_state, window),
                        pane_window(to, fresh), window_of(to, to_state, fresh));
                }
            }
        }
    }
}

/* What an instance remembers for itself stays as long as its rule, its constants and its signals do. */
static void carry_instances(
    const struct program *from, void *from_state, const struct program *to, void *to_state)
{
    for (uint32_t i = 0; i < to->bound_count; i++) {
        const struct bound *fresh = &to->bounds[i];
        uint32_t old = table_find(&from->bound_by_fingerprint, bound_key(fresh));
        if (old == TABLE_NONE || from->bounds[old].own_count != fresh->own_count) {
            continue;
        }
        if (has_held(from, from_state, old)) {
            note_held(to, to_state, i);
        }
        if (fresh->judged != NONE) {
            *judged_of(to, to_state, fresh) = *judged_of(from, from_state, &from->bounds[old]);
        }
        bool known =
            in_service_as_before(from, from->bounds[old].clock_device, to, fresh->clock_device);
        for (uint32_t k = 0; k < fresh->own_count; k++) {
            const uint32_t window = from->bounds[old].own_first + k;
            const uint32_t into = fresh->own_first + k;
            if (known || pane_window(to, into)->kind != WINDOW_BASELINE) {
                window_carry(pane_window(from, window), window_of(from, from_state, window),
                    pane_window(to, into), window_of(to, to_state, into));
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
            track->silent = 0; /* its groups begin anew, and its timer is due at once */
        } else {
            track->listening_ms = state_head_of(old_state)->listening_ms;
        }
    }
    tallies_carry(from, old_state, to, to_state);
    carry_signals(from, old_state, to, to_state);
    carry_instances(from, old_state, to, to_state);
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
