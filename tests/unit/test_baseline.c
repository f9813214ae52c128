#include "detectors/baseline.h"
#include "tests/unit/check.h"

enum { HOUR = 3600 * 1000, WIDTH = 100 * HOUR };

static void take(struct baseline *baseline, enum baseline_of of, double value, int count)
{
    for (int i = 0; i < count; i++) {
        baseline_take(baseline, of, WIDTH, HOUR, value);
    }
}

static void test_baseline__stands_when_so_much_was_known_and_stays(void **unused)
{
    (void)unused;
    struct baseline baseline = {0};
    take(&baseline, BASELINE_OF_ANYTHING, 80, 99);
    assert_false(baseline_stands(&baseline, WIDTH));
    take(&baseline, BASELINE_OF_ANYTHING, 80, 1);
    assert_true(baseline_stands(&baseline, WIDTH));
    take(&baseline, BASELINE_OF_ANYTHING, 20, 1000); /* what comes later moves nothing */
    assert_true(histogram_at(&baseline.histogram, 0.5) == 80);
}

static void test_baseline__tells_standing_from_running(void **unused)
{
    (void)unused;
    struct baseline baseline = {0};
    for (int i = 0; i < 100; i++) {
        take(&baseline, BASELINE_OF_A_MACHINE, i < 60 ? 2 : 390 + i % 7, 1);
    }
    assert_true(baseline_stands(&baseline, WIDTH));
    assert_true(histogram_at(&baseline.histogram, 0.05) == 2);
    assert_true(histogram_at(&baseline.histogram, 0.95) > 389);
}

static void test_baseline__of_a_machine_that_hardly_ran_begins_anew(void **unused)
{
    (void)unused;
    struct baseline stood = {0}, hardly = {0};
    take(&stood, BASELINE_OF_A_MACHINE, 0, 100);
    assert_false(baseline_stands(&stood, WIDTH));
    assert_int_equal(0, stood.known_ms);
    take(&stood, BASELINE_OF_A_MACHINE, 0, 10);
    take(&stood, BASELINE_OF_A_MACHINE, 80, 90);
    assert_true(baseline_stands(&stood, WIDTH));
    for (int i = 0; i < 100; i++) {
        take(&hardly, BASELINE_OF_A_MACHINE, i < 4 ? 80 : 0.1 * (i % 3), 1);
    }
    assert_false(baseline_stands(&hardly, WIDTH));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_baseline__stands_when_so_much_was_known_and_stays),
        cmocka_unit_test(test_baseline__tells_standing_from_running),
        cmocka_unit_test(test_baseline__of_a_machine_that_hardly_ran_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
