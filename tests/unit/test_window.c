#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detectors/sketch.h"
#include "detectors/window.h"
#include "tests/unit/check.h"

enum { MINUTE = MINUTE_MS, HOUR = HOUR_MS };

/* 2026-03-01T00:00 in China: a Sunday, behind a February of 28 days. */
#define MARCH_MS (INT64_C(1772294400000))

/* Equal, but for what the last bits of a double hold. */
static void assert_near(double expected, double actual)
{
    if (!(fabs(expected - actual) <= 1e-9 * (1 + fabs(expected)))) {
        fail_msg("%.17g != %.17g", expected, actual);
    }
}

static void *memory; /* of the window under test */

static struct window window_new(enum keeps keeps, struct span span, int64_t interval_ms)
{
    struct window window = {.span = span, .interval_ms = interval_ms, .spacing_ms = interval_ms};
    window_shape(&window, keeps, true);
    free(memory);
    memory = calloc(1, window_size(&window)); /* exact: ASan sees the byte behind */
    return window;
}

static struct span sliding(int64_t ms)
{
    return (struct span){.width_ms = ms};
}

static struct span natural(enum period period, bool last)
{
    return (struct span){.period = (uint8_t)period, .last = last};
}

static double mean_of(const struct summary *summary)
{
    return summary->shift + summary->sum / summary->weight_ms;
}

static void test_window__a_ring_is_exact_and_knows_its_gaps(void **unused)
{
    (void)unused;
    static const struct {
        int64_t minute;
        double value;
        double mean, lowest, highest, delta; /* over 10 minutes */
        uint32_t count;
        bool covered;
    } ROWS[] = {
        {1, 4, 4, 4, 4, 0, 1, false},
        {2, 4, 4, 4, 4, 0, 2, false},
        {3, 4, 4, 4, 4, 0, 3, false},
        {4, 4, 4, 4, 4, 0, 4, false},
        {5, 4, 4, 4, 4, 0, 5, false},
        {6, 4, 4, 4, 4, 0, 6, false},
        {7, 4, 4, 4, 4, 0, 7, false},
        {8, 12, 5, 4, 12, 8, 8, true},  /* eight of ten minutes */
        {11, 12, 6, 4, 12, 8, 8, true}, /* minutes 2 to 8, and 11: what is missing is not held */
        {13, 4, 44.0 / 7, 4, 12, 0, 7, false}, /* a second gap is one too many */
        {12, 20, 8, 4, 20, 0, 8, true},        /* late, in its place; 4 4 4 4 12 12 20 4 */
        {14, 14, 9.25, 4, 20, 10, 8, true},
    };
    struct window window = window_new(KEEPS_MEAN, sliding(10 * MINUTE), MINUTE);
    const struct span span = sliding(10 * MINUTE);
    int64_t newest = 0;
    assert_int_equal(WINDOW_RING, window.kind);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        newest = ROWS[i].minute > newest ? ROWS[i].minute : newest;
        window_take(&window, memory, ROWS[i].minute * MINUTE, ROWS[i].value);
        struct summary summary = window_summary(&window, memory, &span, newest * MINUTE);
        assert_near(ROWS[i].mean, mean_of(&summary));
        assert_near(ROWS[i].lowest, summary.lowest);
        assert_near(ROWS[i].highest, summary.highest);
        assert_near(ROWS[i].delta, summary.last - summary.first);
        assert_int_equal(ROWS[i].count, summary.count);
        assert_int_equal(ROWS[i].covered, summary_covered(&summary));
    }
}

static void test_window__what_is_set_aside_counts_neither_for_nor_against(void **unused)
{
    (void)unused;
    static const int64_t WIDTHS[] = {10 * MINUTE, 100 * MINUTE}; /* a ring, and buckets */
    for (size_t i = 0; i < 2; i++) {
        struct window window = window_new(KEEPS_MEAN, sliding(WIDTHS[i]), MINUTE);
        const struct span span = sliding(WIDTHS[i]);
        int64_t minute = 1;
        assert_int_equal(i == 0 ? WINDOW_RING : WINDOW_BUCKETS, window.kind);
        window_take(&window, memory, minute++ * MINUTE, 5);
        for (; minute < WIDTHS[i] / MINUTE; minute++) {
            window_aside(&window, memory, minute * MINUTE);
        }
        window_take(&window, memory, minute * MINUTE, 7);
        struct summary summary = window_summary(&window, memory, &span, minute * MINUTE);
        assert_true(summary_covered(&summary));
        assert_near(i == 0 ? 6 : 7, mean_of(&summary)); /* buckets: up to one less */
    }
}

static void test_window__buckets_forget_by_parts_and_keep_within_their_width(void **unused)
{
    (void)unused;
    struct window window = window_new(KEEPS_SPREAD, sliding(24 * (int64_t)HOUR), MINUTE);
    const struct span span = sliding(24 * (int64_t)HOUR);
    assert_int_equal(WINDOW_BUCKETS, window.kind);
    assert_int_equal(HOUR, window.bucket_ms);
    for (int64_t minute = 1; minute <= 48 * 60; minute++) {
        double value = minute == 600 ? 99 : minute == 2000 ? 1 : 50;
        window_take(&window, memory, MARCH_MS + minute * MINUTE, value);
        struct summary summary = window_summary(&window, memory, &span, MARCH_MS + minute * MINUTE);
        assert_true(summary.span_ms <= span.width_ms && summary.span_ms > span.width_ms - HOUR);
        bool sees_peak = minute >= 600 && minute <= 600 + 23 * 60; /* its hour ends at 600 */
        assert_near(sees_peak ? 99 : 50, summary.highest);
    }
    window_take(&window, memory, MARCH_MS + 48 * HOUR - 90 * MINUTE, 2); /* late: 22:30 */
    struct summary summary = window_summary(&window, memory, &span, MARCH_MS + 48 * HOUR);
    assert_near(1, summary.lowest);                         /* minute 2000 was 33:20 */
    window_take(&window, memory, MARCH_MS + 20 * HOUR, -5); /* too late for anything */
    summary = window_summary(&window, memory, &span, MARCH_MS + 48 * HOUR);
    assert_near(1, summary.lowest);
}

static void test_window__periods_follow_the_calendar_of_china(void **unused)
{
    (void)unused;
    static const struct {
        enum period period;
        int64_t before_ms, after_ms; /* starts of February's last and of March's first */
    } ROWS[] = {
        {PERIOD_HOUR, MARCH_MS - HOUR, MARCH_MS},
        {PERIOD_DAY, MARCH_MS - 24 * (int64_t)HOUR, MARCH_MS},
        {PERIOD_MONTH, MARCH_MS - 28 * 24 * (int64_t)HOUR, MARCH_MS},
        {PERIOD_QUARTER, MARCH_MS - 59 * 24 * (int64_t)HOUR, MARCH_MS + 31 * 24 * (int64_t)HOUR},
        {PERIOD_YEAR, MARCH_MS - 59 * 24 * (int64_t)HOUR, MARCH_MS + 306 * 24 * (int64_t)HOUR},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        enum period period = ROWS[i].period;
        int64_t number = period_number(period, MARCH_MS); /* midnight belongs to what it ends */
        assert_true(ROWS[i].before_ms == period_start(period, number));
        assert_true(ROWS[i].after_ms == period_start(period, number + 1));
        assert_true(period_number(period, ROWS[i].after_ms + 1) ==
                    period_number(period, ROWS[i].after_ms) + 1);
    }
}

static void test_window__this_day_and_the_last_share_their_bytes(void **unused)
{
    (void)unused;
    struct window window = window_new(KEEPS_ENDS, natural(PERIOD_DAY, true), HOUR);
    const struct span this = natural(PERIOD_DAY, false), last = natural(PERIOD_DAY, true);
    for (int64_t hour = 1; hour <= 40; hour++) { /* a meter that counts */
        window_take(&window, memory, MARCH_MS + hour * HOUR, (double)hour);
    }
    struct summary summary = window_summary(&window, memory, &last, MARCH_MS + 40 * HOUR);
    assert_true(summary_covered(&summary));
    assert_near(23, summary.last - summary.first); /* 1 h to 24 h */
    summary = window_summary(&window, memory, &this, MARCH_MS + 40 * HOUR);
    assert_true(summary_covered(&summary));
    assert_true(summary.span_ms == 16 * HOUR);
    assert_near(15, summary.last - summary.first);
    summary = window_summary(&window, memory, &this, MARCH_MS + 46 * HOUR);
    assert_false(summary_covered(&summary)); /* 16 of 22 hours */
    summary = window_summary(&window, memory, &last, MARCH_MS + 73 * HOUR);
    assert_near(0, summary.last - summary.first); /* yesterday nothing came */
    assert_false(summary_covered(&summary));
}

static void test_window__a_yes_is_measured_to_the_millisecond(void **unused)
{
    (void)unused;
    struct window window = window_new(KEEPS_TIMES, natural(PERIOD_HOUR, false), MINUTE);
    const struct span this = natural(PERIOD_HOUR, false), last = natural(PERIOD_HOUR, true);
    static const struct {
        int64_t ms;
        enum stands stands;
        double yes_ms, known_ms;
        uint32_t times;
    } ROWS[] = {
        {1000, STANDS_YES, 0, 0, 0}, /* whether it became yes now, nobody knows */
        {3501, STANDS_NO, 2501, 2501, 0},
        {5000, STANDS_UNKNOWN, 2501, 4000, 0},
        {9000, STANDS_YES, 2501, 4000, 1}, /* no, unknown, yes: it became yes */
        {9000, STANDS_YES, 2501, 4000, 1},
        {10000, STANDS_ASIDE, 3501, 5000, 1},
        {20000, STANDS_NO, 3501, 5000, 1},
        {30000, STANDS_YES, 3501, 15000, 2},
        {3600000, STANDS_YES, 3573501, 3585000, 2},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        window_stand(&window, memory, MARCH_MS + ROWS[i].ms, ROWS[i].stands);
        struct summary summary = window_summary(&window, memory, &this, MARCH_MS + ROWS[i].ms);
        assert_near(ROWS[i].yes_ms, summary.yes_ms);
        assert_near(ROWS[i].known_ms, summary.weight_ms);
        assert_int_equal(ROWS[i].times, summary.changes);
    }
    window_stand(&window, memory, MARCH_MS + 90 * MINUTE, STANDS_NO);
    struct summary summary = window_summary(&window, memory, &last, MARCH_MS + 90 * MINUTE);
    assert_near(3573501, summary.yes_ms);
    summary = window_summary(&window, memory, &this, MARCH_MS + 90 * MINUTE);
    assert_near(30 * MINUTE, summary.yes_ms); /* it went on into the next hour */
    window_stand(&window, memory, MARCH_MS + 999 * (int64_t)HOUR, STANDS_NO); /* a long silence */
    summary = window_summary(&window, memory, &last, MARCH_MS + 999 * (int64_t)HOUR);
    assert_near(HOUR, summary.weight_ms);
}

static void test_window__a_year_of_yes_fits(void **unused)
{
    (void)unused;
    static const struct {
        enum period period;
        int64_t days; /* from the first of January */
    } ROWS[] = {{PERIOD_QUARTER, 90}, {PERIOD_YEAR, 365}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct span this = natural(ROWS[i].period, false);
        struct window window = window_new(KEEPS_TIME, this, MINUTE);
        int64_t year_ms = MARCH_MS - 59 * 24 * (int64_t)HOUR;
        for (int64_t day = 0; day <= ROWS[i].days; day++) {
            window_stand(&window, memory, year_ms + day * 24 * HOUR, STANDS_YES);
        }
        struct summary summary =
            window_summary(&window, memory, &this, year_ms + ROWS[i].days * 24 * (int64_t)HOUR);
        assert_near((double)(ROWS[i].days * 24 * HOUR), summary.yes_ms);
        assert_true(summary_covered(&summary));
    }
}

static void test_window__a_part_of_any_length_holds_all_of_its_time(void **unused)
{
    (void)unused;
    static const struct {
        int64_t width_ms;
        size_t size; /* two rows of so many bytes a part, their sums, and a head */
    } ROWS[] = {
        {10 * SECOND_MS, 16 + 2 * (5 * 2 + 2 + 4)}, /* parts of two seconds, not less */
        {26 * MINUTE, 16 + 2 * (24 * 2 + 4)},
        {27 * MINUTE, 16 + 2 * (24 * 3 + 4)},
        {111 * (int64_t)HOUR, 16 + 2 * (24 * 3 + 4)},
        {112 * (int64_t)HOUR, 16 + 2 * (24 * 4 + 4)},
        {31 * (int64_t)DAY_MS, 16 + 2 * (31 * 4 + 4)},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct span span = sliding(ROWS[i].width_ms);
        struct window window = {.span = span, .interval_ms = MINUTE, .spacing_ms = MINUTE};
        window_shape(&window, KEEPS_TIME, false);
        assert_int_equal(ROWS[i].size, window_size(&window));
        free(memory);
        memory = calloc(1, window_size(&window));
        int64_t now_ms = MARCH_MS;
        for (; now_ms < MARCH_MS + 3 * span.width_ms; now_ms += window.bucket_ms / 2 + 1) {
            window_stand(&window, memory, now_ms, STANDS_YES);
        }
        now_ms += window_moves_on(&window, now_ms) - now_ms; /* the newest part is full too */
        window_stand(&window, memory, now_ms, STANDS_YES);
        struct summary summary = window_summary(&window, memory, &span, now_ms);
        assert_true(summary.span_ms >= span.width_ms);
        assert_near((double)summary.span_ms, summary.yes_ms);
        assert_near((double)summary.span_ms, summary.weight_ms);
    }
}

static void test_window__changes_beyond_what_a_part_holds_are_left_out(void **unused)
{
    (void)unused;
    const struct span span = sliding(24 * (int64_t)HOUR);
    struct window window = window_new(KEEPS_TIMES, span, MINUTE);
    for (int i = 0; i < 70000; i++) {
        window_stand(&window, memory, MARCH_MS, STANDS_NO);
        window_stand(&window, memory, MARCH_MS, STANDS_YES);
    }
    struct summary summary = window_summary(&window, memory, &span, MARCH_MS);
    assert_int_equal(UINT16_MAX, summary.changes);
    window_stand(&window, memory, MARCH_MS + HOUR, STANDS_NO);
    window_stand(&window, memory, MARCH_MS + HOUR, STANDS_YES);
    summary = window_summary(&window, memory, &span, MARCH_MS + HOUR);
    assert_int_equal(UINT16_MAX + 1, summary.changes);
    window_stand(&window, memory, MARCH_MS + 24 * HOUR, STANDS_YES);
    summary = window_summary(&window, memory, &span, MARCH_MS + 24 * HOUR);
    assert_int_equal(1, summary.changes); /* their sum has forgotten them too */
}

/* A value that ends a part belongs to it, and one alone in its part is the first and the last. */
static void test_window__ends_are_told_of_parts_that_have_a_value(void **unused)
{
    (void)unused;
    const struct span span = sliding(24 * (int64_t)HOUR);
    struct window window = window_new(KEEPS_ENDS, span, MINUTE);
    window_take(&window, memory, MARCH_MS + HOUR, 0);
    window_take(&window, memory, MARCH_MS + 3 * HOUR + 1, 7);
    window_take(&window, memory, MARCH_MS + 5 * HOUR, 9);
    window_take(&window, memory, MARCH_MS + 4 * HOUR + 2, 8); /* late */
    window_take(&window, memory, MARCH_MS + 4 * HOUR + 5, 6);
    struct summary summary = window_summary(&window, memory, &span, MARCH_MS + 5 * HOUR);
    assert_int_equal(MARCH_MS + HOUR, summary.first_ms);
    assert_int_equal(MARCH_MS + 5 * HOUR, summary.last_ms);
    assert_near(9, summary.last - summary.first);
    summary = window_summary(&window, memory, &span, MARCH_MS + 25 * HOUR);
    assert_int_equal(MARCH_MS + 3 * HOUR + 1, summary.first_ms);
    assert_near(2, summary.last - summary.first);
    summary = window_summary(&window, memory, &span, MARCH_MS + 28 * HOUR);
    assert_int_equal(MARCH_MS + 4 * HOUR + 2, summary.first_ms);
    assert_int_equal(MARCH_MS + 5 * HOUR, summary.last_ms); /* both of one part */
    summary = window_summary(&window, memory, &span, MARCH_MS + 30 * HOUR);
    assert_int_equal(0, summary.last_ms);
}

/* A quarter counts in hundredths of a second: what ends within the first is a value all the same. */
static void test_window__the_first_instant_of_a_quarter_is_told(void **unused)
{
    (void)unused;
    const struct span this = natural(PERIOD_QUARTER, false);
    struct window window = window_new(KEEPS_ENDS, this, MINUTE);
    const int64_t april_ms = MARCH_MS + 31 * (int64_t)DAY_MS;
    window_take(&window, memory, april_ms + 5, 3);
    window_take(&window, memory, april_ms + MINUTE + 19, 8);
    struct summary summary = window_summary(&window, memory, &this, april_ms + MINUTE + 19);
    assert_int_equal(april_ms + 10, summary.first_ms);
    assert_int_equal(april_ms + MINUTE + 10, summary.last_ms);
    assert_near(5, summary.last - summary.first);
}

static void test_window__a_late_value_is_no_change(void **unused)
{
    (void)unused;
    static const struct {
        int64_t hour;
        double value;
        uint32_t changes;
    } ROWS[] = {{1, 7, 0}, {2, 7, 0}, {4, 8, 1}, {3, 9, 1}, {5, 8, 1}, {6, 7, 2}};
    const struct span span = sliding(24 * (int64_t)HOUR);
    struct window window = window_new(KEEPS_CHANGES, span, MINUTE);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        window_take(&window, memory, MARCH_MS + ROWS[i].hour * HOUR, ROWS[i].value);
        struct summary summary = window_summary(&window, memory, &span, MARCH_MS + 6 * HOUR);
        assert_int_equal(ROWS[i].changes, summary.changes);
    }
}

static void test_window__held_pauses_on_unknown_and_ends_with_no(void **unused)
{
    (void)unused;
    static const struct {
        int64_t second;
        enum stands stands;
        int64_t held_s;
        bool switched;
    } ROWS[] = {
        {10, STANDS_YES, 0, false},
        {20, STANDS_YES, 10, false},
        {30, STANDS_UNKNOWN, 20, false},
        {90, STANDS_YES, 20, false},
        {95, STANDS_NO, 0, true},
        {99, STANDS_UNKNOWN, 0, true},
        {100, STANDS_YES, 0, true},
        {101, STANDS_YES, 1, true},
    };
    struct window window = window_new(KEEPS_HELD, sliding(0), MINUTE);
    const struct held *held = memory;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        window_stand(&window, memory, ROWS[i].second * SECOND_MS, ROWS[i].stands);
        assert_true(held->held_ms == ROWS[i].held_s * SECOND_MS);
        assert_int_equal(ROWS[i].switched, held->switched);
    }
    assert_true(held->since_ms == 100 * SECOND_MS);
}

static void test_window__a_sketch_learns_in_whole_times(void **unused)
{
    (void)unused;
    struct window window = window_new(KEEPS_SKETCH, sliding(14 * 24 * (int64_t)HOUR), MINUTE);
    const struct sketch *sketch = memory;
    window.number = 0.95;
    for (int64_t minute = 0; minute <= 14 * 24 * 60; minute++) {
        /* a motor: idle at 2, half of the time near 600; 0 to 9 of scatter */
        double value = (minute / 60) % 2 == 0 ? 2 : 600 + (double)(minute * 7 % 10);
        assert_int_equal(minute == 14 * 24 * 60 + 1, sketch->has_learnt);
        window_take(&window, memory, MARCH_MS + minute * MINUTE, value);
    }
    assert_int_equal(1, sketch->has_learnt);
    assert_true(sketch->learnt > 606 && sketch->learnt < 609.5);
    double learnt = sketch->learnt;
    for (int64_t minute = 1; minute <= 14 * 24 * 60; minute += 2) { /* half of it is missing */
        window_take(&window, memory, MARCH_MS + (14 * 24 * 60 + minute) * MINUTE, 5);
    }
    window_take(&window, memory, MARCH_MS + 30 * 24 * (int64_t)HOUR, 5);
    assert_near(learnt, sketch->learnt); /* it teaches nothing */
}

static void test_window__a_histogram_keeps_two_modes_apart(void **unused)
{
    (void)unused;
    struct histogram histogram = {0};
    for (int i = 0; i < 10000; i++) {
        histogram_add(&histogram, i % 2 == 0 ? 2 + i % 100 * 0.01 : 600 + i % 100);
    }
    assert_int_equal(10000, histogram.weight);
    assert_true(histogram_at(&histogram, 0.05) < 3);
    assert_true(histogram_at(&histogram, 0.45) < 3.1);
    assert_true(histogram_at(&histogram, 0.55) > 600);
    assert_true(histogram_at(&histogram, 0.95) > 685 && histogram_at(&histogram, 0.95) < 699);
}

/* Against the plainest model: the values in the order of their times, the oldest dropped. Gaps are longer than 32 bits
 * of ms can tell. */
struct model {
    int64_t end_ms[RING_MAX];
    double value[RING_MAX];
    uint32_t count;
};

static void model_take(struct model *model, uint32_t capacity, int64_t end_ms, double value)
{
    uint32_t at = model->count;
    if (model->count == capacity && model->end_ms[0] > end_ms) {
        return;
    }
    for (; at > 0 && model->end_ms[at - 1] > end_ms; at--) {
    }
    memmove(model->end_ms + at + 1, model->end_ms + at, (model->count - at) * sizeof(int64_t));
    memmove(model->value + at + 1, model->value + at, (model->count - at) * sizeof(double));
    model->end_ms[at] = end_ms;
    model->value[at] = value;
    model->count += 1;
    if (model->count > capacity) {
        model->count = capacity;
        memmove(model->end_ms, model->end_ms + 1, capacity * sizeof(int64_t));
        memmove(model->value, model->value + 1, capacity * sizeof(double));
    }
}

static void check_model(
    const struct model *model, const struct summary *summary, int64_t width_ms, int64_t now_ms)
{
    uint32_t count = 0, first = 0;
    double lowest = (double)INFINITY;
    for (uint32_t i = model->count; i > 0 && model->end_ms[i - 1] > now_ms - width_ms; i--) {
        lowest = model->value[i - 1] < lowest ? model->value[i - 1] : lowest;
        first = i - 1;
        count += 1;
    }
    assert_int_equal(count, summary->count);
    assert_int_equal(model->end_ms[model->count - 1], summary->last_ms);
    assert_int_equal(model->end_ms[first], summary->first_ms);
    assert_near(model->value[model->count - 1], summary->last);
    assert_near(lowest, summary->lowest);
}

static void test_window__a_ring_agrees_with_a_sorted_array(void **unused)
{
    (void)unused;
    static const int64_t GAPS[] = {MINUTE, MINUTE, MINUTE, -3 * MINUTE, 2 * MINUTE + 1, 7 * MINUTE,
        40 * (int64_t)DAY_MS, 60 * (int64_t)DAY_MS};
    struct window window = window_new(KEEPS_MEAN, sliding(20 * MINUTE), MINUTE);
    struct model model[1] = {0};
    int64_t now_ms = MARCH_MS, newest_ms = 0;
    assert_int_equal(WINDOW_RING, window.kind);
    assert_true(window.capacity < RING_MAX);
    uint32_t seed = 7;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t which = (seed >> 24) % (i % 50 == 0 ? 8 : 6);
        now_ms += GAPS[which];
        double value = (double)(seed >> 10 & 1023);
        window_take(&window, memory, now_ms, value);
        model_take(model, window.capacity, now_ms, value);
        newest_ms = now_ms > newest_ms ? now_ms : newest_ms;
        struct span span = sliding(20 * MINUTE);
        struct summary summary = window_summary(&window, memory, &span, newest_ms);
        check_model(model, &summary, 20 * MINUTE, newest_ms);
        span = sliding(31 * (int64_t)DAY_MS);
        summary = window_summary(&window, memory, &span, newest_ms);
        check_model(model, &summary, 31 * (int64_t)DAY_MS, newest_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window__a_ring_is_exact_and_knows_its_gaps),
        cmocka_unit_test(test_window__a_ring_agrees_with_a_sorted_array),
        cmocka_unit_test(test_window__what_is_set_aside_counts_neither_for_nor_against),
        cmocka_unit_test(test_window__buckets_forget_by_parts_and_keep_within_their_width),
        cmocka_unit_test(test_window__periods_follow_the_calendar_of_china),
        cmocka_unit_test(test_window__this_day_and_the_last_share_their_bytes),
        cmocka_unit_test(test_window__a_yes_is_measured_to_the_millisecond),
        cmocka_unit_test(test_window__a_year_of_yes_fits),
        cmocka_unit_test(test_window__a_part_of_any_length_holds_all_of_its_time),
        cmocka_unit_test(test_window__changes_beyond_what_a_part_holds_are_left_out),
        cmocka_unit_test(test_window__ends_are_told_of_parts_that_have_a_value),
        cmocka_unit_test(test_window__the_first_instant_of_a_quarter_is_told),
        cmocka_unit_test(test_window__a_late_value_is_no_change),
        cmocka_unit_test(test_window__held_pauses_on_unknown_and_ends_with_no),
        cmocka_unit_test(test_window__a_sketch_learns_in_whole_times),
        cmocka_unit_test(test_window__a_histogram_keeps_two_modes_apart),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(memory);
    return failed;
}
