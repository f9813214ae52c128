#include <stdlib.h>
#include <string.h>

#include "detectors/expression.h"
#include "detectors/lexer.h"
#include "tests/unit/check.h"

static struct dimension dimension_of(const char *unit)
{
    return unit_find(slice_of(unit))->dimension;
}

/* power is in kW, temperature in degC, odd has no known unit, any role's `on` is yes or no. */
static bool describe(void *context, struct input *input, struct text *why)
{
    (void)context;
    text_add(why, ": no role");
    input->truth = slice_is(input->name, "on");
    input->typed = slice_is(input->name, "power") || slice_is(input->name, "temperature") ||
                   slice_is(input->name, "switch");
    if (input->typed) {
        input->dimension = slice_is(input->name, "power")         ? dimension_of("kW")
                           : slice_is(input->name, "temperature") ? dimension_of("degC")
                                                                  : (struct dimension){{0}};
    }
    return input->role.size > 0;
}

static bool is_of(const void *context, const char *scope)
{
    (void)context;
    return strcmp(scope, "device") == 0;
}

static const struct vocabulary VOCABULARY = {NULL, describe, is_of};

static void compile(const char *text, struct code *code, struct report *report)
{
    struct expression_scope scope = {.vocabulary = &VOCABULARY};
    scope.parameters[0] = (struct parameter){
        .name = slice_of("warm"), .value = 30, .dimension = dimension_of("degC")};
    scope.parameter_count = 1;
    struct place place = {slice_of("x.yaml"), 7, 10};
    bool fine = expression_compile(&scope, slice_of(text), place, code, report);
    assert_int_equal(fine, report->count == 0);
}

static void test_expression__reads_what_the_language_has(void **unused)
{
    (void)unused;
    static const char *const FINE[] = {
        "a.on",
        "not a.on or b.power > 5 kW and not b.on",
        "a.switch",
        "not a.odd",
        "a.temperature - b.temperature >= warm",
        "a.power > max(5 kW, 10 % * b.power, 300 W)",
        "rate(a.temperature, 5 min) * 60 s >= 5 degC",
        "mean(a.power, 10 min) / b.power < 0.8",
        "same_for(a.odd, 0) >= 1 h",
        "same_for(a.power, 0.5 kW) >= 1 h",
        "unknown_for(a.power) > 10 min and starting(a.on, 30 min)",
        "filed(emergency-discharge) or calendar(business)",
        "-a.temperature < -5 degC",
        "flagged(a.power, MCD) or flagged(a.power, any)",
        "sent(a.power) > 5 kW",
        "a.power > 0 and a.temperature > 0",
        "abs(a.power - b.power) > 1 kW",
        "((((a.on))))",
        "a.on == b.on",
        "a.power > 5 kW == b.on",
        "held(a.on) > 6 h and time(a.switch, this day) > 30 min or share(a.on, 24 h) < 5 %",
        "times(a.on, last month) > 3 and delta(a.power, this year) > 1 kW",
        "percentile(a.power, 95 %, 14 d) > median(a.power, 1 h) + stddev(a.power, 30 min)",
        "count(a.odd, this hour) + changes(a.odd, 10 min) < 3 or changed(a.odd)",
        "where(a.on, a.power) > 1 kW and stopping(a.on, 5 min) and clock(22:00, 06:00)",
    };
    for (size_t i = 0; i < sizeof FINE / sizeof FINE[0]; i++) {
        struct report *report = calloc(1, sizeof *report);
        struct code code;
        compile(FINE[i], &code, report);
        if (report->count > 0) {
            print_error("%s\n", FINE[i]);
        }
        assert_int_equal(0, report->count);
        report_free(report);
        free(report);
    }
}

static void test_expression__says_where_and_why_it_refuses(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        const char *words;
        uint32_t column; /* 0: not compared; the scalar begins in column 10 */
    } ROWS[] = {
        {"a.power > 5 degC", "units do not match", 0},
        {"a.power + a.temperature > 1 kW", "units do not match", 0},
        {"max(5 kW, 3 A) < a.power", "units do not match", 0},
        {"a.power", "compare it", 0},
        {"a.power and a.on", "compare it", 10},
        {"flagged(a.power, X)", "flags stand here", 26},
        {"flagged(a.power)", "a comma and a second argument", 0},
        {"a.on > 5 kW", "yes or no cannot be compared", 0},
        {"a.on + 1 > 2", "yes or no cannot be added", 0},
        {"5 kW < a.power < 7 kW", "yes or no cannot be compared", 0},
        {"power > 5 kW", "unknown name 'power'", 10},
        {"a.on and", "a value is wanted", 18},
        {"a.on a.on", "an operator is wanted", 15},
        {"(a.on", "a closing parenthesis is missing", 15},
        {"a.on)", "without an opening one", 14},
        {"mean(a.power) > 1 kW", "a comma and a second argument", 0},
        {"mean(a.power, 5 kW) > 1 kW", "is a time", 0},
        {"mean(a.power, b.power) > 1 kW", "a number with its unit or a parameter", 0},
        {"same_for(a.power, 5 A) > 1 h", "units do not match: the band", 0},
        {"starting(a, 5 min)", "unknown name 'a'", 19},
        {"a.power > 5..2 kW", "no place for '5..2'", 20},
        {"average(a.power, 5 min) > 5 kW", "unknown function 'average'", 10},
        {"a.power > 5 kN", "unknown unit 'kN'", 22},
        {"a.temperature > wram", "did you mean 'warm'?", 26},
        {"mean(a.on, 5 min) > 0", "'a.on' is a state", 15},
        {"starting(a.power, 5 min)", "or another yes-or-no, not 'a.power'", 19},
        {"a.power = 5 kW", "equal is written ==", 18},
        {"a.on & b.on", "no place for '&'", 15},
        {"", "a value is wanted", 10},
        {"-a.on", "has no negative", 0},
        {"held(a.power) > 6 h", "or another yes-or-no, not 'a.power'", 15},
        {"time(a.on, 5 kW) > 1 h", "is a time", 0},
        {"time(a.on, this week) > 1 h", "hour, day, month, quarter or year", 26},
        {"time(a.on, 90 d) > 1 h", "at most 31 days", 0},
        {"starting(a.on, this day)", "a number with its unit", 25},
        {"share(a.on, 1 h) > 5 kW", "units do not match", 0},
        {"percentile(a.power, 5 kW, 14 d) > 1 kW", "between 0 % and 100 %", 0},
        {"percentile(a.power, 100 %, 14 d) > 1 kW", "between 0 % and 100 %", 0},
        {"clock(22:00)", "two times of the day", 10},
        {"clock(22:00, 24:01)", "two times of the day", 10},
        {"clock(9:00, 10:00)", "two times of the day", 10},
        {"where(a.power, a.power) > 1 kW", "compare it", 0},
        {"where(a.on) > 1 kW", "where takes a yes-or-no and a value", 0},
        {"where(a.on, b.on, c.power) > 1 kW", "where takes a yes-or-no and a value", 0},
        {"medin(a.power, 5 min) > 5 kW", "did you mean 'median'?", 10},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct report *report = calloc(1, sizeof *report);
        struct code code;
        compile(ROWS[i].text, &code, report);
        assert_int_equal(1, report->count);
        const struct finding *finding = &report->findings[0];
        char words[600] = {0};
        memcpy(words, finding->words.ptr, finding->words.size);
        if (strstr(words, ROWS[i].words) == NULL ||
            (ROWS[i].column != 0 && finding->column != ROWS[i].column)) {
            fail_msg("%s: %u: %s", ROWS[i].text, finding->column, words);
        }
        assert_int_equal(7, finding->line);
        report_free(report);
        free(report);
    }
}

static void test_expression__is_bounded(void **unused)
{
    (void)unused;
    static const char *const PARTS[] = {"(", "not ", "a.on and ", "-", "max(1, "};
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        static char text[8192];
        text[0] = '\0';
        for (size_t k = 0; k < 500; k++) {
            strcat(text, PARTS[i]);
        }
        strcat(text, "a.on");
        struct report *report = calloc(1, sizeof *report);
        struct code code;
        compile(text, &code, report);
        assert_int_equal(1, report->count);
        report_free(report);
        free(report);
    }
}

static void test_expression__binds_as_written(void **unused)
{
    (void)unused;
    static const enum op WANT[] = {OP_INPUT, OP_INPUT, OP_NUMBER, OP_NUMBER, OP_INPUT, OP_MULTIPLY,
        OP_ADD, OP_GREATER, OP_INPUT, OP_NOT, OP_AND, OP_OR};
    struct report *report = calloc(1, sizeof *report);
    struct code code;
    compile("a.on or b.power > 5 kW + 2 * c.power and not d.on", &code, report);
    assert_int_equal(sizeof WANT / sizeof WANT[0], code.size);
    for (size_t i = 0; i < code.size; i++) {
        assert_int_equal(WANT[i], code.steps[i].op);
    }
    report_free(report);
    free(report);
}

static void test_expression__quantities_have_units(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        double value;
        const char *unit;
    } ROWS[] = {{"60 s", 60, "s"}, {"5 %", 0.05, ""}, {"35 mg/m3", 35, "mg/m3"}, {"2h", 7200, "s"},
        {"-5 degC", -5, "degC"}, {"0.5", 0.5, ""}};
    double value;
    struct dimension dimension;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_true(quantity_parse(slice_of(ROWS[i].text), &value, &dimension));
        assert_true(value == ROWS[i].value);
        assert_true(dimension_equal(dimension, dimension_of(ROWS[i].unit)));
    }
    assert_false(quantity_parse(slice_of("5 parsecs"), &value, &dimension));
    assert_false(quantity_parse(slice_of("5 s 5"), &value, &dimension));
    assert_false(quantity_parse(slice_of(""), &value, &dimension));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expression__reads_what_the_language_has),
        cmocka_unit_test(test_expression__says_where_and_why_it_refuses),
        cmocka_unit_test(test_expression__is_bounded),
        cmocka_unit_test(test_expression__binds_as_written),
        cmocka_unit_test(test_expression__quantities_have_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
