#include "detectors/evaluate.h"

/* An instance's numbers while they are written. */
struct numbers {
    struct evaluation evaluation;
    const struct bound *bound;
    const struct rule *rule;
    struct text *out;
    bool any; /* one is there */
};

/* Six decimals, fewer of what is great; null is what is not known, or greater than any JSON reader takes whole. */
static void add_json_number(struct text *out, double number)
{
    double magnitude = number < 0 ? -number : number;
    if (magnitude < 1e9) {
        text_add_number(out, number, 6);
    } else if (magnitude < 9e15) {
        text_add_number(out, number, 0);
    } else {
        text_add(out, "null");
    }
}

static void begin_number(struct numbers *numbers, struct slice name)
{
    text_add(numbers->out, numbers->any ? "," : "");
    text_add_json(numbers->out, name);
    text_add(numbers->out, ":{");
    text_add_key(numbers->out, "value");
    numbers->any = true;
}

static void end_number(struct numbers *numbers, struct slice unit)
{
    if (unit.size > 0) {
        text_add_field(numbers->out, "unit", slice_is(unit, "degC") ? slice_of("°C") : unit);
    }
    text_add_byte(numbers->out, '}');
}

static void add_number(struct numbers *numbers, struct slice name, double number, struct slice unit)
{
    begin_number(numbers, name);
    add_json_number(numbers->out, number);
    end_number(numbers, unit);
}

static void add_value(
    struct numbers *numbers, struct slice name, struct value value, bool truth, struct slice unit)
{
    if (is_known(value) && !truth) {
        add_number(numbers, name, value.number, unit);
        return;
    }
    begin_number(numbers, name);
    text_add(numbers->out, !is_known(value) ? "null" : value.number != 0 ? "true" : "false");
    end_number(numbers, truth ? (struct slice){0} : unit);
}

/* As it was sent, however old it is. */
static void add_signal(struct numbers *numbers, struct slice name, uint32_t signal)
{
    const struct program *program = numbers->evaluation.program;
    const struct signal_state *state = signal_of(program, numbers->evaluation.state, signal);
    bool told = state->seen && state->digits_size > 0;
    add_value(numbers, name, told ? known(state->value) : UNKNOWN_VALUE, false,
        program->registry->signals[signal].unit);
}

static void add_input(struct numbers *numbers, struct slice name)
{
    const struct program *program = numbers->evaluation.program;
    const struct expression_scope *names = &numbers->rule->names;
    const size_t index = expression_input(names, name);
    if (index == INPUTS_MAX) {
        return;
    }
    const struct input *input = &names->inputs[index];
    const struct binding *binding = &numbers->evaluation.bindings[index];
    const uint32_t signal = numbers->bound->signal;
    const struct code code = {.steps = {{.op = OP_INPUT, .index = (uint16_t)index}}, .size = 1};
    struct value value = evaluate(&numbers->evaluation, &code);
    bool allowed = binding->kind == BINDING_CONSTANT || binding->kind == BINDING_DATED;
    if (binding->kind == BINDING_SIGNALS && !input->truth) {
        add_signal(numbers, name, program->elements[binding->first]);
    } else if (allowed && signal != NONE &&
               is_known(value)) { /* a limit, in the unit of what it limits */
        add_number(numbers, name, value.number / program->signals[signal].scale,
            program->registry->signals[signal].unit);
    } else {
        add_value(numbers, name, value, input->truth,
            input->typed ? dimension_unit(input->dimension) : (struct slice){0});
    }
}

static bool add_let(struct numbers *numbers, struct slice name)
{
    const struct expression_scope *names = &numbers->rule->names;
    for (size_t i = 0; i < names->let_count; i++) {
        const struct let *let = &names->lets[i];
        if (slice_equal(let->name, name)) {
            add_value(numbers, name, numbers->evaluation.lets[i], let->truth,
                let->typed ? dimension_unit(let->dimension) : (struct slice){0});
            return true;
        }
    }
    return false;
}

/* In the unit in which it was written. */
static bool add_parameter(struct numbers *numbers, struct slice name)
{
    const struct expression_scope *names = &numbers->rule->names;
    for (size_t i = 0; i < names->parameter_count; i++) {
        const struct parameter *parameter = &names->parameters[i];
        if (slice_equal(parameter->name, name)) {
            struct slice unit = parameter->text;
            slice_cut(&unit, ' ');
            const struct unit *written = unit_find(unit);
            add_number(numbers, name, parameter->value / (written == NULL ? 1 : written->scale),
                written == NULL ? dimension_unit(parameter->dimension) : unit);
            return true;
        }
    }
    return false;
}

/* The next {name} of a sentence; empty: no more. */
static struct slice next_name(struct slice *rest)
{
    slice_cut(rest, '{');
    return slice_cut(rest, '}');
}

static bool is_before(struct slice sentence, struct slice name)
{
    struct slice other = next_name(&sentence);
    while (other.size > 0 && other.ptr != name.ptr && !slice_equal(other, name)) {
        other = next_name(&sentence);
    }
    return other.ptr != name.ptr;
}

/* Each name once, in the order of the Chinese sentence; what is no number is told elsewhere. */
static void add_names(struct numbers *numbers)
{
    struct slice rest = numbers->rule->text_zh;
    for (struct slice name = next_name(&rest); name.size > 0; name = next_name(&rest)) {
        bool told = is_before(numbers->rule->text_zh, name) || add_parameter(numbers, name) ||
                    add_let(numbers, name);
        if (!told) {
            add_input(numbers, name);
        }
    }
}

void detectors_numbers(const struct program *program, const void *state, const struct moment *books,
    uint32_t instance, struct text *out)
{
    const struct bound *bound = &program->bounds[instance];
    const struct rule *rule = &program->rules.rules[bound->rule];
    const struct moment moment = moment_of(state, books);
    struct value lets[LETS_MAX];
    struct numbers numbers = {
        .evaluation = evaluation_of(
            program, (void *)(uintptr_t)state, &moment, &rule->names, bound->binding_first),
        .bound = bound,
        .rule = rule,
        .out = out,
    };
    numbers.evaluation.place = &bound->place;
    numbers.evaluation.looks = program->looks + bound->look_first;
    numbers.evaluation.lets = lets;
    numbers.evaluation.local_ms =
        local_now(program, numbers.evaluation.state, bound->clock_device, moment.hub_ms);
    evaluate_lets(&numbers.evaluation, rule->lets, NULL);
    text_add_byte(out, '{');
    add_names(&numbers);
    text_add_byte(out, '}');
}
