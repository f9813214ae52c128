#include <assert.h>
#include <math.h>

#include "detectors/evaluate.h"
#include "detectors/silence.h"

const struct signal_state *signal_held(struct evaluation *evaluation, uint32_t signal)
{
    const struct program *program = evaluation->program;
    if (evaluation->state == NULL) {
        return NULL; /* only asked what is there */
    }
    int64_t now_ms = local_now(
        program, evaluation->state, program->signals[signal].device, evaluation->moment->hub_ms);
    const struct signal_state *state = evaluation->moment->live == NULL
                                           ? signal_of(program, evaluation->state, signal)
                                           : late_signal(evaluation, signal, now_ms);
    int64_t left_ms = program->signals[signal].held_ms - (now_ms - state->event_ms);
    if (!state->seen || left_ms < 0) {
        return NULL;
    }
    evaluation_due_in(evaluation, left_ms + 1);
    return state;
}

struct value signal_value(struct evaluation *evaluation, uint32_t signal)
{
    const struct signal_state *state = signal_held(evaluation, signal);
    return state == NULL || !state->usable
               ? UNKNOWN_VALUE
               : known(state->value * evaluation->program->signals[signal].scale);
}

static struct value estimator_value(struct evaluation *evaluation, uint32_t estimator)
{
    if (evaluation->state == NULL) {
        return UNKNOWN_VALUE;
    }
    int64_t since_ms;
    uint8_t told =
        evaluation->moment->live == NULL
            ? estimator_told(estimator_of(evaluation->program, evaluation->state, estimator))
            : late_told(evaluation, estimator, &since_ms);
    return told == SETTLED_NOT ? UNKNOWN_VALUE : known(told == SETTLED_ON ? 1 : 0);
}

static struct value age_value(struct evaluation *evaluation, uint32_t device)
{
    if (evaluation->state == NULL || evaluation->moment->live != NULL) {
        return UNKNOWN_VALUE; /* what came late tells nothing of absence */
    }
    const struct device *of = &evaluation->program->registry->devices[device];
    int64_t age_ms = device_age_ms(evaluation->program, evaluation->state, device);
    struct value value = known((double)age_ms / SECOND_MS);
    if (of->has_in_service_since && of->in_service_since.ms > evaluation->moment->wall.ms) {
        evaluation_due_at_wall(evaluation, of->in_service_since.ms);
        return value; /* it stands until it is put into service */
    }
    value.slope = 1.0 / SECOND_MS; /* while the hub is deaf it stands, but it will go on */
    return value;
}

static struct value silence_value(
    const struct evaluation *evaluation, const struct binding *binding)
{
    if (evaluation->state == NULL || evaluation->moment->live != NULL) {
        return UNKNOWN_VALUE; /* what came late tells nothing of absence */
    }
    const struct silence_group *group =
        silence_group_of(evaluation->program, evaluation->state, binding->first);
    return known(binding->kind == BINDING_SILENT ? group->silent : silence_together(group));
}

/* One more signal or state of the same name. */
static struct value join(
    struct value so_far, struct value one, const struct binding *binding, bool truth)
{
    if (binding->all != JOIN_SUM) {
        return value_join(so_far, one, binding->all == JOIN_ALL, truth);
    }
    return is_known(so_far) && is_known(one) ? known(so_far.number + one.number) : UNKNOWN_VALUE;
}

/* A day's mean that comes in the new year is the old year's. */
static int64_t date_of(const struct evaluation *evaluation, uint32_t signal)
{
    const struct program *program = evaluation->program;
    const int64_t now_ms = local_now(
        program, evaluation->state, program->signals[signal].device, evaluation->moment->hub_ms);
    const struct signal_state *state = evaluation->moment->live == NULL
                                           ? signal_of(program, evaluation->state, signal)
                                           : late_signal(evaluation, signal, now_ms);
    return state->seen ? state->event_ms : now_ms;
}

struct value dated_value(const struct evaluation *evaluation, const struct binding *binding)
{
    const struct spell *spells = &evaluation->program->spells[binding->first];
    if (evaluation->state == NULL) { /* only asked what is there: one of two has a number */
        return known(isnan(spells[0].number) ? spells[1].number : spells[0].number);
    }
    const int64_t at_ms = date_of(evaluation, binding->of);
    uint32_t i = 0;
    while (i + 1 < binding->count && at_ms >= spells[i].until_ms) {
        i++;
    }
    return isnan(spells[i].number) ? ABSENT_VALUE : known(spells[i].number);
}

struct value input_value(struct evaluation *evaluation, const struct code_step *step)
{
    const struct binding *binding = &evaluation->bindings[step->index];
    const struct input *input = &evaluation->names->inputs[step->index];
    struct value value = ABSENT_VALUE;
    switch ((enum binding_kind)binding->kind) {
    case BINDING_ABSENT:
        return ABSENT_VALUE;
    case BINDING_CONSTANT:
        return isnan(binding->constant) ? ABSENT_VALUE : known(binding->constant);
    case BINDING_DATED:
        return dated_value(evaluation, binding);
    case BINDING_AGE:
        return age_value(evaluation, binding->first);
    case BINDING_SILENT:
    case BINDING_TOGETHER:
        return silence_value(evaluation, binding);
    case BINDING_SIGNALS:
    case BINDING_ESTIMATORS:
        for (uint32_t i = 0; i < binding->count; i++) {
            uint32_t element = evaluation->program->elements[binding->first + i];
            struct value one = binding->kind == BINDING_SIGNALS
                                   ? signal_value(evaluation, element)
                                   : estimator_value(evaluation, element);
            if (input->truth && is_known(one)) {
                one.number = one.number != 0 ? 1 : 0;
            }
            value = i == 0 ? one : join(value, one, binding, input->truth);
        }
        return value;
    case BINDING_ASK:
        return ask_value(evaluation, binding, &input->ask);
    case BINDING_ALARMS:
        return alarms_value(evaluation, binding, &input->ask);
    case BINDING_INSIDE:
        return inside_value(evaluation, binding, &input->ask);
    }
    assert(!"a binding is of a kind of the list");
    return ABSENT_VALUE;
}

static struct value since_one(struct evaluation *evaluation, enum op op, uint32_t signal)
{
    const struct program *program = evaluation->program;
    const struct signal_state *state = signal_of(program, evaluation->state, signal);
    int64_t now_ms = local_now(
        program, evaluation->state, program->signals[signal].device, evaluation->moment->hub_ms);
    struct value value = {.slope = 1.0 / SECOND_MS};
    if (op == OP_AGE) {
        value.number = (double)(now_ms - state->event_ms) / SECOND_MS;
        return state->seen ? value : UNKNOWN_VALUE;
    }
    if (is_known(signal_value(evaluation, signal)) || !state->seen) {
        return known(0);
    }
    value.number = (double)(now_ms - state->usable_ms) / SECOND_MS;
    return value;
}

/* Of several equipment in one role: the longest, or where all are meant the shortest. */
struct value since_value(struct evaluation *evaluation, const struct code_step *step)
{
    const struct binding *binding = &evaluation->bindings[step->index];
    if (binding->kind != BINDING_SIGNALS) {
        return ABSENT_VALUE;
    }
    if (evaluation->state == NULL || evaluation->moment->live != NULL) {
        return UNKNOWN_VALUE;
    }
    struct value value = ABSENT_VALUE;
    for (uint32_t i = 0; i < binding->count; i++) {
        struct value one = since_one(
            evaluation, (enum op)step->op, evaluation->program->elements[binding->first + i]);
        value = i == 0 ? one : value_join(value, one, binding->all, false);
    }
    return value;
}

/* Of several equipment in one role: as their values, the greatest or the least. */
struct value column_value(struct evaluation *evaluation, const struct code_step *step)
{
    const struct program *program = evaluation->program;
    const struct binding *binding = &evaluation->bindings[step->index];
    struct value value = ABSENT_VALUE;
    for (uint32_t i = 0; binding->kind == BINDING_SIGNALS && i < binding->count; i++) {
        double number =
            signal_column(program, program->elements[binding->first + i], (enum column)step->count);
        struct value one = isnan(number) ? learnt_column(evaluation, step, i) : known(number);
        if (value_status(one) != VALUE_ABSENT) {
            value = value_status(value) == VALUE_ABSENT
                        ? one
                        : value_join(value, one, binding->all, false);
        }
    }
    return value;
}
