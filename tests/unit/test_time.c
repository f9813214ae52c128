#include <string.h>

#include "core/time.h"
#include "tests/unit/check.h"

static void test_time__reads_cst_and_checks_the_calendar(void **unused)
{
    (void)unused;
    static const struct {
        const char *digits;
        bool valid;
        int64_t ms;
    } ROWS[] = {
        {"19700101080000", true, 0},
        {"20240229000000", true, INT64_C(1709136000000)},
        {"20240601085857223", true, INT64_C(1717203537223)},
        {"20230229000000", false, 0}, /* no leap year */
        {"20260230000000", false, 0},
        {"20261301000000", false, 0},
        {"20261100000000", false, 0},
        {"20260101240000", false, 0},
        {"20260101006000", false, 0},
        {"20260101000060", false, 0}, /* no leap seconds in HJ 212 */
        {"19691231235959", false, 0},
        {"22000101000000", false, 0},
        {"2026010100000", false, 0}, /* 13 digits */
        {"2026010100000000", false, 0},
        {"2026010100000x", false, 0},
        {"", false, 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct event_time time = {-1};
        assert_int_equal(ROWS[i].valid, event_time_from_cst(slice_of(ROWS[i].digits), &time));
        assert_int_equal(ROWS[i].valid ? ROWS[i].ms : -1, time.ms);
    }
}

static void test_time__reads_rfc3339_with_any_offset(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        bool valid;
        int64_t ms;
    } ROWS[] = {
        {"1970-01-01T00:00:00Z", true, 0},
        {"1970-01-01T08:00:00+08:00", true, 0},
        {"2026-01-01T00:00:00.5+08:00", true, INT64_C(1767196800500)},
        {"2026-01-01t00:00:00.1234567z", true, INT64_C(1767225600123)},
        {"2026-01-01 00:00:00-01:30", true, INT64_C(1767231000000)},
        {"2026-01-01T00:00:00", false, 0},
        {"2026-01-01T00:00:00.Z", false, 0},
        {"2026-01-01T00:00:00Zx", false, 0},
        {"2026-02-30T00:00:00Z", false, 0},
        {"2026-01-01T00:00:00+24:00", false, 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct event_time time = {-1};
        assert_int_equal(ROWS[i].valid, event_time_from_rfc3339(slice_of(ROWS[i].text), &time));
        assert_int_equal(ROWS[i].valid ? ROWS[i].ms : -1, time.ms);
    }
}

static void test_time__a_day_is_its_midnight(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        bool valid;
        int64_t ms;
    } ROWS[] = {
        {"1970-01-02", true, 16 * HOUR_MS},
        {"2026-01-01", true, INT64_C(1767196800000)},
        {"2026-01-01T00:00:00+08:00", true, INT64_C(1767196800000)},
        {"2026-02-30", false, 0},
        {"2026/01/01", false, 0},
        {"2026-1-011", false, 0},
        {"20260101", false, 0},
        {"", false, 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct event_time time = {-1};
        assert_int_equal(ROWS[i].valid, event_time_from_day(slice_of(ROWS[i].text), &time));
        assert_int_equal(ROWS[i].valid ? ROWS[i].ms : -1, time.ms);
    }
}

static void test_time__every_day_reads_back_as_written(void **unused)
{
    (void)unused;
    char cst[15], qn[18], text[RFC3339_SIZE + 1];
    for (int64_t day = 0; day < 84006; day++) { /* to the end of 2199, as the readers allow */
        struct event_time want = {day * DAY_MS + 12345678}, got = {0};
        event_time_write_cst(want, cst);
        assert_true(event_time_from_cst(slice_of(cst), &got));
        assert_int_equal(want.ms / 1000, got.ms / 1000);
        event_time_write_qn(want, qn);
        assert_true(event_time_from_cst(slice_of(qn), &got));
        assert_int_equal(want.ms, got.ms);
        event_time_write(want, text);
        assert_true(event_time_from_rfc3339(slice_of(text), &got));
        assert_int_equal(want.ms, got.ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time__reads_cst_and_checks_the_calendar),
        cmocka_unit_test(test_time__reads_rfc3339_with_any_offset),
        cmocka_unit_test(test_time__a_day_is_its_midnight),
        cmocka_unit_test(test_time__every_day_reads_back_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
