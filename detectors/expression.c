#include "detectors/expression.h"

#include "core/nearest.h"
#include "detectors/lexer.h"
#include <assert.h>

enum { LOOK_BACK_MAX_S = 31 * 24 * 3600 };

enum { PENDING_MAX = 48, MARK_OPEN = 200, MARK_FUNCTION = 201 };

/* The type of a value on the stack while code is written. */
struct type {
    bool truth;
    bool typed; /* the dimension is known */
    struct dimension dimension;
    bool plain_input; /* nothing but an input: may stand for yes or no, or take a dimension */
    bool literal;
    size_t at; /* where it begins */
};

struct function {
    const char *name;
    enum op op;
    enum {
        TAKES_VALUES,
        TAKES_INPUT,
        TAKES_INPUT_AND_TIME,
        TAKES_INPUT_AND_BAND,
        TAKES_WORD
    } takes;
    bool truth, duration; /* of what it gives; neither: as its input */
    enum column column;   /* OP_COLUMN */
};

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

struct operator
{
    const char *name;
    enum op op;
    int precedence;
};

static const struct operator OPERATORS[] = {
    {"or", OP_OR, 1},
    {"and", OP_AND, 2},
    {"<", OP_LESS, 4},
    {"<=", OP_LESS_EQUAL, 4},
    {">", OP_GREATER, 4},
    {">=", OP_GREATER_EQUAL, 4},
    {"==", OP_EQUAL, 4},
    {"!=", OP_UNEQUAL, 4},
    {"+", OP_ADD, 5},
    {"-", OP_SUBTRACT, 5},
    {"*", OP_MULTIPLY, 6},
    {"/", OP_DIVIDE, 6},
};

enum { PRECEDENCE_NOT = 3, PRECEDENCE_NEGATE = 7 };

struct waiting {
    uint8_t op; /* enum op, MARK_OPEN or MARK_FUNCTION */
    int precedence;
    const struct function *function;
    uint8_t arguments;
    size_t at; /* in the text */
};

struct compiler {
    struct expression_scope *scope;
    struct lexer lexer;
    struct code *code;
    struct type types[STACK_MAX];
    size_t depth;
    struct waiting waiting[PENDING_MAX];
    size_t waiting_count;
    struct place place;
    struct report *report;
    bool failed;
};

static void complain(struct compiler *compiler, size_t at, const char *words)
{
    if (!compiler->failed) {
        report_say(compiler->report, compiler->place.file, compiler->place.line,
            compiler->place.column + (uint32_t)at, "%s", words);
        compiler->failed = true;
    }
}

/* "units do not match: kW cannot be compared with degC" */
static void complain_of_units(struct compiler *compiler, size_t at, const struct type *a,
    const struct type *b, const char *joint)
{
    char space[160];
    struct text words = text_in(space, sizeof space - 1);
    text_add(&words, "units do not match: ");
    text_add(&words, dimension_name(a->dimension));
    text_add(&words, joint);
    text_add(&words, dimension_name(b->dimension));
    space[words.size] = '\0';
    complain(compiler, at, space);
}

/* A word that is not known, in the middle of what is said of it. */
static void complain_of_word(
    struct compiler *compiler, struct token token, const char *before, struct slice behind)
{
    char space[300];
    struct text words = text_in(space, sizeof space - 1);
    text_add(&words, before);
    text_add(&words, " '");
    text_add_slice(&words, slice_head(token.text, 60));
    text_add(&words, "'");
    text_add_slice(&words, behind);
    space[words.size] = '\0';
    complain(compiler, token.at, space);
}

static void emit(struct compiler *compiler, struct code_step step)
{
    if (compiler->code->size == CODE_MAX) {
        complain(compiler, compiler->lexer.at, "the expression is too long: split the rule");
        return;
    }
    compiler->code->steps[compiler->code->size++] = step;
}

static void push(struct compiler *compiler, struct type type)
{
    if (compiler->depth == STACK_MAX) {
        complain(compiler, compiler->lexer.at, "the expression nests too deep: split the rule");
        return;
    }
    compiler->types[compiler->depth++] = type;
}

static struct type pop(struct compiler *compiler)
{
    if (compiler->depth == 0) {
        complain(
            compiler, compiler->lexer.at, "something is missing here: an operator lacks a value");
        return (struct type){0};
    }
    return compiler->types[--compiler->depth];
}

/* --- types --- */

/* The value `below` places under the top is wanted as yes or no. A plain switch may stand for that;
 * OP_TRUTH can only be written for the top. */
static void want_truth_on_top(struct compiler *compiler)
{
    if (compiler->depth == 0) {
        return;
    }
    struct type *top = &compiler->types[compiler->depth - 1];
    if (top->truth) {
        return;
    }
    bool number = top->plain_input &&
                  (!top->typed || dimension_equal(top->dimension, (struct dimension){{0}}));
    if (!number) {
        complain(compiler, top->at,
            "a number stands where yes or no is wanted: compare it with something");
        return;
    }
    emit(compiler, (struct code_step){.op = OP_TRUTH});
    *top = (struct type){.truth = true, .at = top->at};
}

static bool same_dimension(struct type a, struct type b)
{
    return !a.typed || !b.typed || dimension_equal(a.dimension, b.dimension);
}

static struct type comparison(struct compiler *compiler, struct type a, struct type b, size_t at)
{
    if (a.truth != b.truth) {
        complain(compiler, at, "yes or no cannot be compared with a number");
    }
    if (!same_dimension(a, b)) {
        complain_of_units(compiler, at, &a, &b, " cannot be compared with ");
    }
    return (struct type){.truth = true};
}

/* joint: what is said between the two units when they do not match. */
static struct type sum(
    struct compiler *compiler, struct type a, struct type b, size_t at, const char *joint)
{
    if (a.truth || b.truth) {
        complain(compiler, at, "yes or no cannot be added");
    }
    if (!same_dimension(a, b)) {
        complain_of_units(compiler, at, &a, &b, joint);
    }
    return (struct type){
        .typed = a.typed || b.typed, .dimension = a.typed ? a.dimension : b.dimension};
}

static struct type product(
    struct compiler *compiler, struct type a, struct type b, int sign, size_t at)
{
    if (a.truth || b.truth) {
        complain(compiler, at, "yes or no cannot be multiplied");
    }
    return (struct type){.typed = a.typed && b.typed,
        .dimension = dimension_multiply(a.dimension, b.dimension, sign)};
}

static void apply_pair(struct compiler *compiler, enum op op, size_t at)
{
    struct type b = pop(compiler);
    struct type a = pop(compiler);
    struct type made = {.truth = true};
    if (op == OP_AND || op == OP_OR) {
        assert(compiler->failed || (a.truth && b.truth));
    } else if (op >= OP_LESS && op <= OP_UNEQUAL) {
        made = comparison(compiler, a, b, at);
    } else if (op == OP_ADD || op == OP_SUBTRACT) {
        made = sum(
            compiler, a, b, at, op == OP_ADD ? " cannot be added to " : " cannot be reduced by ");
    } else {
        made = product(compiler, a, b, op == OP_DIVIDE ? -1 : 1, at);
    }
    made.at = a.at;
    emit(compiler, (struct code_step){.op = (uint8_t)op});
    push(compiler, made);
}

static void apply(struct compiler *compiler, struct waiting waiting)
{
    if (waiting.op == OP_NOT || waiting.op == OP_AND || waiting.op == OP_OR) {
        want_truth_on_top(compiler);
    }
    if (waiting.op == OP_NOT) {
        pop(compiler);
        emit(compiler, (struct code_step){.op = OP_NOT});
        push(compiler, (struct type){.truth = true, .at = waiting.at});
    } else if (waiting.op == OP_NEGATE) {
        struct type type = pop(compiler);
        if (type.truth) {
            complain(compiler, waiting.at, "yes or no has no negative: write not");
        }
        emit(compiler, (struct code_step){.op = OP_NEGATE});
        type.plain_input = false;
        type.at = waiting.at;
        push(compiler, type);
    } else {
        apply_pair(compiler, (enum op)waiting.op, waiting.at);
    }
}

/* Apply what binds at least as tightly as what comes. */
static void apply_down_to(struct compiler *compiler, int precedence)
{
    while (compiler->waiting_count > 0 && !compiler->failed) {
        struct waiting top = compiler->waiting[compiler->waiting_count - 1];
        if (top.op >= MARK_OPEN || top.precedence < precedence) {
            return;
        }
        compiler->waiting_count -= 1;
        apply(compiler, top);
    }
}

static void wait_for(struct compiler *compiler, struct waiting waiting)
{
    if (compiler->waiting_count == PENDING_MAX) {
        complain(compiler, compiler->lexer.at, "the expression nests too deep: split the rule");
        return;
    }
    compiler->waiting[compiler->waiting_count++] = waiting;
}

/* --- operands --- */

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
    char why_space[200];
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

static void operand(struct compiler *compiler, struct token token)
{
    const struct parameter *parameter =
        token.type == TOKEN_NAME ? parameter_of(compiler->scope, token.text) : NULL;
    if (token.type == TOKEN_NUMBER || parameter != NULL) {
        double value = parameter == NULL ? token.value : parameter->value;
        emit(compiler, (struct code_step){.op = OP_NUMBER, .number = value});
        push(
            compiler, (struct type){.typed = true,
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

static const struct function *function_of(struct slice name)
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

static void begin_function(
    struct compiler *compiler, const struct function *function, struct token token)
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
static void end_function(struct compiler *compiler, struct waiting waiting)
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

static void close_parenthesis(struct compiler *compiler, struct token token)
{
    apply_down_to(compiler, 0);
    if (compiler->waiting_count == 0) {
        complain(compiler, token.at, "a closing parenthesis without an opening one");
        return;
    }
    struct waiting top = compiler->waiting[--compiler->waiting_count];
    if (top.op == MARK_FUNCTION) {
        end_function(compiler, top);
    }
}

static void next_argument(struct compiler *compiler, struct token token)
{
    apply_down_to(compiler, 0);
    struct waiting *top =
        compiler->waiting_count == 0 ? NULL : &compiler->waiting[compiler->waiting_count - 1];
    if (top == NULL || top->op != MARK_FUNCTION || top->arguments == 8) {
        complain(compiler, token.at, "a comma stands only between a function's arguments");
        return;
    }
    top->arguments += 1;
}

static void unknown_function(struct compiler *compiler, struct token token)
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

static void complain_of_value(struct compiler *compiler, struct token token)
{
    if (token.type == TOKEN_BAD) {
        complain_of_word(compiler, token, "here is no place for", (struct slice){0});
    } else {
        complain(compiler, token.at, "a value is wanted here: a number, a name or a function");
    }
}

/* What stands where an operator is wanted and is none. */
static void complain_of_operator(struct compiler *compiler, struct token token)
{
    bool number = compiler->depth > 0 && compiler->types[compiler->depth - 1].literal;
    if (number && token.type == TOKEN_NAME) {
        complain_of_word(
            compiler, token, "unknown unit", slice_of(": schemas/units.def and docs/rules.md"));
    } else if (token.type == TOKEN_BAD && slice_is(token.text, "=")) {
        complain(compiler, token.at, "equal is written ==");
    } else if (token.type == TOKEN_BAD) {
        complain_of_word(compiler, token, "here is no place for", (struct slice){0});
    } else {
        complain(compiler, token.at, "an operator is wanted here: and, or, a comparison, + - * /");
    }
}

/* One token where a value is wanted; true: the value is there. */
static bool take_value(struct compiler *compiler, struct token token)
{
    if (token.type == TOKEN_NAME && slice_is(token.text, "not")) {
        wait_for(
            compiler, (struct waiting){.op = OP_NOT, .precedence = PRECEDENCE_NOT, .at = token.at});
        return false;
    }
    if (token.type == TOKEN_SYMBOL && slice_is(token.text, "-")) {
        wait_for(compiler,
            (struct waiting){.op = OP_NEGATE, .precedence = PRECEDENCE_NEGATE, .at = token.at});
        return false;
    }
    if (token.type == TOKEN_OPEN) {
        wait_for(compiler, (struct waiting){.op = MARK_OPEN, .at = token.at});
        return false;
    }
    if (token.type == TOKEN_NUMBER) {
        operand(compiler, token);
        return true;
    }
    if (token.type != TOKEN_NAME) {
        complain_of_value(compiler, token);
        return false;
    }
    const struct function *function = function_of(token.text);
    struct lexer ahead = compiler->lexer;
    bool called = lexer_next(&ahead).type == TOKEN_OPEN;
    bool word = function != NULL && function->op == OP_COLUMN; /* rated, or rated(site.power) */
    if (function == NULL && called) {
        unknown_function(compiler, token);
        return false;
    }
    if (function == NULL || (word && !called)) {
        operand(compiler, token);
        return true;
    }
    begin_function(compiler, function, token);
    return function->takes != TAKES_VALUES;
}

/* One token where an operator is wanted; true: a value is wanted next. */
static bool take_operator(struct compiler *compiler, struct token token)
{
    if (token.type == TOKEN_CLOSE) {
        close_parenthesis(compiler, token);
        return false;
    }
    if (token.type == TOKEN_COMMA) {
        next_argument(compiler, token);
        return true;
    }
    for (size_t i = 0; i < sizeof OPERATORS / sizeof OPERATORS[0]; i++) {
        if (slice_is(token.text, OPERATORS[i].name)) {
            apply_down_to(compiler, OPERATORS[i].precedence);
            if (OPERATORS[i].op == OP_AND || OPERATORS[i].op == OP_OR) {
                want_truth_on_top(compiler);
            }
            wait_for(compiler, (struct waiting){.op = (uint8_t)OPERATORS[i].op,
                                   .at = token.at,
                                   .precedence = OPERATORS[i].precedence});
            return true;
        }
    }
    complain_of_operator(compiler, token);
    return false;
}

static void finish(struct compiler *compiler, bool want_truth)
{
    apply_down_to(compiler, 0);
    if (!compiler->failed && compiler->waiting_count > 0) {
        complain(compiler, compiler->lexer.text.size, "a closing parenthesis is missing");
    }
    if (want_truth) {
        want_truth_on_top(compiler);
    } else if (!compiler->failed && compiler->types[0].truth) {
        complain(compiler, 0, "a number is wanted here, not yes or no");
    }
    if (!compiler->failed && compiler->depth != 1) {
        complain(compiler, 0, "not one expression");
    }
}

bool expression_compile(struct expression_scope *scope, struct slice text, bool want_truth,
    struct place place, struct code *code, struct report *report)
{
    struct compiler compiler = {
        .scope = scope, .lexer = {text, 0}, .code = code, .place = place, .report = report};
    bool value_wanted = true;
    code->size = 0;
    for (;;) {
        struct token token = lexer_next(&compiler.lexer);
        if (token.type == TOKEN_END && !value_wanted) {
            break;
        }
        if (value_wanted) {
            value_wanted = !take_value(&compiler, token);
        } else {
            value_wanted = take_operator(&compiler, token);
        }
        if (compiler.failed) {
            return false;
        }
    }
    finish(&compiler, want_truth);
    return !compiler.failed;
}

bool quantity_parse(struct slice text, double *value, struct dimension *dimension)
{
    struct lexer lexer = {text, 0};
    struct token token = lexer_next(&lexer);
    bool negative = token.type == TOKEN_SYMBOL && slice_is(token.text, "-");
    if (negative) {
        token = lexer_next(&lexer);
    }
    if (token.type != TOKEN_NUMBER || lexer_next(&lexer).type != TOKEN_END) {
        return false;
    }
    *value = negative ? -token.value : token.value;
    *dimension = token.dimension;
    return true;
}
