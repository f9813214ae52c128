#include "core/nearest.h"
#include "detectors/compiler.h"

enum { LOOK_BACK_MAX_S = 31 * 24 * 3600 };

static const struct function FUNCTIONS[] = {
    {"max", OP_MAX, TAKES_VALUES, false, false, 0},
    {"min", OP_MIN, TAKES_VALUES, false, false, 0},
    {"abs", OP_ABS, TAKES_VALUES, false, false, 0},
    {"mean", OP_MEAN, TAKES_INPUT_AND_TIME, false, false, 0},
    {"lowest", OP_LOWEST, TAKES_INPUT_AND_TIME, false, false, 0},
    {"highest", OP_HIGHEST, TAKES_INPUT_AND_TIME, false, false, 0},
    {"delta", OP_DELTA, TAKES_INPUT_AND_TIME, false, false, 0},
    {"rate", OP_RATE, TAKES_INPUT_AND_TIME, false, false, 0},
    {"same_for", OP_SAME_FOR, TAKES_INPUT_AND_BAND, false, true, 0},
    {"age", OP_AGE, TAKES_INPUT, false, true, 0},
    {"unknown_for", OP_UNKNOWN_FOR, TAKES_INPUT, false, true, 0},
    {"starting", OP_STARTING, TAKES_INPUT_AND_TIME, true, false, 0},
    {"filed", OP_FILED, TAKES_WORD, true, false, 0},
    {"calendar", OP_CALENDAR, TAKES_WORD, true, false, 0},
#define COLUMN(id, name) {#name, OP_COLUMN, TAKES_INPUT, false, false, COLUMN_##id},
#include "detectors/columns.def"
#undef COLUMN
};

static void unknown_name(struct compiler *compiler, struct token token, struct slice why)
{
    struct nearest nearest = nearest_begin(token.text);
    char space[100];
    struct text near = text_in(space, sizeof space);
    for (size_t i = 0; i < compiler->scope->parameter_count; i++) {
        nearest_offer(&nearest, compiler->scope->parameters[i].name);
    }
    if (nearest.word.size > 0) {
        text_add(&near, ": did you mean '");
        text_add_slice(&near, nearest.word);
        text_add(&near, "'?");
        why = text_slice(&near);
    }
    complain_of_word(compiler, token, "unknown name", why);
}

/* The input's number, new or known; INPUTS_MAX: there is none. */
static size_t input_index(struct compiler *compiler, struct token token)
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

static const struct parameter *parameter_of(const struct expression_scope *scope, struct slice name)
{
    for (size_t i = 0; i < scope->parameter_count; i++) {
        if (slice_equal(scope->parameters[i].name, name)) {
            return &scope->parameters[i];
        }
    }
    return NULL;
}

void operand(struct compiler *compiler, struct token token)
{
    const struct parameter *parameter =
        token.type == TOKEN_NAME ? parameter_of(compiler->scope, token.text) : NULL;
    if (token.type == TOKEN_NUMBER || parameter != NULL) {
        double value = parameter == NULL ? token.value : parameter->value;
        bool nothing = parameter == NULL && value == 0; /* 0 of anything is 0 */
        emit(compiler, (struct code_step){.op = OP_NUMBER, .number = value});
        push(
            compiler, (struct type){.typed = !nothing,
                          .at = token.at,
                          .literal = parameter == NULL,
                          .dimension = parameter == NULL ? token.dimension : parameter->dimension});
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
static bool constant(struct compiler *compiler, double *value, struct dimension *dimension)
{
    struct token token = lexer_next(&compiler->lexer);
    const struct parameter *parameter =
        token.type == TOKEN_NAME ? parameter_of(compiler->scope, token.text) : NULL;
    if (token.type != TOKEN_NUMBER && parameter == NULL) {
        complain(compiler, token.at, "a number with its unit or a parameter is wanted here");
        return false;
    }
    *value = parameter == NULL ? token.value : parameter->value;
    *dimension = parameter == NULL ? token.dimension : parameter->dimension;
    return true;
}

static struct dimension seconds(void)
{
    return unit_find(slice_of("s"))->dimension;
}

static void input_function(struct compiler *compiler, const struct function *function, size_t at)
{
    struct token name = lexer_next(&compiler->lexer);
    double number = 0;
    struct dimension dimension;
    if (name.type != TOKEN_NAME) {
        complain(compiler, name.at, "the function takes a name here, such as production.power");
        return;
    }
    size_t index = input_index(compiler, name);
    if (index == INPUTS_MAX) {
        return;
    }
    const struct input *input = &compiler->scope->inputs[index];
    bool state = function->op == OP_STARTING;
    if (input->truth != state) {
        complain_of_word(compiler, name, state ? "starting takes a state, not" : "yes or no:",
            slice_of(state ? ", such as production.on"
                           : " is a state; the function takes a quantity, as production.power"));
        return;
    }
    if (function->takes != TAKES_INPUT) {
        if (!expect(compiler, TOKEN_COMMA,
                "a comma and a second argument are wanted here: the function is of a name alone") ||
            !constant(compiler, &number, &dimension)) {
            return;
        }
        bool time = function->takes == TAKES_INPUT_AND_TIME;
        dimension = !time && number == 0 ? input->dimension : dimension; /* 0 of anything is 0 */
        if (time ? !dimension_equal(dimension, seconds())
                 : input->typed && !dimension_equal(dimension, input->dimension)) {
            complain(compiler, compiler->lexer.at,
                time ? "the second argument is a time, such as 10 min"
                     : "units do not match: the band is in the unit of the value");
        }
        if (number < 0 || (time && (number == 0 || number > LOOK_BACK_MAX_S))) {
            complain(compiler, name.at,
                time ? "the time is longer than nothing and at most 31 days"
                     : "a band is not below 0");
        }
    }
    if (!expect(compiler, TOKEN_CLOSE, "a closing parenthesis is missing")) {
        return;
    }
    emit(compiler, (struct code_step){.op = (uint8_t)function->op,
                       .count = (uint8_t)function->column,
                       .index = (uint16_t)index,
                       .number = number});
    struct type made = {.truth = function->truth, .typed = true, .dimension = seconds(), .at = at};
    if (!function->truth && !function->duration) {
        made.typed = input->typed;
        made.dimension = function->op == OP_RATE
                             ? dimension_multiply(input->dimension, seconds(), -1)
                             : input->dimension;
    }
    push(compiler, made);
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
    char space[240];
    struct text names = text_in(space, sizeof space);
    text_add(&names, ": there are");
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; i++) {
        text_add(&names, i == 0 ? " " : ", ");
        text_add(&names, FUNCTIONS[i].name);
    }
    complain_of_word(compiler, token, "unknown function", text_slice(&names));
}
