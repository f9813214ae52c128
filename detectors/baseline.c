#include "detectors/baseline.h"

#include <string.h>

static bool hardly_ran(const struct histogram *histogram)
{
    return histogram_at(histogram, 0.95) < histogram->values[histogram->count - 1] / 10;
}

bool baseline_stands(const struct baseline *baseline, int64_t width_ms)
{
    return baseline->known_ms >= width_ms;
}

void baseline_take(struct baseline *baseline, enum baseline_of of, int64_t width_ms,
    int64_t interval_ms, double value)
{
    if (baseline_stands(baseline, width_ms)) {
        return;
    }
    histogram_add(&baseline->histogram, value);
    baseline->known_ms += interval_ms;
    const struct histogram *histogram = &baseline->histogram;
    bool stood = histogram->count == 1 || hardly_ran(histogram);
    if (of == BASELINE_OF_A_MACHINE && baseline_stands(baseline, width_ms) && stood) {
        memset(baseline, 0, sizeof *baseline);
    }
}
