/* baseline -- what was usual at first: percentiles of a learning time, frozen when it is over.
 *
 * Source   house: anomaly-rules 0.2. A baseline that slid along could be poisoned slowly.
 * Shape    values until so much time was known; from then on the histogram stands. Of a machine that hardly ran in
 *          it (its 95th percentile is below a tenth of its highest value) nothing is learnt: it begins anew.
 * Units    ms; values as they come, each of one weight.
 * Memory   the caller's; zeroed is fresh.
 * Errors   none.
 * Threads  pure; + - * / only.
 */
#ifndef DETECTORS_BASELINE_H
#define DETECTORS_BASELINE_H

#include "detectors/sketch.h"

struct baseline {
    int64_t known_ms;
    struct histogram histogram;
};

enum baseline_of { BASELINE_OF_ANYTHING, BASELINE_OF_A_MACHINE };

void baseline_take(struct baseline *baseline, enum baseline_of of, int64_t width_ms,
    int64_t interval_ms, double value);

bool baseline_stands(const struct baseline *baseline, int64_t width_ms);

#endif
