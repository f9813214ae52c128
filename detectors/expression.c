#include "detectors/expression.h"

#include "detectors/compiler.h"

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
    if (top->function->takes == TAKES_WHERE) {
        want_truth_on_top(compiler);
    }
    top->arguments += 1;
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
    const struct ask_row *asked = function == NULL && called ? ask_row_of(token.text) : NULL;
    if (asked != NULL) {
        ask_function(compiler, asked, token);
        return true;
    }
    if (function == NULL && called) {
        unknown_function(compiler, token);
        return false;
    }
    if (!called) { /* rated is a word, rated(site.power) a function; share may be a parameter */
        operand(compiler, token);
        return true;
    }
    begin_function(compiler, function, token);
    return function->takes != TAKES_VALUES && function->takes != TAKES_WHERE;
}

/* Whether what an and or an or has on its left may decide it alone. A yes decides an or. A no decides an and, but what
 * is absent on its right would make it absent, not no: that is the same only where nothing but ands and ors stand
 * between it and a condition. */
static bool may_decide(const struct compiler *compiler, enum op op)
{
    bool may = compiler->condition || op == OP_OR;
    for (size_t i = 0; i < compiler->waiting_count && op == OP_AND; i++) {
        const uint8_t around = compiler->waiting[i].op;
        may = may && (around == OP_AND || around == OP_OR || around == MARK_OPEN);
    }
    return may;
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
            struct waiting waiting = {.op = (uint8_t)OPERATORS[i].op,
                .at = token.at,
                .precedence = OPERATORS[i].precedence};
            if (waiting.op == OP_AND || waiting.op == OP_OR) {
                want_truth_on_top(compiler);
                waiting.left = may_decide(compiler, (enum op)waiting.op) ? compiler->code->size : 0;
            }
            wait_for(compiler, waiting);
            return true;
        }
    }
    complain_of_operator(compiler, token);
    return false;
}

static void finish(struct compiler *compiler)
{
    apply_down_to(compiler, 0);
    if (!compiler->failed && compiler->waiting_count > 0) {
        complain(compiler, compiler->lexer.text.size, "a closing parenthesis is missing");
    }
    if (!compiler->failed && compiler->depth != 1) {
        complain(compiler, 0, "not one expression");
    }
}

static void compile(struct compiler *compiler)
{
    bool value_wanted = true;
    compiler->code->size = 0;
    while (!compiler->failed) {
        struct token token = lexer_next(&compiler->lexer);
        if (token.type == TOKEN_END && !value_wanted) {
            finish(compiler);
            return;
        }
        if (value_wanted) {
            value_wanted = !take_value(compiler, token);
        } else {
            value_wanted = take_operator(compiler, token);
        }
    }
}

bool expression_compile(struct expression_scope *scope, struct slice text, struct place place,
    struct code *code, struct report *report)
{
    struct compiler compiler = {.scope = scope,
        .lexer = {text, 0},
        .code = code,
        .condition = true,
        .place = place,
        .report = report};
    compile(&compiler);
    if (!compiler.failed) {
        want_truth_on_top(&compiler);
    }
    return !compiler.failed;
}

static bool sets_aside(const struct expression_scope *scope, const struct code *code)
{
    bool found = false;
    for (size_t i = 0; i < code->size; i++) {
        const struct code_step *step = &code->steps[i];
        found = found || step->op == OP_WHERE ||
                (step->op == OP_LET && scope->lets[step->index].sets_aside);
    }
    return found;
}

bool expression_compile_let(struct expression_scope *scope, struct slice name, struct slice text,
    struct place place, struct code *code, struct report *report)
{
    struct compiler compiler = {
        .scope = scope, .lexer = {text, 0}, .code = code, .place = place, .report = report};
    compile(&compiler);
    if (compiler.failed) {
        return false;
    }
    scope->lets[scope->let_count++] = (struct let){.name = name,
        .dimension = compiler.types[0].dimension,
        .typed = compiler.types[0].typed,
        .truth = compiler.types[0].truth,
        .plain = compiler.types[0].plain_input,
        .sets_aside = sets_aside(scope, code)};
    return true;
}

int64_t span_ms(double seconds)
{
    return (int64_t)(seconds * SECOND_MS + 0.5);
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

size_t expression_input(const struct expression_scope *scope, struct slice name)
{
    for (size_t i = 0; i < scope->input_count; i++) {
        const struct input *input = &scope->inputs[i];
        struct slice rest = name;
        struct slice role = input->role.size > 0 ? slice_cut(&rest, '.') : (struct slice){0};
        if (slice_equal(role, input->role) && slice_equal(rest, input->name)) {
            return i;
        }
    }
    return INPUTS_MAX;
}
