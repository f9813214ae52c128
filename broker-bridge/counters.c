#include "broker-bridge/counters.h"

#include <assert.h>

/* From a commit on a fast disk to a county's queue after an outage. */
const uint64_t HISTOGRAM_BOUNDS_US[HISTOGRAM_BUCKET_COUNT] = {100, 250, 500, 1000, 2500, 5000,
    10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000,
    60000000};

static const enum counter VERDICT_COUNTERS[VERDICT_KIND_COUNT] = {
    [VERDICT_ACCEPTED] = COUNTER_ACCEPTED,
    [VERDICT_DUPLICATE] = COUNTER_DUPLICATE,
    [VERDICT_QUARANTINED] = COUNTER_QUARANTINED,
    [VERDICT_REJECTED] = COUNTER_REJECTED,
};

void counter_add(struct counters *counters, enum counter which, uint64_t count)
{
    assert(which < COUNTER_COUNT);
    atomic_fetch_add_explicit(&counters->counters[which], count, memory_order_relaxed);
}

void counter_set(struct counters *counters, enum counter which, uint64_t total)
{
    assert(which < COUNTER_COUNT);
    atomic_store_explicit(&counters->counters[which], total, memory_order_relaxed);
}

void gauge_set(struct counters *counters, enum gauge which, int64_t value)
{
    assert(which < GAUGE_COUNT);
    atomic_store_explicit(&counters->gauges[which], value, memory_order_relaxed);
}

void gauge_add(struct counters *counters, enum gauge which, int64_t difference)
{
    assert(which < GAUGE_COUNT);
    atomic_fetch_add_explicit(&counters->gauges[which], difference, memory_order_relaxed);
}

void histogram_observe(struct counters *counters, enum histogram which, int64_t us)
{
    assert(which < HISTOGRAM_COUNT);
    uint64_t duration = us < 0 ? 0 : (uint64_t)us;
    size_t bucket = 0;
    while (bucket < HISTOGRAM_BUCKET_COUNT && duration > HISTOGRAM_BOUNDS_US[bucket]) {
        bucket += 1;
    }
    struct histogram_cells *cells = &counters->histograms[which];
    atomic_fetch_add_explicit(&cells->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&cells->sum_us, duration, memory_order_relaxed);
}

void counters_judged(struct counters *counters, const struct verdict *verdict)
{
    assert(verdict->kind <= VERDICT_REJECTED);
    counter_add(counters, VERDICT_COUNTERS[verdict->kind], 1);
    counters_broken(counters, &verdict->broken);
}

void counters_broken(struct counters *counters, const struct rule_set *broken)
{
    if (rule_set_empty(broken)) {
        return;
    }
    const size_t rule_count = RULE_COUNT;
    for (size_t i = 0; i < rule_count; i++) {
        if (rule_set_has(broken, (enum validity_rule)i)) {
            atomic_fetch_add_explicit(&counters->rules_broken[i], 1, memory_order_relaxed);
        }
    }
}

uint64_t counter_get(const struct counters *counters, enum counter which)
{
    assert(which < COUNTER_COUNT);
    return atomic_load_explicit(&counters->counters[which], memory_order_relaxed);
}

int64_t gauge_get(const struct counters *counters, enum gauge which)
{
    assert(which < GAUGE_COUNT);
    return atomic_load_explicit(&counters->gauges[which], memory_order_relaxed);
}

uint64_t counter_of_verdict(const struct counters *counters, enum verdict_kind kind)
{
    assert(kind <= VERDICT_REJECTED);
    return counter_get(counters, VERDICT_COUNTERS[kind]);
}
