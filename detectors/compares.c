#include <assert.h>
#include <math.h>

#include "detectors/program_state.h"

/* One side of a comparison, as the code tells without running. */
struct side {
    enum { SIDE_OTHER, SIDE_SIGNALS, SIDE_FIXED } kind;
    const struct binding *signals; /* SIGNALS: which, or a window over them in their unit */
    struct slice name;             /* FIXED: under which a sentence tells it; empty: it has none */
    double number;                 /* FIXED: base unit; NaN: only the alarm knows */
};

struct compares {
    const struct program *program;
    const struct bound *bound;
    const struct rule *rule;
    struct side lets[LETS_MAX];
    compared_sink *each;
    void *context;
};

static const struct side OTHER = {.kind = SIDE_OTHER, .number = (double)NAN};

static struct side of_number(const struct compares *compares, const struct code_step *step)
{
    struct side side = {.kind = SIDE_FIXED, .number = step->number};
    if (step->parameter > 0) {
        const struct parameter *parameter = &compares->rule->names.parameters[step->parameter - 1];
        side.name = parameter->name;
        side.number = parameter->value;
    }
    return side;
}

static struct side of_input(const struct compares *compares, uint16_t index)
{
    const struct input *input = &compares->rule->names.inputs[index];
    const struct binding *binding =
        &compares->program->bindings[compares->bound->binding_first + index];
    if (binding->kind == BINDING_SIGNALS && !input->truth) {
        return (struct side){.kind = SIDE_SIGNALS, .signals = binding};
    }
    if (binding->kind == BINDING_CONSTANT || binding->kind == BINDING_DATED) {
        return (struct side){.kind = SIDE_FIXED,
            .name = input->role.size == 0 ? input->name : (struct slice){0},
            .number = binding->kind == BINDING_CONSTANT ? binding->constant : (double)NAN};
    }
    return OTHER;
}

/* A window tells of its signals what can be drawn on their scale, or something else. */
static struct side of_function(const struct compares *compares, const struct code_step *step)
{
    const enum op op = (enum op)step->op;
    if (op == OP_SENT) {
        return of_input(compares, step->index);
    }
    if (op == OP_ORDER || op == OP_TOLD) {
        return (struct side){.kind = SIDE_FIXED, .number = (double)NAN};
    }
    if (op != OP_MEAN && op != OP_LOWEST && op != OP_HIGHEST && op != OP_MEDIAN) {
        return OTHER;
    }
    const struct look *look = &compares->rule->names.looks[step->count];
    struct side side =
        look->at == LOOK_AT_LET ? compares->lets[look->index] : of_input(compares, look->index);
    return side.kind == SIDE_SIGNALS ? side : OTHER;
}

static struct side push(const struct compares *compares, const struct code_step *step)
{
    const enum op op = (enum op)step->op;
    return op == OP_NUMBER  ? of_number(compares, step)
           : op == OP_INPUT ? of_input(compares, step->index)
           : op == OP_LET   ? compares->lets[step->index]
                            : of_function(compares, step);
}

static void tell(const struct compares *compares, struct side signals, struct side fixed)
{
    const struct program *program = compares->program;
    bool told = signals.kind == SIDE_SIGNALS && fixed.kind == SIDE_FIXED &&
                (fixed.name.size > 0 || isfinite(fixed.number));
    for (uint32_t i = 0; told && i < signals.signals->count; i++) {
        uint32_t signal = program->elements[signals.signals->first + i];
        compares->each(
            compares->context, signal, fixed.name, fixed.number / program->signals[signal].scale);
    }
}

/* Of two numbers that stand still the third does, but no sentence calls it by a name. */
static struct side reckon(struct side a, struct side b, enum op op)
{
    if (a.kind != SIDE_FIXED || b.kind != SIDE_FIXED) {
        return OTHER;
    }
    double number = op == OP_ADD        ? a.number + b.number
                    : op == OP_SUBTRACT ? a.number - b.number
                    : op == OP_MULTIPLY ? a.number * b.number
                                        : a.number / b.number;
    return (struct side){.kind = SIDE_FIXED, .number = number};
}

static struct side join(const struct compares *compares, struct side a, struct side b, enum op op)
{
    if (op >= OP_LESS && op <= OP_GREATER_EQUAL) {
        tell(compares, a, b);
        tell(compares, b, a);
        return OTHER;
    }
    return op == OP_WHERE ? b : op >= OP_ADD && op <= OP_DIVIDE ? reckon(a, b, op) : OTHER;
}

/* The same walk as evaluate.c's. */
static struct side walk(const struct compares *compares, const struct code *code)
{
    struct side stack[STACK_MAX + 1];
    size_t depth = 0;
    for (size_t i = 0; i < code->size; i++) {
        const struct code_step *step = &code->steps[i];
        const enum op op = (enum op)step->op;
        if (op == OP_NOT || op == OP_TRUTH || op == OP_NEGATE || op == OP_ABS) {
            bool negates = op == OP_NEGATE && stack[depth - 1].kind == SIDE_FIXED;
            double number = -stack[depth - 1].number;
            stack[depth - 1] =
                negates ? (struct side){.kind = SIDE_FIXED, .number = number} : OTHER;
        } else if ((op >= OP_OR && op <= OP_DIVIDE) || op == OP_WHERE) {
            depth -= 1;
            stack[depth - 1] = join(compares, stack[depth - 1], stack[depth], op);
        } else if (op == OP_MAX || op == OP_MIN) {
            depth -= step->count - 1U;
            stack[depth - 1] = OTHER;
        } else {
            stack[depth++] = push(compares, step);
        }
        assert(depth >= 1 && depth <= STACK_MAX);
    }
    return depth == 1 ? stack[0] : OTHER;
}

void program_instance_compares(
    const struct program *program, uint32_t instance, compared_sink *each, void *context)
{
    const struct bound *bound = &program->bounds[instance];
    const struct rule *rule = &program->rules.rules[bound->rule];
    struct compares compares = {
        .program = program, .bound = bound, .rule = rule, .each = each, .context = context};
    for (size_t i = 0; i < rule->names.let_count; i++) {
        struct side side = walk(&compares, &rule->lets[i]);
        side.name = side.kind == SIDE_FIXED ? rule->names.lets[i].name : side.name;
        compares.lets[i] = side;
    }
    walk(&compares, &rule->when);
    walk(&compares, &rule->clear_when);
    for (size_t i = 0; i < rule->grade_count; i++) {
        walk(&compares, &rule->grades[i].when);
    }
}
