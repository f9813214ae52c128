#include <math.h>

#include "core/nearest.h"
#include "detectors/compiler.h"
#include "schemas/data_flags.h"

static const struct function FUNCTIONS[] = {
#define FUNCTION(id, name, takes, gives, keeps, value, zh, en)                                     \
    {#name, OP_##id, TAKES_##takes, GIVES_##gives, keeps, 0},
#include "detectors/functions.def"
#undef FUNCTION
#define COLUMN(id, name) {#name, OP_COLUMN, TAKES_NAME, GIVES_SAME, KEEPS_NONE, COLUMN_##id},
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

bool expect(struct compiler *compiler, enum token_type type, const char *words)
{
    struct token token = lexer_next(&compiler->lexer);
    if (token.type != type) {
        complain(compiler, token.at, words);
    }
    return token.type == type;
}

/* The number of a word, new or known. */
static size_t word_index(struct expression_scope *scope, struct slice word)
{
    size_t index = 0;
    while (index < scope->word_count && !slice_equal(scope->words[index], word)) {
        index += 1;
    }
    return index;
}

/* calendar(business): yes or no, or a share */
static void word_function(struct compiler *compiler, const struct function *function, size_t at)
{
    struct expression_scope *scope = compiler->scope;
    struct slice word = lexer_word(&compiler->lexer);
    size_t index = word_index(scope, word);
    bool share = function->gives == GIVES_PART;
    if (!expect(compiler, TOKEN_CLOSE, "a closing parenthesis is missing") ||
        index == sizeof scope->words / sizeof scope->words[0]) {
        complain(compiler, compiler->lexer.at, "too many calendars: split the rule");
        return;
    }
    scope->words[index] = word;
    scope->word_count += index == scope->word_count ? 1 : 0;
    emit(compiler, (struct code_step){.op = (uint8_t)function->op, .index = (uint16_t)index});
    push(compiler, (struct type){.truth = !share,
                       .typed = share,
                       .dimension = unit_find(slice_of("%"))->dimension,
                       .at = at});
}

struct dimension seconds(void)
{
    return unit_find(slice_of("s"))->dimension;
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

/* age(x), rated(x), flagged(x, M): of a signal's name. */
static void name_function(struct compiler *compiler, const struct function *function, size_t at)
{
    struct token name = lexer_next(&compiler->lexer);
    if (name.type != TOKEN_NAME) {
        complain(compiler, name.at, "the function takes a name here, such as production.power");
        return;
    }
    size_t index = input_index(compiler, name);
    if (index == INPUTS_MAX) {
        return;
    }
    const struct input *input = &compiler->scope->inputs[index];
    if (input->truth) {
        complain_of_word(compiler, name, "yes or no:",
            slice_of(" is a state; the function takes a quantity, as production.power"));
    }
    double number = 0;
    if (function->takes == TAKES_NAME_AND_FLAGS &&
        expect(compiler, TOKEN_COMMA,
            "a comma and a second argument are wanted here: the function is of a name alone")) {
        number = flags(compiler);
    }
    if (function->op == OP_COLUMN) {
        number = column_baseline(compiler, function->column, index);
    }
    if (compiler->failed ||
        !expect(compiler, TOKEN_CLOSE,
            "a closing parenthesis is missing: the function is of a name alone")) {
        return;
    }
    emit(compiler, (struct code_step){.op = (uint8_t)function->op,
                       .count = (uint8_t)function->column,
                       .index = (uint16_t)index,
                       .number = number});
    bool time = function->gives == GIVES_TIME;
    push(compiler, (struct type){.truth = function->gives == GIVES_TRUTH,
                       .typed = time || input->typed,
                       .dimension = time ? seconds() : input->dimension,
                       .at = at});
}

/* hh:mm, as minutes of the day; false: it is none. */
static bool minutes_of(struct slice text, int *minutes)
{
    uint64_t hour, minute;
    if (text.size != 5 || text.ptr[2] != ':' || !slice_to_uint(slice_head(text, 2), 24, &hour) ||
        !slice_to_uint(slice_tail(text, 3), 59, &minute)) {
        return false;
    }
    *minutes = (int)(hour * 60 + minute);
    return *minutes <= 24 * 60;
}

/* clock(22:00, 06:00): index is the minute from which, number that to which it lies within. */
static void hours_function(struct compiler *compiler, const struct function *function, size_t at)
{
    struct slice rest = lexer_word(&compiler->lexer);
    struct slice first = slice_cut(&rest, ',');
    int from, to;
    while (rest.size > 0 && rest.ptr[0] == ' ') {
        rest = slice_tail(rest, 1);
    }
    if (!minutes_of(first, &from) || !minutes_of(rest, &to)) {
        complain(compiler, at, "two times of the day are wanted here: clock(22:00, 06:00)");
    }
    if (compiler->failed || !expect(compiler, TOKEN_CLOSE, "a closing parenthesis is missing")) {
        return;
    }
    emit(compiler, (struct code_step){
                       .op = (uint8_t)function->op, .index = (uint16_t)from, .number = (double)to});
    push(compiler, (struct type){.truth = true, .at = at});
}

void begin_function(struct compiler *compiler, const struct function *function, struct token token)
{
    if (!expect(compiler, TOKEN_OPEN, "a function's arguments stand in parentheses")) {
        return;
    }
    switch (function->takes) {
    case TAKES_VALUES:
    case TAKES_WHERE:
        wait_for(compiler,
            (struct waiting){
                .op = MARK_FUNCTION, .function = function, .arguments = 1, .at = token.at});
        break;
    case TAKES_NAME:
    case TAKES_NAME_AND_FLAGS:
        name_function(compiler, function, token.at);
        break;
    case TAKES_WORD:
        word_function(compiler, function, token.at);
        break;
    case TAKES_KIND:
        kind_function(compiler, function, token.at);
        break;
    case TAKES_HOURS:
        hours_function(compiler, function, token.at);
        break;
    case TAKES_NUMBER:
    case TAKES_NUMBER_AND_BAND:
    case TAKES_NUMBER_AND_SPAN:
    case TAKES_NUMBER_SHARE_AND_TIME:
    case TAKES_NUMBER_AND_COUNT:
    case TAKES_NUMBER_AND_TIMES:
    case TAKES_TRUTH:
    case TAKES_TRUTH_AND_SPAN:
    case TAKES_TRUTH_AND_TIME:
        look_function(compiler, function, token.at);
        break;
    }
}

/* where(t, x): the first was made yes or no at the comma. */
static void end_where(struct compiler *compiler, struct waiting waiting)
{
    if (waiting.arguments != 2) {
        complain(
            compiler, waiting.at, "where takes a yes-or-no and a value: where(fan.on, fan.power)");
        return;
    }
    struct type made = pop(compiler);
    pop(compiler);
    made.plain_input = false;
    made.at = waiting.at;
    emit(compiler, (struct code_step){.op = OP_WHERE});
    push(compiler, made);
}

/* max(a, b, ...): all of one dimension. */
void end_function(struct compiler *compiler, struct waiting waiting)
{
    if (waiting.function->takes == TAKES_WHERE) {
        end_where(compiler, waiting);
        return;
    }
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
