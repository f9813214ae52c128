#include "core/nearest.h"
#include "detectors/compiler.h"

static void unknown_name(struct compiler *compiler, struct token token, struct slice why)
{
    struct nearest nearest = nearest_begin(token.text);
    char space[100];
    struct text near = text_in(space, sizeof space);
    for (size_t i = 0; i < compiler->scope->parameter_count; i++) {
        nearest_offer(&nearest, compiler->scope->parameters[i].name);
    }
    for (size_t i = 0; i < compiler->scope->let_count; i++) {
        nearest_offer(&nearest, compiler->scope->lets[i].name);
    }
    if (nearest.word.size > 0) {
        text_add(&near, ": did you mean '");
        text_add_slice(&near, nearest.word);
        text_add(&near, "'?");
        why = text_slice(&near);
    }
    complain_of_word(compiler, token, "unknown name", why);
}

size_t input_index(struct compiler *compiler, struct token token)
{
    struct expression_scope *scope = compiler->scope;
    struct input input = {.name = token.text};
    size_t dot = slice_find(token.text, 0, '.');
    if (dot < token.text.size) {
        input.role = slice_head(token.text, dot);
        input.name = slice_tail(token.text, dot + 1);
    }
    for (size_t i = 0; i < scope->input_count; i++) {
        if (slice_equal(scope->inputs[i].role, input.role) &&
            slice_equal(scope->inputs[i].name, input.name)) {
            return i;
        }
    }
    char why_space[300];
    struct text why = text_in(why_space, sizeof why_space);
    if (!scope->vocabulary->describe(scope->vocabulary->context, &input, &why)) {
        unknown_name(compiler, token, text_slice(&why));
        return INPUTS_MAX;
    }
    if (scope->input_count == INPUTS_MAX) {
        complain(compiler, token.at, "the rule reads too many names: split it");
        return INPUTS_MAX;
    }
    scope->inputs[scope->input_count] = input;
    return scope->input_count++;
}

const struct parameter *parameter_of(const struct expression_scope *scope, struct slice name)
{
    for (size_t i = 0; i < scope->parameter_count; i++) {
        if (slice_equal(scope->parameters[i].name, name)) {
            return &scope->parameters[i];
        }
    }
    return NULL;
}

uint16_t parameter_number(const struct expression_scope *scope, const struct parameter *parameter)
{
    return parameter == NULL ? 0 : (uint16_t)(parameter - scope->parameters + 1);
}

size_t let_index(struct compiler *compiler, struct slice name)
{
    struct expression_scope *scope = compiler->scope;
    for (size_t i = 0; i < scope->let_count; i++) {
        if (slice_equal(scope->lets[i].name, name)) {
            scope->lets[i].read = true;
            return i;
        }
    }
    return LETS_MAX;
}

static bool operand_let(struct compiler *compiler, struct token token)
{
    size_t index = let_index(compiler, token.text);
    if (index == LETS_MAX) {
        return false;
    }
    const struct let *let = &compiler->scope->lets[index];
    emit(compiler, (struct code_step){.op = OP_LET, .index = (uint16_t)index});
    push(compiler, (struct type){.truth = let->truth,
                       .at = token.at,
                       .typed = let->typed,
                       .dimension = let->dimension,
                       .plain_input = let->plain});
    return true;
}

/* rated, idle ... of the rule's own signal: where it may be learnt it is rated(value). */
static bool operand_column(struct compiler *compiler, struct token token)
{
    const struct function *function = function_of(token.text);
    const struct vocabulary *vocabulary = compiler->scope->vocabulary;
    struct input word = {.name = token.text};
    struct token value = {.text = slice_of("value"), .at = token.at};
    char space[300];
    struct text why = text_in(space, sizeof space);
    if (function == NULL || function->op != OP_COLUMN || !column_is_learnt(function->column) ||
        !vocabulary->describe(vocabulary->context, &word, &why)) {
        return false;
    }
    size_t index = input_index(compiler, value);
    emit(compiler, (struct code_step){.op = OP_COLUMN,
                       .count = (uint8_t)function->column,
                       .index = (uint16_t)index,
                       .number = column_baseline(compiler, function->column, index)});
    push(compiler, (struct type){.at = token.at, .typed = word.typed, .dimension = word.dimension});
    return true;
}

void operand(struct compiler *compiler, struct token token)
{
    const struct parameter *parameter =
        token.type == TOKEN_NAME ? parameter_of(compiler->scope, token.text) : NULL;
    if (token.type == TOKEN_NUMBER || parameter != NULL) {
        double value = parameter == NULL ? token.value : parameter->value;
        bool nothing = parameter == NULL && value == 0; /* 0 of anything is 0 */
        emit(compiler, (struct code_step){.op = OP_NUMBER,
                           .parameter = parameter_number(compiler->scope, parameter),
                           .number = value});
        push(
            compiler, (struct type){.typed = !nothing,
                          .at = token.at,
                          .literal = parameter == NULL,
                          .dimension = parameter == NULL ? token.dimension : parameter->dimension});
        return;
    }
    if (operand_column(compiler, token) || operand_let(compiler, token)) {
        return;
    }
    size_t index = input_index(compiler, token);
    if (index == INPUTS_MAX) {
        return;
    }
    const struct input *input = &compiler->scope->inputs[index];
    emit(compiler, (struct code_step){.op = OP_INPUT, .index = (uint16_t)index});
    push(compiler, (struct type){.truth = input->truth,
                       .at = token.at,
                       .typed = input->typed,
                       .dimension = input->dimension,
                       .plain_input = !input->truth});
}
