#include "detectors/evaluate.h"

typedef struct value tell_held(const struct evaluation *evaluation, const struct code_step *step,
    uint32_t signal, const struct signal_state *state);

/* Of several equipment in one role: as their values; yes, where one is so. */
static struct value of_all(
    struct evaluation *evaluation, const struct code_step *step, tell_held *tell, bool truth)
{
    const struct binding *binding = &evaluation->bindings[step->index];
    struct value value = ABSENT_VALUE;
    for (uint32_t i = 0; binding->kind == BINDING_SIGNALS && i < binding->count; i++) {
        uint32_t signal = evaluation->program->elements[binding->first + i];
        const struct signal_state *state = signal_held(evaluation, signal);
        struct value one = state == NULL ? UNKNOWN_VALUE : tell(evaluation, step, signal, state);
        value = i == 0 ? one : value_join(value, one, binding->all && !truth, truth);
    }
    return value;
}

static struct value is_flagged(const struct evaluation *evaluation, const struct code_step *step,
    uint32_t signal, const struct signal_state *state)
{
    (void)evaluation;
    (void)signal;
    return known((uint32_t)step->number >> state->flag & 1);
}

static struct value as_sent(const struct evaluation *evaluation, const struct code_step *step,
    uint32_t signal, const struct signal_state *state)
{
    (void)step;
    return isnan(state->sent) ? UNKNOWN_VALUE
                              : known(state->sent * evaluation->program->signals[signal].scale);
}

struct value flagged_value(struct evaluation *evaluation, const struct code_step *step)
{
    return of_all(evaluation, step, is_flagged, true);
}

struct value sent_value(struct evaluation *evaluation, const struct code_step *step)
{
    return of_all(evaluation, step, as_sent, false);
}
