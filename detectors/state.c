#include "detectors/program_state.h"

struct head *state_head_of(void *state)
{
    return state;
}

struct track *track_of(const struct program *program, void *state, uint32_t device)
{
    return (struct track *)(void *)((uint8_t *)state + program->track_at) + device;
}

struct contact *contact_of(const struct program *program, void *state, uint32_t device)
{
    return (struct contact *)(void *)((uint8_t *)state + program->contact_at) + device;
}

struct tally_state *tally_of(const struct program *program, void *state, uint32_t tally)
{
    return (struct tally_state *)(void *)((uint8_t *)state + program->tally_at) + tally;
}

struct signal_state *signal_of(const struct program *program, void *state, uint32_t signal)
{
    return (struct signal_state *)(void *)((uint8_t *)state + program->signal_at) + signal;
}

struct estimator_state *estimator_of(const struct program *program, void *state, uint32_t estimator)
{
    return (struct estimator_state *)(void *)((uint8_t *)state + program->estimator_at) + estimator;
}

void *program_timers(const struct program *program, void *state)
{
    return (uint8_t *)state + program->timers_at;
}

uint32_t program_timer_count(const struct program *program)
{
    return program->estimator_count + program->bound_count +
           (program->counts_silence ? program->registry->device_count : 0);
}

void *window_of(const struct program *program, void *state, uint32_t window)
{
    return (uint8_t *)state + program->windows_at + program->windows[window].offset;
}

int64_t *judged_of(const struct program *program, void *state, const struct bound *bound)
{
    return (int64_t *)(void *)((uint8_t *)state + program->judged_at) + bound->judged;
}

uint8_t *once_of(const struct program *program, void *state, uint32_t bound)
{
    return (uint8_t *)state + program->once_at + bound;
}

int64_t local_now(const struct program *program, void *state, uint32_t device, int64_t hub_ms)
{
    if (device == NONE) {
        return hub_ms;
    }
    const struct track *track = track_of(program, state, device);
    return track->heard ? track->event_ms + (hub_ms - track->hub_ms) : hub_ms;
}

double signal_column(const struct program *program, uint32_t signal, enum column column)
{
    static const size_t PLACES[COLUMN_COUNT] = {
#define COLUMN(id, name) [COLUMN_##id] = offsetof(struct signal, name),
#include "detectors/columns.def"
#undef COLUMN
    };
    const uint8_t *of = (const uint8_t *)&program->registry->signals[signal];
    return *(const double *)(const void *)(of + PLACES[column]) * program->signal_scales[signal];
}

int64_t device_age_ms(const struct program *program, void *state, uint32_t device)
{
    const struct head *head = state_head_of(state);
    const struct device *of = &program->registry->devices[device];
    int64_t age_ms = head->listening_ms - track_of(program, state, device)->listening_ms;
    int64_t served_ms = head->wall_ms - of->in_service_since.ms;
    if (of->has_in_service_since && served_ms < age_ms) {
        age_ms = served_ms > 0 ? served_ms : 0;
    }
    return age_ms;
}

/* A frame of a period names its start: the value speaks of the period behind it. */
int64_t signal_delay_ms(const struct registry *registry, uint32_t signal)
{
    static const struct {
        int cn;
        int64_t period_ms;
    } PERIODS[] = {{2051, 10 * MINUTE_MS}, {2061, HOUR_MS}, {2031, DAY_MS}};
    for (size_t i = 0; i < sizeof PERIODS / sizeof PERIODS[0]; i++) {
        if (registry->signals[signal].cn == PERIODS[i].cn) {
            return PERIODS[i].period_ms;
        }
    }
    return 0;
}

int64_t signal_interval_ms(const struct registry *registry, uint32_t signal)
{
    int64_t period_ms = signal_delay_ms(registry, signal);
    const struct device *device = &registry->devices[registry->signals[signal].device];
    return period_ms > 0 ? period_ms : device->interval_s * (int64_t)SECOND_MS;
}

/* A minute's frame may be of ten minutes or of one. */
int64_t signal_spacing_ms(const struct registry *registry, uint32_t signal)
{
    return registry->signals[signal].cn == 2051 ? (int64_t)MINUTE_MS
                                                : signal_interval_ms(registry, signal);
}
