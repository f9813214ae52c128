#include <stdlib.h>

#include "detectors/evaluate.h"
#include "tests/unit/check.h"

enum { NAMES = 4, STATUSES = 4 };

static const char *const NAME[NAMES] = {"a", "b", "c", "d"};

/* Any name that is no let is an input that is yes or no. */
static bool describe(void *context, struct input *input, struct text *why)
{
    (void)context;
    (void)why;
    input->truth = true;
    return true;
}

static const struct vocabulary VOCABULARY = {NULL, describe, NULL};

static struct code code_of(const char *text)
{
    struct expression_scope scope = {.vocabulary = &VOCABULARY};
    struct report *report = calloc(1, sizeof *report);
    struct place place = {slice_of("x.yaml"), 1, 1};
    struct code code, let;
    for (size_t i = 0; i < NAMES; i++) {
        assert_true(expression_compile_let(
            &scope, slice_of(NAME[i]), slice_of("x.on"), place, &let, report));
    }
    assert_true(expression_compile(&scope, slice_of(text), place, &code, report));
    report_free(report);
    free(report);
    return code;
}

static struct value status_value(unsigned status)
{
    return status == 0   ? known(0)
           : status == 1 ? known(1)
           : status == 2 ? UNKNOWN_VALUE
                         : ABSENT_VALUE;
}

/* With every combination of yes, no, unknown and absent; absent counts only where it is asked for: in a clearing. */
static void check_all(const struct code *code, bool lenient)
{
    struct value lets[NAMES];
    struct evaluation whole = {.lets = lets, .lenient = lenient}, brief = whole;
    brief.brief = true;
    for (unsigned all = 0; all < STATUSES * STATUSES * STATUSES * STATUSES; all++) {
        for (unsigned i = 0; i < NAMES; i++) {
            lets[i] = status_value(all >> (2 * i) & 3);
        }
        bool absent, brief_absent;
        enum tri wanted = evaluate_truth(&whole, code, &absent);
        assert_int_equal(wanted, evaluate_truth(&brief, code, &brief_absent));
        assert_true(!lenient || absent == brief_absent);
    }
}

static void test_evaluate__what_decides_is_enough(void **unused)
{
    (void)unused;
    static const char *const TEXTS[] = {"a and b", "a or b", "a and b or c", "a and (b or c) and d",
        "a or b and c", "a or b or c or d", "a and b and c and d", "(a or b) and (c or d)",
        "not (a and b) or c", "not (a or b) and c", "a and not b", "not a and (b or not (c and d))",
        "(a and b) == (c or d)", "a == b and c or d", "where(a and b, c) or d",
        "((a and b) or c) and d", "a and ((b and c) != d)"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct code code = code_of(TEXTS[i]);
        check_all(&code, false);
        check_all(&code, true);
    }
}

static size_t skips(const char *text)
{
    struct code code = code_of(text);
    size_t count = 0;
    for (size_t i = 0; i < code.size; i++) {
        count += code.steps[i].skip > 0 ? 1 : 0;
    }
    return count;
}

static void test_evaluate__a_no_decides_only_where_absent_says_no(void **unused)
{
    (void)unused;
    assert_int_equal(3, skips("a and (b or c) and d"));
    assert_int_equal(1, skips("not (a or b)"));
    assert_int_equal(0, skips("not (a and b)"));
    assert_int_equal(0, skips("(a and b) == c"));
    assert_int_equal(1, skips("c or not (a and b)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evaluate__what_decides_is_enough),
        cmocka_unit_test(test_evaluate__a_no_decides_only_where_absent_says_no),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
