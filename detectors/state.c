#include "detectors/program_state.h"

uint32_t program_timer_count(const struct program *program)
{
    return program->estimator_count + program->bound_count +
           (program->counts_silence ? program->registry->device_count : 0);
}

double signal_column(const struct program *program, uint32_t signal, enum column column)
{
    static const size_t PLACES[COLUMN_COUNT] = {
#define COLUMN(id, name) [COLUMN_##id] = offsetof(struct signal, name),
#include "detectors/columns.def"
#undef COLUMN
    };
    const uint8_t *of = (const uint8_t *)&program->registry->signals[signal];
    return *(const double *)(const void *)(of + PLACES[column]) * program->signals[signal].scale;
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
