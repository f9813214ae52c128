#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"
#include "validators/duplicates.h"

/* A small ring: 50 places for real-time data. */
static const struct pace PACE = {.realtime_s = 3600, .minute_min = 10};
static const struct pace FASTER = {.realtime_s = 60, .minute_min = 1};

static struct message make(
    char space[static 64], int cn, const char *qn, int64_t time_ms, const char *content)
{
    static struct message message;
    snprintf(space, 64, "%s", content);
    message.cn_code = cn;
    message.mn = slice_of("M");
    message.qn = slice_of(qn);
    message.has_data_time = time_ms > 0;
    message.data_time.ms = time_ms;
    message.datatime = time_ms > 0 ? slice_of("20260101000000") : (struct slice){0};
    message.segment = slice_of(space);
    return message;
}

static void *new_ring(void)
{
    void *ring = calloc(1, duplicates_size(PACE));
    assert_non_null(ring);
    return ring;
}

/* 2025: what is sent again after a failure bears RF=1, and is the same all the same. */
static void test_duplicates__a_resend_with_its_mark_is_a_duplicate(void **unused)
{
    (void)unused;
    static const struct {
        const char *content;
        enum edition edition;
        enum sameness want;
    } ROWS[] = {
        {"CN=2011;Flag=9;CP=&&a&&", EDITION_2025, SAME_FRESH},
        {"CN=2011;Flag=9;RF=1;CP=&&a&&", EDITION_2025, SAME_DUPLICATE},
        {"CN=2011;Flag=9;RF=1;CP=&&b&&", EDITION_2025, SAME_CONFLICT},
        {"CN=2011;Flag=9;CP=&&b&&", EDITION_2025, SAME_DUPLICATE},
        {"CN=2011;Flag=9;RF=0;CP=&&b&&", EDITION_2025, SAME_CONFLICT},
        {"RF=1;CP=", EDITION_2025, SAME_CONFLICT},
        {"CP", EDITION_2025, SAME_CONFLICT},
    };
    void *ring = new_ring();
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char space[64];
        struct message message = make(space, 2011, "1", 100 * HOUR_MS, ROWS[i].content);
        message.edition = ROWS[i].edition;
        assert_int_equal(ROWS[i].want, duplicates_check(ring, PACE, &message));
    }
    free(ring);
}

/* Whole data under a new QN is what it was; a part, an answer without readings, and other content are not. */
static void test_duplicates__a_resend_under_a_new_name_is_a_duplicate(void **unused)
{
    (void)unused;
    static const struct {
        const char *qn, *content, *pnum;
        int cn;
        size_t readings;
        int64_t time_ms;
        enum sameness want;
    } ROWS[] = {
        {"11", "QN=11;CN=2011;CP=&&a&&", "", 2011, 1, 100 * HOUR_MS, SAME_FRESH},
        {"12", "QN=12;CN=2011;CP=&&a&&", "", 2011, 1, 100 * HOUR_MS, SAME_DUPLICATE},
        {"13", "QN=13;CN=2011;RF=1;CP=&&a&&", "", 2011, 1, 100 * HOUR_MS, SAME_DUPLICATE},
        {"14", "QN=14;CN=2011;CP=&&b&&", "", 2011, 1, 100 * HOUR_MS, SAME_FRESH},
        {"15", "QN=15;CN=2011;CP=&&a&&", "", 2011, 1, 101 * HOUR_MS, SAME_FRESH},
        {"15", "QN=15;CN=2011;CP=&&c&&", "", 2011, 1, 101 * HOUR_MS, SAME_CONFLICT},
        {"16", "QN=16;CN=2051;CP=&&a&&", "", 2051, 1, 10 * HOUR_MS, SAME_FRESH},
        {"17", "QN=17;CN=2051;CP=&&a&&", "", 2051, 1, 10 * HOUR_MS, SAME_DUPLICATE},
        {"18", "QN=18;CN=2051;CP=&&p&&", "2", 2051, 1, 10 * HOUR_MS, SAME_FRESH},
        {"19", "QN=19;CN=2051;CP=&&p&&", "2", 2051, 1, 10 * HOUR_MS, SAME_FRESH},
        {"20", "QN=20;CN=9012;CP=&&e&&", "", 9012, 0, 0, SAME_FRESH},
        {"21", "QN=21;CN=9012;CP=&&e&&", "", 9012, 0, 0, SAME_FRESH},
    };
    void *ring = new_ring();
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char space[64];
        struct message message =
            make(space, ROWS[i].cn, ROWS[i].qn, ROWS[i].time_ms, ROWS[i].content);
        message.edition = EDITION_2025;
        message.reading_count = ROWS[i].readings;
        message.pnum = slice_of(ROWS[i].pnum);
        assert_int_equal(ROWS[i].want, duplicates_check(ring, PACE, &message));
    }
    free(ring);
}

static void test_duplicates__tell_same_conflicting_and_late(void **unused)
{
    (void)unused;
    static const struct {
        int cn;
        const char *qn;
        int64_t time_ms;
        const char *content;
        enum sameness want;
    } ROWS[] = {
        {2011, "1", 100 * HOUR_MS, "a", SAME_FRESH},
        {2011, "1", 100 * HOUR_MS, "a", SAME_DUPLICATE},
        {2011, "1", 100 * HOUR_MS, "b", SAME_CONFLICT},  /* same key, other content */
        {2011, "1", 100 * HOUR_MS, "b", SAME_DUPLICATE}, /* and that resent */
        {2011, "1", 101 * HOUR_MS, "b", SAME_REUSED},    /* the QN names other data now */
        {2011, "1", 101 * HOUR_MS, "b", SAME_DUPLICATE},
        {2011, "1", 100 * HOUR_MS, "c", SAME_CONFLICT},
        {2011, "1", 101 * HOUR_MS, "d", SAME_CONFLICT},
        {2011, "1", 102 * HOUR_MS, "d", SAME_REUSED},
        {2011, "1", 100 * HOUR_MS, "b", SAME_DUPLICATE}, /* the old is known as ever */
        {2011, "2", 100 * HOUR_MS, "a", SAME_FRESH},     /* other key, same content */
        {2011, "", 0, "c", SAME_FRESH},                  /* the content alone decides */
        {2011, "", 0, "c", SAME_DUPLICATE},
        {2011, "3", 78 * HOUR_MS, "d", SAME_FRESH}, /* just 24 h old */
        {2011, "4", 78 * HOUR_MS - 1, "e", SAME_LATE},
        {2011, "4", 78 * HOUR_MS - 1, "e", SAME_DUPLICATE}, /* resent */
        {2011, "4", 78 * HOUR_MS - 1, "E", SAME_LATE},
        {2051, "5", 76 * HOUR_MS - 1, "f", SAME_FRESH}, /* minute data has seven days */
        {2051, "6", 300 * HOUR_MS, "g", SAME_FRESH},
        {2051, "7", 132 * HOUR_MS - 1, "h", SAME_LATE},
    };
    void *ring = new_ring();
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char space[64];
        struct message message =
            make(space, ROWS[i].cn, ROWS[i].qn, ROWS[i].time_ms, ROWS[i].content);
        assert_int_equal(ROWS[i].want, duplicates_check(ring, PACE, &message));
    }
    free(ring);
}

/* Full many times over: the newest are known, the oldest forgotten, nothing is mixed up. */
static void test_duplicates__remember_the_newest(void **unused)
{
    (void)unused;
    enum { KEPT = 50, SENT = 1000 };
    void *ring = new_ring();
    for (int i = 0; i < SENT; i++) {
        char space[64], qn[16], content[16];
        snprintf(qn, sizeof qn, "q%d", i);
        snprintf(content, sizeof content, "c%d", i);
        struct message message = make(space, 2011, qn, 0, content);
        assert_int_equal(SAME_FRESH, duplicates_check(ring, PACE, &message));
        int old = i - KEPT + 1 < 0 ? 0 : i - KEPT + 1;
        snprintf(qn, sizeof qn, "q%d", old);
        snprintf(content, sizeof content, "c%d", old);
        message = make(space, 2011, qn, 0, content);
        assert_int_equal(SAME_DUPLICATE, duplicates_check(ring, PACE, &message));
    }
    void *larger = calloc(1, duplicates_size(FASTER));
    assert_non_null(larger);
    duplicates_carry(ring, PACE, larger, FASTER);
    for (int i = SENT - KEPT; i < SENT; i++) {
        char space[64], qn[16], content[16];
        snprintf(qn, sizeof qn, "q%d", i);
        snprintf(content, sizeof content, "c%d", i);
        struct message message = make(space, 2011, qn, 0, content);
        assert_int_equal(SAME_DUPLICATE, duplicates_check(larger, FASTER, &message));
    }
    free(larger);
    free(ring);
}

/* A device that reports each second has more places than two bytes can number. */
static void test_duplicates__a_device_of_each_second_is_remembered_for_a_day(void **unused)
{
    (void)unused;
    static const struct pace SECONDLY = {.realtime_s = 1, .minute_min = 10};
    enum { SENT = 24 * 3600 };
    void *ring = calloc(1, duplicates_size(SECONDLY));
    assert_non_null(ring);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < SENT; i++) {
            char space[64], qn[16];
            snprintf(qn, sizeof qn, "q%d", i);
            struct message message = make(space, 2011, qn, 0, qn);
            assert_int_equal(round == 0 ? SAME_FRESH : SAME_DUPLICATE,
                duplicates_check(ring, SECONDLY, &message));
        }
    }
    free(ring);
}

static int64_t minute_data(int index, int minutes)
{
    return INT64_C(1000) * DAY_MS + (int64_t)index * minutes * 60 * SECOND_MS;
}

/* Seven days of minute, hour and two kinds of day data: all of it is known when it comes again. */
static void test_duplicates__seven_days_of_minute_data_are_known(void **unused)
{
    (void)unused;
    static const int MINUTES[] = {1, 6, 10, 30};
    for (size_t k = 0; k < sizeof MINUTES / sizeof MINUTES[0]; k++) {
        struct pace pace = {.realtime_s = 3600, .minute_min = MINUTES[k]};
        void *ring = calloc(1, duplicates_size(pace));
        assert_non_null(ring);
        int day = 1440 / pace.minute_min;
        for (int round = 0; round < 2; round++) {
            for (int i = round * day; i < 8 * day; i++) { /* the first day is a week back by then */
                int64_t time_ms = minute_data(i, pace.minute_min);
                int kinds = time_ms % DAY_MS == 0 ? 4 : time_ms % HOUR_MS == 0 ? 2 : 1;
                for (int kind = 0; kind < kinds; kind++) {
                    static const int CNS[] = {2051, 2061, 2031, 2041};
                    char space[64], qn[32];
                    snprintf(qn, sizeof qn, "%d-%d", i, kind);
                    struct message message = make(space, CNS[kind], qn, time_ms, qn);
                    assert_int_equal(round == 0 ? SAME_FRESH : SAME_DUPLICATE,
                        duplicates_check(ring, pace, &message));
                }
            }
        }
        free(ring);
    }
}

/* A ring that was too small for a device's pace says late, never fresh, of what it may have forgotten. */
static void test_duplicates__what_was_forgotten_is_late(void **unused)
{
    (void)unused;
    enum { SENT = 500, KEPT = 50 };
    void *ring = new_ring();
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < SENT; i++) {
            char space[64], qn[16], content[16];
            snprintf(qn, sizeof qn, "q%d", i);
            snprintf(content, sizeof content, "c%d", i);
            struct message message = make(space, 2011, qn, 100 * HOUR_MS + i * SECOND_MS, content);
            enum sameness want = round == 0         ? SAME_FRESH
                                 : i >= SENT - KEPT ? SAME_DUPLICATE
                                                    : SAME_LATE;
            assert_int_equal(want, duplicates_check(ring, PACE, &message));
        }
    }
    free(ring);
}

static void test_duplicates__a_packed_ring_comes_back_to_the_byte(void **unused)
{
    (void)unused;
    static const int COUNTS[] = {0, 1, 49, 50, 51, 75, 100, 133}; /* the ring has 50 places */
    size_t size = duplicates_size(PACE);
    for (size_t i = 0; i < sizeof COUNTS / sizeof COUNTS[0]; i++) {
        void *ring = new_ring(), *back = new_ring();
        uint8_t *packed = malloc(size);
        assert_non_null(packed);
        for (int k = 0; k < COUNTS[i]; k++) {
            char space[64], qn[16];
            snprintf(qn, sizeof qn, "%d", k);
            struct message message = make(space, k % 7 == 0 ? 2051 : 2011, qn, 0, "a");
            duplicates_check(ring, PACE, &message);
        }
        size_t used = duplicates_pack(ring, PACE, packed);
        assert_true(used <= 5 * (32 + 16) + (size_t)COUNTS[i] * 14);
        assert_int_equal(used, duplicates_unpack(slice_from(packed, used), PACE, back));
        assert_memory_equal(ring, back, size);
        for (size_t cut = 0; cut < used; cut++) {
            uint8_t *exact = malloc(cut + 1);
            assert_non_null(exact);
            memcpy(exact, packed, cut);
            memset(back, 0, size);
            assert_int_equal(0, duplicates_unpack(slice_from(exact, cut), PACE, back));
            free(exact);
        }
        free(packed);
        free(ring);
        free(back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duplicates__tell_same_conflicting_and_late),
        cmocka_unit_test(test_duplicates__a_resend_with_its_mark_is_a_duplicate),
        cmocka_unit_test(test_duplicates__a_resend_under_a_new_name_is_a_duplicate),
        cmocka_unit_test(test_duplicates__remember_the_newest),
        cmocka_unit_test(test_duplicates__a_device_of_each_second_is_remembered_for_a_day),
        cmocka_unit_test(test_duplicates__seven_days_of_minute_data_are_known),
        cmocka_unit_test(test_duplicates__what_was_forgotten_is_late),
        cmocka_unit_test(test_duplicates__a_packed_ring_comes_back_to_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
