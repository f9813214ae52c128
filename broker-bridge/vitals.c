#include "broker-bridge/vitals.h"

#include <assert.h>
#include <string.h>

void vitals_init(struct vitals *vitals)
{
    for (size_t i = 0; i < HEALTH_CHECK_COUNT; i++) {
        atomic_init(&vitals->marks[i], 0);
    }
    vitals->details = (struct health_input){0};
    int made = pthread_mutex_init(&vitals->lock, NULL);
    assert(made == 0);
}

static void mark(struct vitals *vitals, enum health_check which, int64_t value)
{
    assert(which < HEALTH_CHECK_COUNT);
    atomic_store_explicit(&vitals->marks[which], value, memory_order_relaxed);
}

void vitals_since(struct vitals *vitals, enum health_check which, struct mono_time since)
{
    assert(health_is_age(which));
    mark(vitals, which, since.ms);
}

void vitals_well(struct vitals *vitals, enum health_check which)
{
    mark(vitals, which, 0);
    vitals_because(vitals, which, "");
}

void vitals_count(struct vitals *vitals, enum health_check which, int64_t value)
{
    assert(!health_is_age(which));
    mark(vitals, which, value);
}

void vitals_begin(struct vitals *vitals, enum health_check which, struct mono_time now)
{
    int64_t never = 0;
    assert(health_is_age(which));
    atomic_compare_exchange_strong_explicit(
        &vitals->marks[which], &never, now.ms, memory_order_relaxed, memory_order_relaxed);
}

void vitals_because(struct vitals *vitals, enum health_check which, const char *words)
{
    pthread_mutex_lock(&vitals->lock);
    health_detail(&vitals->details, which, words);
    pthread_mutex_unlock(&vitals->lock);
}

/* An instant later than now was set between the caller's look at the clock and ours: it is just so. */
static int64_t age(int64_t mark_ms, struct mono_time now)
{
    if (mark_ms == 0) {
        return 0;
    }
    return now.ms > mark_ms ? now.ms - mark_ms : 1;
}

void vitals_read(struct vitals *vitals, struct mono_time now, struct health_input *input)
{
    pthread_mutex_lock(&vitals->lock);
    *input = vitals->details;
    pthread_mutex_unlock(&vitals->lock);
    for (size_t i = 0; i < HEALTH_CHECK_COUNT; i++) {
        int64_t value = atomic_load_explicit(&vitals->marks[i], memory_order_relaxed);
        input->values[i] = health_is_age((enum health_check)i) ? age(value, now) : value;
    }
}
