#include "core/backoff.h"
#include "tests/unit/check.h"

static void test_backoff__doubles_up_to_half_a_minute_and_no_further(void **unused)
{
    (void)unused;
    static const struct {
        uint32_t failures;
        int64_t least_ms, most_ms;
    } ROWS[] = {
        {0, 125, 250},
        {1, 125, 250},
        {2, 250, 500},
        {3, 500, 1000},
        {7, 8000, 16000},
        {8, 15000, 30000},
        {9, 15000, 30000},
        {UINT32_MAX, 15000, 30000},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(ROWS[i].least_ms, backoff_ms(ROWS[i].failures, 0));
        uint64_t span = (uint64_t)(ROWS[i].most_ms - ROWS[i].least_ms);
        assert_int_equal(ROWS[i].most_ms, backoff_ms(ROWS[i].failures, span));
        assert_int_equal(ROWS[i].least_ms, backoff_ms(ROWS[i].failures, span + 1));
        int64_t any_ms = backoff_ms(ROWS[i].failures, UINT64_MAX);
        assert_true(any_ms >= ROWS[i].least_ms && any_ms <= ROWS[i].most_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backoff__doubles_up_to_half_a_minute_and_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
