#include <math.h>

#include "core/nearest.h"
#include "detectors/compiler.h"
#include "schemas/data_flags.h"

enum { LOOK_BACK_MAX_S = 31 * 24 * 3600 };

static const struct function FUNCTIONS[] = {
#define FUNCTION(id, name, takes, gives, value, zh, en)                                            \
    {#name, OP_##id, TAKES_##takes, GIVES_##gives, 0},
#include "detectors/functions.def"
#undef FUNCTION
#define COLUMN(id, name) {#name, OP_COLUMN, TAKES_NAME, GIVES_SAME, COLUMN_##id},
#include "detectors/columns.def"
#undef COLUMN
};

const struct function *function_of(struct slice name)
{
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; i++) {
        if (slice_is(name, FUNCTIONS[i].name)) {
            return &FUNCTIONS[i];
        }
    }
    return NULL;
}

static bool expect(struct compiler *compiler, enum token_type type, const char *words)
{
    struct token token = lexer_next(&compiler->lexer);
    if (token.type != type) {
        complain(compiler, token.at, words);
    }
    return token.type == type;
}

/* filed(word), calendar(word) */
static void word_function(struct compiler *compiler, const struct function *function, size_t at)
{
    struct expression_scope *scope = compiler->scope;
    struct slice word = lexer_word(&compiler->lexer);
    if (!expect(compiler, TOKEN_CLOSE, "a closing parenthesis is missing") ||
        scope->word_count == sizeof scope->words / sizeof scope->words[0]) {
        complain(compiler, compiler->lexer.at, "too many words in filed(...) or calendar(...)");
        return;
    }
    scope->words[scope->word_count] = word;
    emit(compiler,
        (struct code_step){.op = (uint8_t)function->op, .index = (uint16_t)scope->word_count++});
    push(compiler, (struct type){.truth = true, .at = at});
}

/* The second argument: a constant with a unit, or a parameter. */
static bool constant(struct compiler *compiler, struct parameter *constant)
{
    struct token token = lexer_next(&compiler->lexer);
    const struct parameter *parameter =
        token.type == TOKEN_NAME ? parameter_of(compiler->scope, token.text) : NULL;
    if (token.type != TOKEN_NUMBER && parameter == NULL) {
        complain(compiler, token.at, "a number with its unit or a parameter is wanted here");
        return false;
    }
    *constant = parameter != NULL ? *parameter
                                  : (struct parameter){.value = token.value,
                                        .min = (double)NAN,
                                        .max = (double)NAN,
                                        .dimension = token.dimension};
    return true;
}

static struct dimension seconds(void)
{
    return unit_find(slice_of("s"))->dimension;
}

static bool beyond(const struct parameter *constant, double least, double most)
{
    return constant->value < least || constant->value > most || constant->min < least ||
           constant->max > most;
}

/* The second argument of one that takes a time: a time, also where a registry has another. */
static void check_time(struct compiler *compiler, size_t at, const struct parameter *given)
{
    if (!dimension_equal(given->dimension, seconds())) {
        complain(compiler, compiler->lexer.at, "the second argument is a time, such as 10 min");
    }
    if (given->value == 0 || given->min == 0 || beyond(given, 0, LOOK_BACK_MAX_S)) {
        complain(compiler, at, "the time is longer than nothing and at most 31 days");
    }
}

/* Of one that takes a band: in the unit of the input; 0 of anything is 0. */
static void check_band(
    struct compiler *compiler, size_t at, const struct parameter *given, const struct input *input)
{
    if (given->value != 0 && input->typed && !dimension_equal(given->dimension, input->dimension)) {
        complain(compiler, compiler->lexer.at,
            "units do not match: the band is in the unit of the value");
    }
    if (beyond(given, 0, (double)INFINITY)) {
        complain(compiler, at, "a band is not below 0");
    }
}

static double flags(struct compiler *compiler)
{
    size_t at = compiler->lexer.at;
    uint32_t set = data_flags_named(lexer_word(&compiler->lexer));
    if (set == 0) {
        complain(compiler, at, "flags stand here: letters of HJ 212, as M or MCD, or any");
    }
    return set;
}

static void second_argument(
    struct compiler *compiler, const struct function *function, size_t at, struct code_step *step)
{
    struct parameter given;
    if (!expect(compiler, TOKEN_COMMA,
            "a comma and a second argument are wanted here: the function is of a name alone")) {
        return;
    }
    if (function->takes == TAKES_NAME_AND_FLAGS) {
        step->number = flags(compiler);
        return;
    }
    if (!constant(compiler, &given)) {
        return;
    }
    if (function->takes == TAKES_NAME_AND_BAND) {
        check_band(compiler, at, &given, &compiler->scope->inputs[step->index]);
    } else {
        check_time(compiler, at, &given);
    }
    step->number = given.value;
    step->parameter = parameter_number(compiler->scope, parameter_of(compiler->scope, given.name));
}

static struct type given(const struct function *function, const struct input *input, size_t at)
{
    struct type type = {
        .truth = function->gives == GIVES_TRUTH, .typed = true, .dimension = seconds(), .at = at};
    if (function->gives == GIVES_SAME || function->gives == GIVES_RATE) {
        type.typed = input->typed;
        type.dimension = function->gives == GIVES_RATE
                             ? dimension_multiply(input->dimension, seconds(), -1)
                             : input->dimension;
    }
    return type;
}

static void input_function(struct compiler *compiler, const struct function *function, size_t at)
{
    struct token name = lexer_next(&compiler->lexer);
    bool state = function->takes == TAKES_STATE_AND_TIME;
    if (name.type != TOKEN_NAME) {
        complain(compiler, name.at, "the function takes a name here, such as production.power");
        return;
    }
    size_t index = input_index(compiler, name);
    if (index == INPUTS_MAX) {
        return;
    }
    const struct input *input = &compiler->scope->inputs[index];
    if (input->truth != state) {
        complain_of_word(compiler, name, state ? "the function takes a state, not" : "yes or no:",
            slice_of(state ? ", such as production.on"
                           : " is a state; the function takes a quantity, as production.power"));
        return;
    }
    struct code_step step = {
        .op = (uint8_t)function->op, .count = (uint8_t)function->column, .index = (uint16_t)index};
    if (function->takes != TAKES_NAME) {
        second_argument(compiler, function, name.at, &step);
    }
    if (compiler->failed || !expect(compiler, TOKEN_CLOSE, "a closing parenthesis is missing")) {
        return;
    }
    emit(compiler, step);
    push(compiler, given(function, input, at));
}

void begin_function(struct compiler *compiler, const struct function *function, struct token token)
{
    if (!expect(compiler, TOKEN_OPEN, "a function's arguments stand in parentheses")) {
        return;
    }
    if (function->takes == TAKES_WORD) {
        word_function(compiler, function, token.at);
    } else if (function->takes != TAKES_VALUES) {
        input_function(compiler, function, token.at);
    } else {
        wait_for(compiler,
            (struct waiting){
                .op = MARK_FUNCTION, .function = function, .arguments = 1, .at = token.at});
    }
}

/* max(a, b, ...): all of one dimension. */
void end_function(struct compiler *compiler, struct waiting waiting)
{
    struct type made = pop(compiler);
    for (uint8_t i = 1; i < waiting.arguments; i++) {
        made = sum(compiler, pop(compiler), made, waiting.at, " cannot stand beside ");
    }
    if (made.truth || (waiting.function->op == OP_ABS && waiting.arguments != 1)) {
        complain(compiler, waiting.at, "the function does not take these arguments");
    }
    made.plain_input = false;
    made.at = waiting.at;
    emit(compiler,
        (struct code_step){.op = (uint8_t)waiting.function->op, .count = waiting.arguments});
    push(compiler, made);
}

void unknown_function(struct compiler *compiler, struct token token)
{
    struct nearest nearest = nearest_begin(token.text);
    char space[100];
    struct text near = text_in(space, sizeof space);
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; i++) {
        nearest_offer(&nearest, slice_of(FUNCTIONS[i].name));
    }
    text_add(&near, nearest.word.size > 0 ? ": did you mean '" : ": docs/rules.md has the table");
    text_add_slice(&near, nearest.word);
    text_add(&near, nearest.word.size > 0 ? "'?" : "");
    complain_of_word(compiler, token, "unknown function", text_slice(&near));
}
