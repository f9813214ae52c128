#include "core/nearest.h"
#include "detectors/compiler.h"
#include "detectors/names.h"
#include "schemas/tally.h"
#include "schemas/verdict.h"

enum { LOOK_BACK_MAX_S = 31 * 24 * 3600 };

enum takes_ask {
    ASK_TAKES_WORD,
    ASK_TAKES_COMMAND,
    ASK_TAKES_COMMAND_AND_SPAN,
    ASK_TAKES_COMMAND_TIME_AND_SPAN,
    ASK_TAKES_VERDICT_AND_SPAN,
    ASK_TAKES_BREACH,
    ASK_TAKES_BREACH_AND_SPAN,
    ASK_TAKES_TIME,
    ASK_TAKES_ZONE,
    ASK_TAKES_QUANTITY,
    ASK_TAKES_AREA_ALARMS,
    ASK_TAKES_ENTERPRISE_ALARMS,
};

enum gives_ask { ASK_GIVES_TRUTH, ASK_GIVES_TIME, ASK_GIVES_PLAIN, ASK_GIVES_SAME };

struct ask_row {
    const char *name;
    enum ask_kind kind;
    enum takes_ask takes;
    enum gives_ask gives;
};

static const struct ask_row ROWS[] = {
#define ASK(id, name, takes, gives, zh, en) {#name, ASK_##id, ASK_TAKES_##takes, ASK_GIVES_##gives},
#include "detectors/asks.def"
#undef ASK
};

enum { ROW_COUNT = sizeof ROWS / sizeof ROWS[0] };

static void fill_type(const struct ask_row *row, struct input *input)
{
    input->ask.kind = (uint8_t)row->kind;
    input->truth = row->gives == ASK_GIVES_TRUTH;
    if (row->gives != ASK_GIVES_SAME) {
        input->typed = true;
        input->dimension = unit_find(slice_of(row->gives == ASK_GIVES_TIME ? "s" : ""))->dimension;
    }
}

bool ask_word(struct input *input)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (ROWS[i].takes == ASK_TAKES_WORD && slice_is(input->name, ROWS[i].name)) {
            fill_type(&ROWS[i], input);
            return true;
        }
    }
    return false;
}

const struct ask_row *ask_row_of(struct slice name)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (ROWS[i].takes != ASK_TAKES_WORD && slice_is(name, ROWS[i].name)) {
            return &ROWS[i];
        }
    }
    return NULL;
}

/* --- arguments: each cuts its own off what stands between the parentheses --- */

static struct slice next_argument(struct slice *rest)
{
    struct slice text = slice_cut(rest, ',');
    while (text.size > 0 && text.ptr[0] == ' ') {
        text = slice_tail(text, 1);
    }
    while (text.size > 0 && text.ptr[text.size - 1] == ' ') {
        text.size -= 1;
    }
    return text;
}

static bool command(struct slice text, struct ask *ask)
{
    uint64_t cn = 0;
    bool fine = text.size == 4 && slice_to_uint(text, 9999, &cn);
    ask->what = (int32_t)cn;
    return fine;
}

static bool verdict(struct slice text, struct ask *ask)
{
    for (int i = 0; i < VERDICT_KIND_COUNT; i++) {
        if (slice_is(text, verdict_name((enum verdict_kind)i))) {
            ask->what = i;
            return true;
        }
    }
    ask->what = ASK_ANY_VERDICT;
    return slice_is(text, "any");
}

static bool breach(struct slice text, struct ask *ask)
{
    for (int i = 0; i < RULE_COUNT; i++) {
        if (slice_is(text, validity_rule((enum validity_rule)i)->name)) {
            ask->what = i;
            return true;
        }
    }
    return false;
}

static bool severity(struct slice text, struct ask *ask)
{
    for (int i = SEVERITY_S1; i <= SEVERITY_S4; i++) {
        if (slice_is(text, severity_name((enum severity)i))) {
            ask->what = i;
            return true;
        }
    }
    return false;
}

/* A constant with its unit, or a parameter. */
static bool time_of(const struct compiler *compiler, struct slice text, int64_t *ms)
{
    const struct parameter *parameter = parameter_of(compiler->scope, text);
    double seconds = 0;
    struct dimension dimension;
    if (parameter != NULL) {
        seconds = parameter->value;
        dimension = parameter->dimension;
    } else if (!quantity_parse(text, &seconds, &dimension)) {
        return false;
    }
    *ms = (int64_t)(seconds * SECOND_MS + 0.5);
    return dimension_equal(dimension, unit_find(slice_of("s"))->dimension) && seconds > 0 &&
           seconds <= LOOK_BACK_MAX_S;
}

/* 24 h, this day, last month */
static bool span_of(const struct compiler *compiler, struct slice text, struct span *span)
{
    struct slice rest = text;
    struct slice word = slice_cut(&rest, ' ');
    span->last = slice_is(word, "last");
    if (span->last || slice_is(word, "this")) {
        span->period = (uint8_t)period_from(rest);
        return span->period != PERIOD_SLIDING;
    }
    return time_of(compiler, text, &span->width_ms);
}

/* S3, 10 min */
static const char *read_alarms(
    const struct compiler *compiler, const struct ask_row *row, struct slice rest, struct ask *ask)
{
    const bool area = row->takes == ASK_TAKES_AREA_ALARMS;
    const int64_t most_ms = area ? TALLY_REACH_MINUTES * MINUTE_MS : INT64_MAX;
    if (!severity(next_argument(&rest), ask)) {
        return "a severity is wanted first: S1, S2, S3 or S4";
    }
    if (!time_of(compiler, next_argument(&rest), &ask->span.width_ms) || rest.size > 0 ||
        ask->span.width_ms > most_ms) {
        return area ? "a time of at most 60 min is wanted last"
                    : "a time of at most 31 days is wanted last";
    }
    return NULL;
}

static const char *read_arguments(
    const struct compiler *compiler, const struct ask_row *row, struct slice rest, struct ask *ask)
{
    struct slice whole = rest;
    struct slice first = next_argument(&rest);
    switch (row->takes) {
    case ASK_TAKES_WORD:
    case ASK_TAKES_QUANTITY:
        return NULL;
    case ASK_TAKES_AREA_ALARMS:
    case ASK_TAKES_ENTERPRISE_ALARMS:
        return read_alarms(compiler, row, whole, ask);
    case ASK_TAKES_ZONE:
        ask->word = first;
        return first.size > 0 && rest.size == 0 ? NULL : "a kind of zones.csv is wanted here";
    case ASK_TAKES_TIME:
        return time_of(compiler, first, &ask->than_ms) && rest.size == 0
                   ? NULL
                   : "a time of at most 31 days is wanted here, such as 1 h";
    case ASK_TAKES_COMMAND:
    case ASK_TAKES_COMMAND_AND_SPAN:
    case ASK_TAKES_COMMAND_TIME_AND_SPAN:
        if (!command(first, ask)) {
            return "a command of four digits is wanted first, such as 2011";
        }
        break;
    case ASK_TAKES_VERDICT_AND_SPAN:
        if (!verdict(first, ask)) {
            return "accepted, duplicate, quarantined, rejected or any is wanted first";
        }
        break;
    case ASK_TAKES_BREACH:
    case ASK_TAKES_BREACH_AND_SPAN:
        if (!breach(first, ask)) {
            return "the name of a rule of validity is wanted here, such as pw-wrong "
                   "(docs/validity.md)";
        }
        break;
    }
    if (row->takes == ASK_TAKES_COMMAND_TIME_AND_SPAN &&
        !time_of(compiler, next_argument(&rest), &ask->than_ms)) {
        return "a time is wanted second: how long ago is late";
    }
    bool spans = row->takes != ASK_TAKES_COMMAND && row->takes != ASK_TAKES_BREACH;
    if (spans && !span_of(compiler, next_argument(&rest), &ask->span)) {
        return "a time is wanted last: 10 min, this day, last month; at most 31 days";
    }
    return rest.size == 0 ? NULL : "there are too many arguments";
}

/* Of what the rule has to speak for it; NULL: it does. */
static const char *wanted_scope(const struct compiler *compiler, const struct ask_row *row)
{
    const struct vocabulary *of = compiler->scope->vocabulary;
    if (row->takes == ASK_TAKES_QUANTITY) {
        return NULL;
    }
    if (row->takes == ASK_TAKES_AREA_ALARMS) {
        return of->is_of(of->context, "area") ? NULL : "a function of scope area:";
    }
    if (row->takes == ASK_TAKES_ENTERPRISE_ALARMS) {
        return of->is_of(of->context, "enterprise") ? NULL : "a function of scope enterprise:";
    }
    bool device = of->is_of(of->context, "device") || of->is_of(of->context, "signal");
    return device ? NULL : "a function of scope device or signal:";
}

/* total(role.quantity): what it sums has to be one. */
static bool describe_total(
    struct compiler *compiler, struct token token, struct slice text, struct input *input)
{
    char space[300];
    struct text why = text_in(space, sizeof space);
    const struct vocabulary *vocabulary = compiler->scope->vocabulary;
    struct input summed = {.name = text};
    if (slice_find(text, 0, '.') < text.size) {
        summed.role = slice_cut(&summed.name, '.');
    }
    if (summed.role.size == 0 || !vocabulary->describe(vocabulary->context, &summed, &why) ||
        summed.truth || summed.ask.kind != ASK_NONE) {
        complain(compiler, token.at, "total is of a role's quantity: total(production.energy)");
        return false;
    }
    input->ask.word = text;
    input->typed = summed.typed;
    input->dimension = summed.dimension;
    return true;
}

static size_t add_input(struct compiler *compiler, const struct input *input, size_t at)
{
    struct expression_scope *scope = compiler->scope;
    for (size_t i = 0; i < scope->input_count; i++) {
        const struct input *other = &scope->inputs[i];
        if (other->role.size == 0 && ask_equal(&other->ask, &input->ask)) {
            return i;
        }
    }
    if (scope->input_count == INPUTS_MAX) {
        complain(compiler, at, "the rule reads too many names: split it");
        return INPUTS_MAX;
    }
    scope->inputs[scope->input_count] = *input;
    return scope->input_count++;
}

void ask_function(struct compiler *compiler, const struct ask_row *row, struct token token)
{
    lexer_next(&compiler->lexer); /* the parenthesis that stands there */
    struct slice arguments = lexer_word(&compiler->lexer);
    struct input input = {.name = token.text};
    const char *wrong = read_arguments(compiler, row, arguments, &input.ask);
    if (wrong != NULL) {
        complain(compiler, token.at, wrong);
        return;
    }
    if (lexer_next(&compiler->lexer).type != TOKEN_CLOSE) {
        complain(compiler, token.at, "a closing parenthesis is missing");
        return;
    }
    const char *elsewhere = wanted_scope(compiler, row);
    if (elsewhere != NULL) {
        complain_of_word(compiler, token, elsewhere, slice_of(""));
        return;
    }
    if (row->takes == ASK_TAKES_QUANTITY && !describe_total(compiler, token, arguments, &input)) {
        return;
    }

    input.name.size = compiler->lexer.at - token.at; /* its text is its name */
    fill_type(row, &input);
    compiler->scope->asks_alarms = compiler->scope->asks_alarms || ask_is_of_alarms(&input.ask);
    size_t index = add_input(compiler, &input, token.at);
    if (index < INPUTS_MAX) {
        emit(compiler, (struct code_step){.op = OP_INPUT, .index = (uint16_t)index});
        push(compiler, (struct type){.truth = input.truth,
                           .at = token.at,
                           .typed = input.typed,
                           .dimension = input.dimension});
    }
}
