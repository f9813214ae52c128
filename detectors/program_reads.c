#include "detectors/program_state.h"

static void read_estimator(
    const struct program *program, uint32_t index, signal_sink *each, void *context)
{
    const struct estimator *estimator = &program->estimators[index];
    size_t count = program->rules.states[estimator->state].names.input_count;
    for (size_t i = 0; i < count; i++) {
        const struct binding *binding = &program->bindings[estimator->binding_first + i];
        for (uint32_t k = 0; binding->kind == BINDING_SIGNALS && k < binding->count; k++) {
            each(context, program->elements[binding->first + k]);
        }
    }
}

void program_instance_reads(
    const struct program *program, uint32_t instance, signal_sink *each, void *context)
{
    const struct bound *bound = &program->bounds[instance];
    size_t count = program->rules.rules[bound->rule].names.input_count;
    for (size_t i = 0; i < count; i++) {
        const struct binding *binding = &program->bindings[bound->binding_first + i];
        for (uint32_t k = 0; k < binding_elements(binding); k++) {
            uint32_t element = program->elements[binding->first + k];
            if (binding->kind == BINDING_SIGNALS) {
                each(context, element);
            } else if (binding->kind == BINDING_ESTIMATORS) {
                read_estimator(program, element, each, context);
            }
        }
    }
}
