#include <math.h>

#include "detectors/compiler.h"

enum { LOOK_BACK_MAX_S = 31 * 24 * 3600 };

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

static bool beyond(const struct parameter *constant, double least, double most)
{
    return constant->value < least || constant->value > most || constant->min < least ||
           constant->max > most;
}

/* The name before the comma, and what is kept of it. */
static bool subject_of(struct compiler *compiler, const struct function *function,
    struct look *look, struct type *type)
{
    struct token name = lexer_next(&compiler->lexer);
    bool wants_truth = function->takes >= TAKES_TRUTH;
    if (name.type != TOKEN_NAME) {
        complain(compiler, name.at, "the function takes a name or a let here, such as fan.power");
        return false;
    }
    size_t index = let_index(compiler, name.text);
    bool plain;
    if (index < LETS_MAX) {
        const struct let *let = &compiler->scope->lets[index];
        *type =
            (struct type){.truth = let->truth, .typed = let->typed, .dimension = let->dimension};
        plain = let->plain;
        look->at = LOOK_AT_LET;
    } else {
        index = input_index(compiler, name);
        if (index == INPUTS_MAX) {
            return false;
        }
        const struct input *input = &compiler->scope->inputs[index];
        *type = (struct type){
            .truth = input->truth, .typed = input->typed, .dimension = input->dimension};
        plain = true;
        look->at = wants_truth ? LOOK_AT_INPUT : LOOK_AT_SIGNALS;
    }
    look->index = (uint16_t)index;
    plain = plain && (!type->typed || dimension_equal(type->dimension, (struct dimension){{0}}));
    if (wants_truth && !type->truth && !plain) { /* a switch may stand for yes or no */
        complain_of_word(compiler, name, "the function takes a state or another yes-or-no, not",
            slice_of(", such as production.on or a let that compares"));
    } else if (!wants_truth && type->truth) {
        complain_of_word(compiler, name, "yes or no:",
            slice_of(" is a state; the function takes a quantity, as production.power"));
    }
    return !compiler->failed;
}

/* "this day", "last month" behind the first of its two words. */
static bool calendar_span(struct compiler *compiler, struct token word, struct span *span)
{
    struct token period = lexer_next(&compiler->lexer);
    span->last = slice_is(word.text, "last");
    span->period = (uint8_t)period_from(period.text);
    if (span->period == PERIOD_SLIDING) {
        complain(compiler, period.at, "this or last, then hour, day, month, quarter or year");
    }
    return !compiler->failed;
}

/* A time, also where a registry has another. */
static bool time_span(struct compiler *compiler, struct look *look)
{
    struct parameter given;
    size_t at = compiler->lexer.at;
    if (!constant(compiler, &given)) {
        return false;
    }
    if (!dimension_equal(given.dimension, seconds())) {
        complain(compiler, compiler->lexer.at, "the second argument is a time, such as 10 min");
    } else if (given.value == 0 || given.min == 0 || beyond(&given, 0, LOOK_BACK_MAX_S)) {
        complain(compiler, at, "the time is longer than nothing and at most 31 days");
    }
    look->span.width_ms = span_ms(given.value);
    look->span_parameter =
        parameter_number(compiler->scope, parameter_of(compiler->scope, given.name));
    return !compiler->failed;
}

static bool any_span(struct compiler *compiler, struct look *look)
{
    struct lexer ahead = compiler->lexer;
    struct token word = lexer_next(&ahead);
    if (word.type == TOKEN_NAME && (slice_is(word.text, "this") || slice_is(word.text, "last"))) {
        compiler->lexer = ahead;
        return calendar_span(compiler, word, &look->span);
    }
    return time_span(compiler, look);
}

static bool number(struct compiler *compiler, struct parameter *given, struct look *look)
{
    if (!constant(compiler, given)) {
        return false;
    }
    look->number = given->value;
    look->number_parameter =
        parameter_number(compiler->scope, parameter_of(compiler->scope, given->name));
    return true;
}

/* In the unit of the value; 0 of anything is 0. */
static bool band(struct compiler *compiler, const struct type *type, struct look *look)
{
    struct parameter given;
    size_t at = compiler->lexer.at;
    if (!number(compiler, &given, look)) {
        return false;
    }
    if (given.value != 0 && type->typed && !dimension_equal(given.dimension, type->dimension)) {
        complain(compiler, compiler->lexer.at,
            "units do not match: the band is in the unit of the value");
    } else if (beyond(&given, 0, (double)INFINITY)) {
        complain(compiler, at, "a band is not below 0");
    }
    return !compiler->failed;
}

static bool share(struct compiler *compiler, struct look *look)
{
    struct parameter given;
    size_t at = compiler->lexer.at;
    if (!number(compiler, &given, look)) {
        return false;
    }
    if (!dimension_equal(given.dimension, (struct dimension){{0}}) || given.value <= 0 ||
        given.value >= 1 || beyond(&given, 0, 1)) {
        complain(compiler, at, "a share lies between 0 % and 100 %");
    }
    return !compiler->failed;
}

/* So many values, of which each has its digits: those of a signal. */
static bool values(struct compiler *compiler, struct look *look)
{
    enum { VALUES_LEAST = 100, VALUES_MOST = 100000 };
    struct parameter given;
    size_t at = compiler->lexer.at;
    if (!number(compiler, &given, look)) {
        return false;
    }
    if (!dimension_equal(given.dimension, (struct dimension){{0}}) ||
        beyond(&given, VALUES_LEAST, VALUES_MOST)) {
        complain(compiler, at, "the second argument is a count of values, 100 to 100000");
    } else if (look->at != LOOK_AT_SIGNALS) {
        complain(compiler, at, "the function takes a name: a let has no digits");
    }
    return !compiler->failed;
}

/* How far to look back for what came before. */
static bool time_back(struct compiler *compiler, struct look *look)
{
    struct parameter given;
    size_t at = compiler->lexer.at;
    if (!number(compiler, &given, look)) {
        return false;
    }
    double least_s = 3.0 * (double)look->span.width_ms / SECOND_MS;
    if (!dimension_equal(given.dimension, seconds()) || beyond(&given, least_s, LOOK_BACK_MAX_S)) {
        complain(compiler, at, "the time back is three times the first at least, and at most 31 d");
    }
    return !compiler->failed;
}

static bool next(struct compiler *compiler)
{
    return expect(compiler, TOKEN_COMMA,
        "a comma and a second argument are wanted here: the function is of a name alone");
}

static bool arguments(struct compiler *compiler, const struct function *function,
    const struct type *type, struct look *look)
{
    switch (function->takes) {
    case TAKES_NUMBER_AND_BAND:
        return next(compiler) && band(compiler, type, look);
    case TAKES_NUMBER_AND_SPAN:
    case TAKES_TRUTH_AND_SPAN:
        return next(compiler) && any_span(compiler, look);
    case TAKES_NUMBER_SHARE_AND_TIME:
        return next(compiler) && share(compiler, look) && next(compiler) &&
               time_span(compiler, look);
    case TAKES_NUMBER_AND_COUNT:
        return next(compiler) && values(compiler, look);
    case TAKES_NUMBER_AND_TIMES:
        return next(compiler) && time_span(compiler, look) && next(compiler) &&
               time_back(compiler, look);
    case TAKES_TRUTH_AND_TIME:
        return next(compiler) && time_span(compiler, look);
    case TAKES_NUMBER:
    case TAKES_TRUTH:
    case TAKES_VALUES:
    case TAKES_WHERE:
    case TAKES_NAME:
    case TAKES_NAME_AND_FLAGS:
    case TAKES_WORD:
    case TAKES_KIND:
    case TAKES_HOURS:
        return true;
    }
    return true;
}

/* The number of an equal look of the rule, or of this one; LOOKS_MAX: there is no room. */
static size_t look_index(struct compiler *compiler, const struct look *wanted)
{
    struct expression_scope *scope = compiler->scope;
    for (size_t i = 0; i < scope->look_count; i++) {
        const struct look *look = &scope->looks[i];
        if (look->op == wanted->op && look->at == wanted->at && look->index == wanted->index &&
            span_equal(&look->span, &wanted->span) && look->number == wanted->number &&
            look->span_parameter == wanted->span_parameter &&
            look->number_parameter == wanted->number_parameter && look->column == wanted->column) {
            return i;
        }
    }
    if (scope->look_count == LOOKS_MAX) {
        complain(compiler, compiler->lexer.at, "the rule looks back too often: split it");
        return LOOKS_MAX;
    }
    scope->looks[scope->look_count] = *wanted;
    return scope->look_count++;
}

static struct type given(const struct function *function, struct type type, size_t at)
{
    struct type made = {.typed = true, .at = at};
    switch (function->gives) {
    case GIVES_SAME:
        made.typed = type.typed;
        made.dimension = type.dimension;
        break;
    case GIVES_RATE:
        made.typed = type.typed;
        made.dimension = dimension_multiply(type.dimension, seconds(), -1);
        break;
    case GIVES_TRUTH:
        made.truth = true;
        break;
    case GIVES_TIME:
        made.dimension = seconds();
        break;
    case GIVES_PLAIN:
    case GIVES_KIND_NUMBER:
    case GIVES_PART:
        break;
    }
    return made;
}

void look_function(struct compiler *compiler, const struct function *function, size_t at)
{
    struct look look = {.op = function->op};
    struct type type;
    if (!subject_of(compiler, function, &look, &type) ||
        !arguments(compiler, function, &type, &look) ||
        !expect(compiler, TOKEN_CLOSE, "a closing parenthesis is missing")) {
        return;
    }
    size_t index = look_index(compiler, &look);
    emit(compiler, (struct code_step){.op = (uint8_t)function->op,
                       .count = (uint8_t)index,
                       .index = look.index,
                       .parameter = look.span_parameter,
                       .number = (double)look.span.width_ms / SECOND_MS});
    push(compiler, given(function, type, at));
}

static const struct learnt_column {
    enum column column;
    int percent, days;
} LEARNT_COLUMNS[] = {
#define BASELINE(column, percent, days) {COLUMN_##column, percent, days},
#include "detectors/baselines.def"
#undef BASELINE
};

static const struct learnt_column *learnt_column_of(enum column column)
{
    for (size_t i = 0; i < sizeof LEARNT_COLUMNS / sizeof LEARNT_COLUMNS[0]; i++) {
        if (LEARNT_COLUMNS[i].column == column) {
            return &LEARNT_COLUMNS[i];
        }
    }
    return NULL;
}

bool column_is_learnt(enum column column)
{
    return learnt_column_of(column) != NULL;
}

double column_baseline(struct compiler *compiler, enum column column, size_t input)
{
    const struct learnt_column *of = learnt_column_of(column);
    if (of == NULL) {
        return 0;
    }
    const struct look look = {.op = OP_LEARNT,
        .at = LOOK_AT_SIGNALS,
        .index = (uint16_t)input,
        .span.width_ms = of->days * (int64_t)DAY_MS,
        .number = of->percent / 100.0,
        .column = (uint8_t)(column + 1)};
    return 1 + (double)look_index(compiler, &look);
}
