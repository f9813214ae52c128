/* sketch -- a percentile of very many values, in few bytes.
 *
 * Source   Ben-Haim and Tom-Tov, "A streaming parallel decision tree algorithm" (2010): a histogram whose bins
 *          stand where the values are. Two modes (a motor that stands or runs) stay two.
 * Shape    values over a learning time; when it is over, the percentile stands until the next is. A time of
 *          which less than three quarters were known teaches nothing.
 * Units    ms of event time; values as they come, each of one weight (they come at a fixed interval).
 * Memory   the caller's; zeroed is fresh.
 * Errors   none.
 * Threads  pure; + - * / only.
 */
#ifndef DETECTORS_SKETCH_H
#define DETECTORS_SKETCH_H

#include "detectors/period.h"

enum { SKETCH_BINS = 20 };

struct histogram {
    double values[SKETCH_BINS]; /* ascending */
    uint32_t weights[SKETCH_BINS];
    uint32_t count;
    uint32_t weight; /* of all */
};

struct sketch {
    int64_t begun_ms;
    double learnt;
    struct histogram histogram;
    uint32_t aside; /* values' worth of time that was set aside */
    uint8_t begun, has_learnt;
};

void histogram_add(struct histogram *histogram, double value);
double histogram_at(const struct histogram *histogram, double share); /* weight must not be 0 */

void sketch_take(struct sketch *sketch, const struct span *span, double share, int64_t interval_ms,
    int64_t end_ms, double value);
void sketch_aside(struct sketch *sketch, const struct span *span, double share, int64_t interval_ms,
    int64_t end_ms);

#endif
