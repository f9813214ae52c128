#include <stdlib.h>

#include "detectors/series_shape.h"
#include "tests/unit/check.h"

enum { CAPACITY = 100, MINUTE = 60000, KEPT = 2000 };

struct bench {
    struct series_shape *series;
    int64_t now_ms;
    uint64_t noise;
    double sent[KEPT];
    int count;
};

static struct bench bench_new(void)
{
    return (struct bench){.series = calloc(1, series_shape_size(CAPACITY)), .noise = 9};
}

static int repeats_min(const struct bench *bench)
{
    return (int)(series_shape_repeats_ms(bench->series, MINUTE) / MINUTE);
}

static void take(struct bench *bench, double value)
{
    bench->now_ms += MINUTE;
    series_shape_take(bench->series, CAPACITY, MINUTE, bench->now_ms, value);
    bench->sent[bench->count++] = value;
}

/* Tenths between 30 and 40. */
static double noise(struct bench *bench)
{
    bench->noise = bench->noise * UINT64_C(6364136223846793005) + 1442695040888963407;
    return 30 + (double)(bench->noise >> 33) / (1 << 30) * 5;
}

static void live(struct bench *bench, int count)
{
    for (int i = 0; i < count; i++) {
        take(bench, noise(bench));
        assert_int_equal(0, repeats_min(bench));
    }
}

static void test_series_shape__an_hour_that_comes_again_is_found_out(void **unused)
{
    (void)unused;
    static const struct {
        double scale, shift;
    } ROWS[] = {{1, 0}, {1.7, 0}, {1, -20}, {0.5, 3}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        for (int phase = 0; phase < SHAPE_STRIDE; phase++) {
            struct bench bench = bench_new();
            live(&bench, 300);
            for (int k = 0; k < SHAPE_POINTS; k++) {
                take(&bench, bench.sent[100 + phase + k] * ROWS[i].scale + ROWS[i].shift);
            }
            assert_true(repeats_min(&bench) >= 45);
            for (int k = 0; k < 2 * SHAPE_STRIDE; k++) {
                take(&bench, noise(&bench));
            }
            assert_int_equal(0, repeats_min(&bench));
            free(bench.series);
        }
    }
}

static void test_series_shape__live_data_constants_and_sawteeth_are_none(void **unused)
{
    (void)unused;
    struct bench bench = bench_new();
    live(&bench, 1500);
    for (int i = 0; i < 300; i++) {
        take(&bench, i < 150 ? 12.3 : 20 + i % 2);
        assert_int_equal(0, repeats_min(&bench));
    }
    free(bench.series);
}

static void test_series_shape__own_backfill_is_left_out_and_a_gap_begins_anew(void **unused)
{
    (void)unused;
    struct bench bench = bench_new();
    live(&bench, 200);
    int64_t newest_ms = bench.now_ms;
    bench.now_ms -= 100 * MINUTE;
    for (int k = 0; k < 90; k++) {
        take(&bench, bench.sent[100 + k]);
    }
    assert_int_equal(0, repeats_min(&bench));
    bench.now_ms = newest_ms;
    for (int k = 0; k < SHAPE_POINTS; k++) {
        bench.now_ms += k == 40 ? 10 * MINUTE : 0;
        take(&bench, bench.sent[60 + k]);
    }
    assert_int_equal(0, repeats_min(&bench));
    free(bench.series);
}

static void test_series_shape__of_a_dense_series_a_point_a_turn_is_taken(void **unused)
{
    (void)unused;
    struct bench bench = bench_new();
    for (int i = 0; i < 3 * SHAPE_POINTS; i++) {
        double value = noise(&bench);
        for (int k = 0; k < 4; k++) {
            bench.now_ms += MINUTE / 4;
            series_shape_take(bench.series, CAPACITY, MINUTE, bench.now_ms, value + k);
        }
    }
    assert_int_equal(3 * SHAPE_POINTS, bench.series->points);
    free(bench.series);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_series_shape__an_hour_that_comes_again_is_found_out),
        cmocka_unit_test(test_series_shape__live_data_constants_and_sawteeth_are_none),
        cmocka_unit_test(test_series_shape__own_backfill_is_left_out_and_a_gap_begins_anew),
        cmocka_unit_test(test_series_shape__of_a_dense_series_a_point_a_turn_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
