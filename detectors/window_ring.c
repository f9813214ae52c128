#include <math.h>

#include "detectors/window.h"

/* One value as it is looked at. */
struct ring_value {
    int64_t end_ms;
    double value; /* NaN: set aside */
};

static double *values_of(struct ring *ring)
{
    return (double *)(void *)(ring + 1);
}

static uint32_t *ends_of(const struct window *window, struct ring *ring)
{
    return (uint32_t *)(void *)(values_of(ring) + window->capacity);
}

/* Where the value is that came so many before the newest. */
static uint32_t place_of(const struct window *window, const struct ring *ring, uint32_t back)
{
    uint32_t at = ring->next + window->capacity - 1 - back;
    return at >= window->capacity ? at - window->capacity : at;
}

static struct ring_value value_in(
    const struct window *window, const struct ring *ring, uint32_t place)
{
    struct ring *of = (struct ring *)(uintptr_t)ring; /* it is only read */
    uint32_t age_ms = (uint32_t)ring->newest_ms - ends_of(window, of)[place];
    return (struct ring_value){ring->newest_ms - age_ms, values_of(of)[place]};
}

static struct ring_value value_at(
    const struct window *window, const struct ring *ring, uint32_t back)
{
    return value_in(window, ring, place_of(window, ring, back));
}

/* The newest value ends here from now on: those that grow too old for 32 bits, the oldest first, stay as old as can be. */
static void move_on(const struct window *window, struct ring *ring, int64_t end_ms)
{
    const int64_t oldest_ms = end_ms - (int64_t)UINT32_MAX;
    for (uint32_t back = ring->count; back > 0; back--) {
        const uint32_t place = place_of(window, ring, back - 1);
        if (value_in(window, ring, place).end_ms >= oldest_ms) {
            break;
        }
        ends_of(window, ring)[place] = (uint32_t)oldest_ms;
    }
    ring->newest_ms = end_ms;
}

/* A late value goes where its time is: those behind it move up. */
void ring_take(const struct window *window, struct ring *ring, int64_t end_ms, double value)
{
    uint32_t at = ring->next;
    if (ring->count == window->capacity &&
        value_at(window, ring, ring->count - 1).end_ms > end_ms) {
        return; /* older than all that is remembered */
    }
    if (ring->count == 0 || end_ms > ring->newest_ms) {
        move_on(window, ring, end_ms);
    }
    const int64_t oldest_ms = ring->newest_ms - (int64_t)UINT32_MAX;
    end_ms = end_ms > oldest_ms ? end_ms : oldest_ms;
    double *values = values_of(ring);
    uint32_t *ends = ends_of(window, ring);
    for (uint32_t moved = 0; moved < ring->count && moved + 1 < window->capacity; moved++) {
        uint32_t before = at == 0 ? window->capacity - 1 : at - 1;
        if (value_in(window, ring, before).end_ms <= end_ms) {
            break;
        }
        values[at] = values[before];
        ends[at] = ends[before];
        at = before;
    }
    values[at] = value;
    ends[at] = (uint32_t)end_ms;
    ring->next = ring->next + 1 == window->capacity ? 0 : ring->next + 1;
    ring->count += ring->count < window->capacity ? 1 : 0;
}

void ring_carry(const struct window *old, const struct ring *ring, const struct window *fresh,
    struct ring *into)
{
    for (uint32_t back = ring->count; back > 0; back--) {
        const struct ring_value value = value_at(old, ring, back - 1);
        ring_take(fresh, into, value.end_ms, value.value);
    }
}

static void add_value(struct summary *summary, double value, double weight_ms)
{
    double off = value - summary->shift;
    summary->weight_ms += weight_ms;
    summary->sum += off * weight_ms;
    summary->squares += off * off * weight_ms;
    summary->lowest = value < summary->lowest ? value : summary->lowest;
    summary->highest = value > summary->highest ? value : summary->highest;
    summary->count += 1;
}

struct summary ring_summary(
    const struct window *window, const struct ring *ring, int64_t width_ms, int64_t now_ms)
{
    struct summary summary = {
        .span_ms = width_ms, .lowest = (double)INFINITY, .highest = -(double)INFINITY};
    const int64_t from_ms = now_ms - width_ms;
    double newer = (double)NAN; /* the value behind the one that is looked at */
    for (uint32_t back = 0; back < ring->count; back++) {
        const struct ring_value value = value_at(window, ring, back);
        bool aside = isnan(value.value);
        if (!aside && !isnan(newer)) {
            summary.changes += value.value != newer ? 1 : 0;
        }
        newer = aside ? newer : value.value;
        if (value.end_ms <= from_ms) {
            if (!aside) {
                break;
            }
            continue;
        }
        int64_t weight_ms = value.end_ms - from_ms;
        if (back + 1 < ring->count) {
            int64_t apart_ms = value.end_ms - value_at(window, ring, back + 1).end_ms;
            weight_ms = apart_ms < weight_ms ? apart_ms : weight_ms;
        }
        weight_ms = weight_ms < window->interval_ms ? weight_ms : window->interval_ms;
        if (aside) {
            summary.aside_ms += (double)weight_ms;
            continue;
        }
        if (summary.count == 0) {
            summary.shift = value.value;
            summary.last = value.value;
            summary.last_ms = value.end_ms;
        }
        add_value(&summary, value.value, (double)weight_ms);
        summary.first = value.value;
        summary.first_ms = value.end_ms;
    }
    return summary;
}

uint32_t ring_sorted(const struct window *window, const struct ring *ring, int64_t width_ms,
    int64_t now_ms, double values[static RING_MAX])
{
    uint32_t count = 0;
    for (uint32_t back = 0; back < ring->count && count < RING_MAX; back++) {
        const struct ring_value value = value_at(window, ring, back);
        if (value.end_ms <= now_ms - width_ms) {
            break;
        }
        if (isnan(value.value)) {
            continue;
        }
        uint32_t at = count++;
        for (; at > 0 && values[at - 1] > value.value; at--) {
            values[at] = values[at - 1];
        }
        values[at] = value.value;
    }
    return count;
}
