#include <string.h>

#include "detectors/window.h"

/* The number of the bucket that an instant ends. */
static int64_t bucket_of(const struct window *window, int64_t ms)
{
    if (window->span.period != PERIOD_SLIDING) {
        return period_number((enum period)window->span.period, ms);
    }
    int64_t within_ms = ms - 1 + CST_OFFSET_MS; /* days begin at midnight */
    return within_ms / window->bucket_ms - (within_ms % window->bucket_ms < 0 ? 1 : 0);
}

static int64_t bucket_start(const struct window *window, int64_t bucket)
{
    return window->span.period != PERIOD_SLIDING
               ? period_start((enum period)window->span.period, bucket)
               : bucket * window->bucket_ms - CST_OFFSET_MS;
}

int64_t window_moves_on(const struct window *window, int64_t now_ms)
{
    return bucket_start(window, bucket_of(window, now_ms + 1) + 1);
}

static uint32_t slot_of(const struct window *window, int64_t bucket)
{
    int64_t slot = bucket % window->capacity;
    return (uint32_t)(slot < 0 ? slot + window->capacity : slot);
}

static bool keeps(const struct window *window, enum cell cell)
{
    return (window->cells >> cell & 1) != 0;
}

static double *number_of(
    const struct window *window, struct buckets *buckets, enum cell cell, uint32_t slot)
{
    uint8_t *cells = (uint8_t *)(buckets + 1);
    return (double *)(void *)(cells + window->places[cell]) + slot;
}

static uint32_t *count_of(
    const struct window *window, struct buckets *buckets, enum cell cell, uint32_t slot)
{
    uint8_t *cells = (uint8_t *)(buckets + 1);
    return (uint32_t *)(void *)(cells + window->places[cell]) + slot;
}

static void add(const struct window *window, struct buckets *buckets, enum cell cell, uint32_t slot,
    int64_t more)
{
    if (keeps(window, cell)) {
        *count_of(window, buckets, cell, slot) += (uint32_t)more;
        *count_of(window, buckets, cell, window->capacity) += (uint32_t)more;
    }
}

static void clear(const struct window *window, struct buckets *buckets, uint32_t slot)
{
    for (int cell = 0; cell < CELLS; cell++) {
        if (!keeps(window, (enum cell)cell)) {
            continue;
        }
        if (cell < CELL_NUMBERS) {
            *number_of(window, buckets, (enum cell)cell, slot) = 0;
        } else {
            uint32_t *count = count_of(window, buckets, (enum cell)cell, slot);
            *count_of(window, buckets, (enum cell)cell, window->capacity) -= *count;
            *count = 0;
        }
    }
}

/* Make room up to this bucket; what is in the way is older than the window. */
static void advance(const struct window *window, struct buckets *buckets, int64_t bucket)
{
    if (!buckets->begun) {
        buckets->newest = bucket;
        return;
    }
    int64_t first = buckets->newest + 1;
    first = bucket - first >= window->capacity ? bucket - window->capacity + 1 : first;
    for (; first <= bucket; first++) {
        clear(window, buckets, slot_of(window, first));
    }
    buckets->newest = bucket > buckets->newest ? bucket : buckets->newest;
}

static bool remembers(const struct window *window, const struct buckets *buckets, int64_t bucket)
{
    return bucket <= buckets->newest && bucket > buckets->newest - window->capacity;
}

/* One stretch of time, within one bucket. */
typedef void stretch(
    const struct window *window, struct buckets *buckets, uint32_t slot, int64_t ms, double value);

/* The time up to end_ms, in the buckets that it lies in. */
static void spread(const struct window *window, struct buckets *buckets, int64_t end_ms, int64_t ms,
    stretch *take, double value)
{
    while (ms > 0) {
        int64_t bucket = bucket_of(window, end_ms);
        int64_t piece_ms = end_ms - bucket_start(window, bucket);
        piece_ms = piece_ms < ms ? piece_ms : ms;
        if (bucket <= buckets->newest - window->capacity) {
            return;
        }
        take(window, buckets, slot_of(window, bucket), piece_ms, value);
        end_ms -= piece_ms;
        ms -= piece_ms;
    }
}

static void value_stretch(
    const struct window *window, struct buckets *buckets, uint32_t slot, int64_t ms, double value)
{
    double off = value - buckets->shift;
    add(window, buckets, CELL_WEIGHT, slot, ms / window->tick_ms);
    if (keeps(window, CELL_SUM)) {
        *number_of(window, buckets, CELL_SUM, slot) += off * (double)ms;
    }
    if (keeps(window, CELL_SQUARES)) {
        *number_of(window, buckets, CELL_SQUARES, slot) += off * off * (double)ms;
    }
}

static void aside_stretch(
    const struct window *window, struct buckets *buckets, uint32_t slot, int64_t ms, double value)
{
    (void)value;
    add(window, buckets, CELL_ASIDE, slot, ms / window->tick_ms);
}

static void yes_stretch(
    const struct window *window, struct buckets *buckets, uint32_t slot, int64_t ms, double value)
{
    (void)value;
    add(window, buckets, CELL_WEIGHT, slot, ms / window->tick_ms);
    add(window, buckets, CELL_YES, slot, ms / window->tick_ms);
}

static void no_stretch(
    const struct window *window, struct buckets *buckets, uint32_t slot, int64_t ms, double value)
{
    (void)value;
    add(window, buckets, CELL_WEIGHT, slot, ms / window->tick_ms);
}

/* Of which time does what comes at end_ms speak? At most an interval, and not of what was spoken of. */
static int64_t spoken_of(const struct window *window, const struct buckets *buckets, int64_t end_ms)
{
    int64_t ms = buckets->begun ? end_ms - buckets->until_ms : window->interval_ms;
    return ms < 0 ? 0 : ms < window->interval_ms ? ms : window->interval_ms;
}

static void begin(struct buckets *buckets, int64_t end_ms)
{
    buckets->begun_ms = buckets->begun ? buckets->begun_ms : end_ms;
    buckets->until_ms = buckets->begun && buckets->until_ms > end_ms ? buckets->until_ms : end_ms;
    buckets->begun = 1;
}

static void put_extremes(
    const struct window *window, struct buckets *buckets, uint32_t slot, double value)
{
    bool first = *count_of(window, buckets, CELL_COUNT, slot) == 0;
    if (keeps(window, CELL_LOWEST)) {
        double *lowest = number_of(window, buckets, CELL_LOWEST, slot);
        *lowest = first || value < *lowest ? value : *lowest;
    }
    if (keeps(window, CELL_HIGHEST)) {
        double *highest = number_of(window, buckets, CELL_HIGHEST, slot);
        *highest = first || value > *highest ? value : *highest;
    }
}

static void put_ends(const struct window *window, struct buckets *buckets, uint32_t slot,
    int64_t end_ms, int64_t bucket, double value)
{
    bool first = *count_of(window, buckets, CELL_COUNT, slot) == 0;
    uint32_t at = (uint32_t)((end_ms - bucket_start(window, bucket)) / window->tick_ms);
    uint32_t *first_at = count_of(window, buckets, CELL_FIRST_AT, slot);
    uint32_t *last_at = count_of(window, buckets, CELL_LAST_AT, slot);
    if (first || at < *first_at) {
        *first_at = at;
        *number_of(window, buckets, CELL_FIRST, slot) = value;
    }
    if (first || at >= *last_at) {
        *last_at = at;
        *number_of(window, buckets, CELL_LAST, slot) = value;
    }
}

void buckets_take(
    const struct window *window, struct buckets *buckets, int64_t end_ms, double value)
{
    int64_t bucket = bucket_of(window, end_ms);
    int64_t speaks_ms = spoken_of(window, buckets, end_ms);
    uint32_t slot = slot_of(window, bucket);
    bool late = buckets->begun && end_ms < buckets->until_ms;
    bool changed = buckets->begun && !late && value != buckets->last;
    buckets->shift = buckets->begun ? buckets->shift : value;
    advance(window, buckets, bucket);
    if (!remembers(window, buckets, bucket)) {
        return;
    }
    spread(window, buckets, end_ms, speaks_ms, value_stretch, value);
    if (keeps(window, CELL_COUNT)) {
        put_extremes(window, buckets, slot, value);
        if (keeps(window, CELL_FIRST)) {
            put_ends(window, buckets, slot, end_ms, bucket, value);
        }
        add(window, buckets, CELL_COUNT, slot, 1);
    }
    add(window, buckets, CELL_CHANGES, slot, changed ? 1 : 0);
    buckets->last = late ? buckets->last : value;
    begin(buckets, end_ms);
}

void buckets_aside(const struct window *window, struct buckets *buckets, int64_t end_ms)
{
    if (!buckets->begun) {
        return; /* nothing is known yet to set it aside of */
    }
    int64_t speaks_ms = spoken_of(window, buckets, end_ms);
    advance(window, buckets, bucket_of(window, end_ms));
    spread(window, buckets, end_ms, speaks_ms, aside_stretch, 0);
    begin(buckets, end_ms);
}

void buckets_stand(
    const struct window *window, struct buckets *buckets, int64_t now_ms, enum stands stands)
{
    static stretch *const STRETCHES[] = {
        [STANDS_NO] = no_stretch, [STANDS_YES] = yes_stretch, [STANDS_ASIDE] = aside_stretch};
    now_ms -= (now_ms % window->tick_ms + window->tick_ms) % window->tick_ms;
    int64_t stood_ms = buckets->begun ? now_ms - buckets->until_ms : 0;
    if (!buckets->begun || stood_ms >= 0) {
        advance(window, buckets, bucket_of(window, now_ms));
    }
    if (stood_ms > 0 && buckets->stands != STANDS_UNKNOWN) {
        spread(window, buckets, now_ms, stood_ms, STRETCHES[buckets->stands], 0);
    }
    if (stands == STANDS_YES && buckets->stood == STANDS_NO) {
        add(window, buckets, CELL_CHANGES, slot_of(window, buckets->newest), 1);
    }
    if (stands == STANDS_YES || stands == STANDS_NO) {
        buckets->stood = (uint8_t)stands;
    }
    buckets->stands = (uint8_t)stands;
    begin(buckets, now_ms);
    buckets->until_ms = now_ms; /* a clock that was set back begins again from there */
}

/* The buckets that a summary is of, the oldest first. */
struct stretch_of {
    int64_t bucket;
    uint32_t count;
};

static uint32_t next_slot(const struct window *window, uint32_t slot)
{
    return slot + 1 == window->capacity ? 0 : slot + 1;
}

/* Of what slides nearly always all buckets are wanted; their sum stands behind them. */
static uint64_t sum_counts(const struct window *window, struct buckets *buckets, enum cell cell,
    const struct stretch_of *of)
{
    uint64_t sum = 0;
    if (keeps(window, cell)) {
        const uint32_t *counts = count_of(window, buckets, cell, 0);
        if (of->count == window->capacity) {
            return counts[window->capacity];
        }
        const uint32_t first = slot_of(window, of->bucket), end = first + of->count;
        const uint32_t stop = end < window->capacity ? end : window->capacity;
        for (uint32_t slot = first; slot < stop; slot++) {
            sum += counts[slot];
        }
        for (uint32_t slot = 0; slot + window->capacity < end; slot++) {
            sum += counts[slot];
        }
    }
    return sum;
}

static double sum_numbers(const struct window *window, struct buckets *buckets, enum cell cell,
    const struct stretch_of *of)
{
    double sum = 0;
    if (keeps(window, cell)) {
        const double *numbers = number_of(window, buckets, cell, 0);
        uint32_t slot = slot_of(window, of->bucket);
        for (uint32_t i = 0; i < of->count; i++, slot = next_slot(window, slot)) {
            sum += numbers[slot];
        }
    }
    return sum;
}

/* Of one more bucket with values. */
static void sum_up_values(const struct window *window, struct buckets *buckets, int64_t bucket,
    bool is_first, struct summary *summary)
{
    const uint32_t slot = slot_of(window, bucket);
    if (keeps(window, CELL_LOWEST)) {
        double lowest = *number_of(window, buckets, CELL_LOWEST, slot);
        summary->lowest = is_first || lowest < summary->lowest ? lowest : summary->lowest;
    }
    if (keeps(window, CELL_HIGHEST)) {
        double highest = *number_of(window, buckets, CELL_HIGHEST, slot);
        summary->highest = is_first || highest > summary->highest ? highest : summary->highest;
    }
    if (keeps(window, CELL_FIRST)) {
        int64_t start_ms = bucket_start(window, bucket), tick_ms = window->tick_ms;
        if (is_first) {
            summary->first = *number_of(window, buckets, CELL_FIRST, slot);
            summary->first_ms =
                start_ms + *count_of(window, buckets, CELL_FIRST_AT, slot) * tick_ms;
        }
        summary->last = *number_of(window, buckets, CELL_LAST, slot);
        summary->last_ms = start_ms + *count_of(window, buckets, CELL_LAST_AT, slot) * tick_ms;
    }
}

static void sum_up(const struct window *window, struct buckets *buckets,
    const struct stretch_of *of, struct summary *summary)
{
    const double tick_ms = window->tick_ms;
    const bool counts = keeps(window, CELL_COUNT);
    bool is_first = true;
    summary->weight_ms = (double)sum_counts(window, buckets, CELL_WEIGHT, of) * tick_ms;
    summary->aside_ms = (double)sum_counts(window, buckets, CELL_ASIDE, of) * tick_ms;
    summary->yes_ms = (double)sum_counts(window, buckets, CELL_YES, of) * tick_ms;
    summary->changes = (uint32_t)sum_counts(window, buckets, CELL_CHANGES, of);
    summary->count = (uint32_t)sum_counts(window, buckets, CELL_COUNT, of);
    summary->sum = sum_numbers(window, buckets, CELL_SUM, of);
    summary->squares = sum_numbers(window, buckets, CELL_SQUARES, of);
    for (uint32_t i = 0; counts && i < of->count; i++) {
        int64_t bucket = of->bucket + i;
        if (*count_of(window, buckets, CELL_COUNT, slot_of(window, bucket)) > 0) {
            sum_up_values(window, buckets, bucket, is_first, summary);
            is_first = false;
        }
    }
}

struct summary buckets_summary(const struct window *window, const struct buckets *buckets,
    const struct span *span, int64_t now_ms)
{
    struct buckets *of = (struct buckets *)(uintptr_t)buckets; /* it is only read */
    int64_t to = bucket_of(window, now_ms) - (span->last ? 1 : 0);
    int64_t from = window->span.period == PERIOD_SLIDING ? to - window->capacity + 1 : to;
    int64_t end_ms = span->last ? bucket_start(window, to + 1) : now_ms;
    struct summary summary = {
        .span_ms = end_ms - bucket_start(window, from), .shift = buckets->shift};
    int64_t oldest = buckets->newest - window->capacity + 1;
    from = from > oldest ? from : oldest;
    to = to < buckets->newest ? to : buckets->newest;
    if (buckets->begun && from <= to) {
        sum_up(window, of, &(struct stretch_of){from, (uint32_t)(to - from) + 1}, &summary);
    }
    return summary;
}
