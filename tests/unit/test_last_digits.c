#include <math.h>
#include <stdio.h>

#include "detectors/last_digits.h"
#include "tests/unit/check.h"

enum { BLOCK = 1000 };

static void take(struct last_digits *digits, const char *text, double value)
{
    last_digits_take(digits, BLOCK, slice_of(text), value);
}

/* So many values, whose hundredths are those of `step` times their number. */
static void take_steps(struct last_digits *digits, int count, int step)
{
    for (int i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof text, "%d.%02d", 20 + i % 7, i * step % 100);
        take(digits, text, 20 + i % 7 + i * step % 100 / 100.0);
    }
}

static void test_last_digits__are_spread_evenly_or_not(void **unused)
{
    (void)unused;
    struct last_digits digits = {0};
    take_steps(&digits, BLOCK - 1, 7);
    assert_true(isnan(last_digits_share(&digits)));
    take(&digits, "33.33", 33.33);
    assert_true(last_digits_share(&digits) < 0.11);
    assert_true(last_digits_chi(&digits) < 1);
    take_steps(&digits, BLOCK, 5); /* ends in 0 or 5 only */
    assert_true(fabs(last_digits_share(&digits) - 0.5) < 0.01);
    assert_true(last_digits_chi(&digits) > 3990 && last_digits_chi(&digits) < 4010);
}

static void test_last_digits__a_zero_that_was_not_printed_is_one(void **unused)
{
    (void)unused;
    struct last_digits digits = {0};
    for (int i = 0; i < 2 * BLOCK; i++) {
        char text[32];
        double value = (i * 7 % 1000) / 100.0;
        snprintf(text, sizeof text, "%g", value);
        take(&digits, text, value);
    }
    assert_true(last_digits_chi(&digits) < 28);
}

static void test_last_digits__whole_numbers_and_repeats_tell_nothing(void **unused)
{
    (void)unused;
    struct last_digits digits = {0};
    for (int i = 0; i < 2 * BLOCK; i++) {
        take(&digits, i % 2 == 0 ? "7" : "8", 7 + i % 2);
    }
    for (int i = 0; i < 2 * BLOCK; i++) {
        take(&digits, "7.25", 7.25);
    }
    assert_true(isnan(last_digits_chi(&digits)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_last_digits__are_spread_evenly_or_not),
        cmocka_unit_test(test_last_digits__a_zero_that_was_not_printed_is_one),
        cmocka_unit_test(test_last_digits__whole_numbers_and_repeats_tell_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
