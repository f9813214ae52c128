/* counters -- the numbers an operator watches: counters, gauges and histograms, one row each.
 *
 * Source   house: counters.def.
 * Shape    fixed arrays; received is never counted, it is the sum of the four verdicts.
 * Units    ms for rows of unit MS; histograms take microseconds.
 * Memory   the caller's struct, zeroed.
 * Errors   none.
 * Threads  any thread: each number is one relaxed atomic; a reader may see one ahead of another.
 */
#ifndef BROKER_BRIDGE_COUNTERS_H
#define BROKER_BRIDGE_COUNTERS_H

#include <stdatomic.h>

#include "schemas/verdict.h"

enum counter {
#define COUNTER(id, name, labels, unit, help) COUNTER_##id,
#define GAUGE(id, name, labels, unit, help)
#define HISTOGRAM(id, name, help)
#include "broker-bridge/counters.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
    COUNTER_COUNT
};

enum gauge {
#define COUNTER(id, name, labels, unit, help)
#define GAUGE(id, name, labels, unit, help) GAUGE_##id,
#define HISTOGRAM(id, name, help)
#include "broker-bridge/counters.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
    GAUGE_COUNT
};

enum histogram {
#define COUNTER(id, name, labels, unit, help)
#define GAUGE(id, name, labels, unit, help)
#define HISTOGRAM(id, name, help) HISTOGRAM_##id,
#include "broker-bridge/counters.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
    HISTOGRAM_COUNT
};

enum { HISTOGRAM_BUCKET_COUNT = 18 }; /* and one for what is beyond the last bound */

extern const uint64_t HISTOGRAM_BOUNDS_US[HISTOGRAM_BUCKET_COUNT];

struct histogram_cells {
    _Atomic uint64_t buckets[HISTOGRAM_BUCKET_COUNT + 1]; /* not cumulative */
    _Atomic uint64_t sum_us;
};

struct counters {
    _Atomic uint64_t counters[COUNTER_COUNT];
    _Atomic int64_t gauges[GAUGE_COUNT];
    struct histogram_cells histograms[HISTOGRAM_COUNT];
    _Atomic uint64_t rules_broken[64 * RULE_SET_WORDS]; /* messages in which the rule was broken */
};

void counter_add(struct counters *counters, enum counter which, uint64_t count);
void counter_set(
    struct counters *counters, enum counter which, uint64_t total); /* counted elsewhere */
void gauge_set(struct counters *counters, enum gauge which, int64_t value);
void gauge_add(struct counters *counters, enum gauge which, int64_t difference);
void histogram_observe(
    struct counters *counters, enum histogram which, int64_t us); /* < 0 counts as 0 */

/* One message judged: its verdict, and each rule broken in it. */
void counters_judged(struct counters *counters, const struct verdict *verdict);
void counters_broken(
    struct counters *counters, const struct rule_set *broken); /* the rules alone */

uint64_t counter_get(const struct counters *counters, enum counter which);
int64_t gauge_get(const struct counters *counters, enum gauge which);
uint64_t counter_of_verdict(const struct counters *counters, enum verdict_kind kind);

#endif
