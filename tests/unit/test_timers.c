#include <stdlib.h>
#include <string.h>

#include "core/timers.h"
#include "tests/unit/check.h"

static void test_timers__come_out_by_due_time_then_number(void **unused)
{
    (void)unused;
    enum { COUNT = 6 };
    static const int64_t DUE[COUNT] = {50, 10, 30, 10, TIMER_NEVER, 30};
    static const uint32_t WANT[] = {1, 3, 2, 5};
    uint64_t block[64] = {0};
    uint32_t which;
    int64_t due_ms;
    assert_true(timers_size(COUNT) <= sizeof block);
    assert_int_equal(TIMER_NEVER, timers_next(block, COUNT));
    for (uint32_t i = 0; i < COUNT; i++) {
        timers_set(block, COUNT, i, DUE[i]);
    }
    for (size_t i = 0; i < sizeof WANT / sizeof WANT[0]; i++) {
        assert_true(timers_take(block, COUNT, 49, &which, &due_ms));
        assert_int_equal(WANT[i], which);
        assert_int_equal(DUE[which], due_ms);
    }
    assert_false(timers_take(block, COUNT, 49, &which, &due_ms));
    assert_int_equal(50, timers_next(block, COUNT));
    assert_true(timers_take(block, COUNT, 50, &which, &due_ms)); /* due is due */
}

/* Against the plainest model: an array that is searched. */
static void test_timers__agree_with_a_searched_array(void **unused)
{
    (void)unused;
    enum { COUNT = 40, STEPS = 20000 };
    int64_t model[COUNT];
    void *block = calloc(1, timers_size(COUNT));
    assert_non_null(block);
    for (uint32_t i = 0; i < COUNT; i++) {
        model[i] = TIMER_NEVER;
    }
    uint32_t seed = 1;
    for (int step = 0; step < STEPS; step++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t which = (seed >> 8) % COUNT;
        int64_t due_ms = (seed >> 16 & 7) == 0 ? TIMER_NEVER : (int64_t)(seed >> 20);
        timers_set(block, COUNT, which, due_ms);
        model[which] = due_ms;
        if ((seed & 0x70) == 0) {
            uint32_t best = 0, got = COUNT;
            int64_t got_ms = 0;
            for (uint32_t i = 1; i < COUNT; i++) {
                best = model[i] < model[best] ? i : best;
            }
            bool any = model[best] != TIMER_NEVER;
            assert_int_equal(any, timers_take(block, COUNT, INT64_MAX - 1, &got, &got_ms));
            if (any) {
                assert_int_equal(best, got);
                assert_int_equal(model[best], got_ms);
                model[best] = TIMER_NEVER;
            }
        }
    }
    free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timers__come_out_by_due_time_then_number),
        cmocka_unit_test(test_timers__agree_with_a_searched_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
