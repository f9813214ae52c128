#include "detectors/sketch.h"

#include <assert.h>
#include <string.h>

static void insert(struct histogram *histogram, uint32_t at, double value)
{
    assert(histogram->count < SKETCH_BINS && at <= histogram->count);
    memmove(histogram->values + at + 1, histogram->values + at,
        (histogram->count - at) * sizeof histogram->values[0]);
    memmove(histogram->weights + at + 1, histogram->weights + at,
        (histogram->count - at) * sizeof histogram->weights[0]);
    histogram->values[at] = value;
    histogram->weights[at] = 1;
    histogram->count += 1;
}

/* The two nearest bins become one, where their weight has its middle; of equals the lowest. */
static void merge_nearest(struct histogram *histogram)
{
    uint32_t at = 0;
    for (uint32_t i = 1; i + 1 < histogram->count; i++) {
        double apart = histogram->values[i + 1] - histogram->values[i];
        at = apart < histogram->values[at + 1] - histogram->values[at] ? i : at;
    }
    double a = histogram->weights[at], b = histogram->weights[at + 1];
    histogram->values[at] = (histogram->values[at] * a + histogram->values[at + 1] * b) / (a + b);
    histogram->weights[at] += histogram->weights[at + 1];
    memmove(histogram->values + at + 1, histogram->values + at + 2,
        (histogram->count - at - 2) * sizeof histogram->values[0]);
    memmove(histogram->weights + at + 1, histogram->weights + at + 2,
        (histogram->count - at - 2) * sizeof histogram->weights[0]);
    histogram->count -= 1;
}

void histogram_add(struct histogram *histogram, double value)
{
    uint32_t at = 0;
    while (at < histogram->count && histogram->values[at] < value) {
        at += 1;
    }
    histogram->weight += 1;
    if (at < histogram->count && histogram->values[at] == value) {
        histogram->weights[at] += 1;
        return;
    }
    if (histogram->count == SKETCH_BINS) {
        merge_nearest(histogram);
        at = 0;
        while (at < histogram->count && histogram->values[at] < value) {
            at += 1;
        }
    }
    insert(histogram, at, value);
}

/* The bin in which it falls. Nothing is drawn between bins: of a motor that stands or runs, no percentile
 * lies where it never was. */
double histogram_at(const struct histogram *histogram, double share)
{
    assert(histogram->weight > 0);
    double wanted = share * histogram->weight, before = 0;
    uint32_t at = 0;
    while (at + 1 < histogram->count && before + histogram->weights[at] < wanted) {
        before += histogram->weights[at];
        at += 1;
    }
    return histogram->values[at];
}

/* Is the learning time over? Then what was learnt stands, and the next begins. */
static void roll(struct sketch *sketch, const struct span *span, double share, int64_t interval_ms,
    int64_t end_ms)
{
    if (sketch->begun && end_ms - sketch->begun_ms < span->width_ms) {
        return;
    }
    int64_t known_ms = ((int64_t)sketch->histogram.weight + (int64_t)sketch->aside) * interval_ms;
    if (sketch->begun && sketch->histogram.weight > 0 && known_ms * 4 >= span->width_ms * 3) {
        sketch->learnt = histogram_at(&sketch->histogram, share);
        sketch->has_learnt = 1;
    }
    memset(&sketch->histogram, 0, sizeof sketch->histogram);
    sketch->aside = 0;
    sketch->begun = 1;
    sketch->begun_ms = end_ms;
}

void sketch_take(struct sketch *sketch, const struct span *span, double share, int64_t interval_ms,
    int64_t end_ms, double value)
{
    roll(sketch, span, share, interval_ms, end_ms);
    histogram_add(&sketch->histogram, value);
}

void sketch_aside(struct sketch *sketch, const struct span *span, double share, int64_t interval_ms,
    int64_t end_ms)
{
    if (sketch->begun) {
        roll(sketch, span, share, interval_ms, end_ms);
        sketch->aside += 1;
    }
}
