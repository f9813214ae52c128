#include "detectors/window_cells.h"

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

/* Make room up to this bucket; what is in the way is older than the window. */
static void advance(const struct window *window, struct buckets *buckets, int64_t bucket)
{
    if (!buckets->begun) {
        buckets->newest = (int32_t)bucket;
        return;
    }
    int64_t first = buckets->newest + INT64_C(1);
    first = bucket - first >= window->capacity ? bucket - window->capacity + 1 : first;
    for (; first <= bucket; first++) {
        cells_clear(window, buckets, slot_of(window, first));
    }
    buckets->newest = bucket > buckets->newest ? (int32_t)bucket : buckets->newest;
}

static bool remembers(const struct window *window, const struct buckets *buckets, int64_t bucket)
{
    return bucket <= buckets->newest && bucket > buckets->newest - (int64_t)window->capacity;
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
        if (bucket <= buckets->newest - (int64_t)window->capacity) {
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
    cell_add(window, buckets, CELL_WEIGHT, slot, ms / window->tick_ms);
    if (cells_keep(window, CELL_SUM)) {
        double off = value - *cell_double(window, buckets, CELL_SHIFT, 0);
        *cell_double(window, buckets, CELL_SUM, slot) += off * (double)ms;
        if (cells_keep(window, CELL_SQUARES)) {
            *cell_double(window, buckets, CELL_SQUARES, slot) += off * off * (double)ms;
        }
    }
}

static void aside_stretch(
    const struct window *window, struct buckets *buckets, uint32_t slot, int64_t ms, double value)
{
    (void)value;
    cell_add(window, buckets, CELL_ASIDE, slot, ms / window->tick_ms);
}

static void yes_stretch(
    const struct window *window, struct buckets *buckets, uint32_t slot, int64_t ms, double value)
{
    (void)value;
    cell_add(window, buckets, CELL_WEIGHT, slot, ms / window->tick_ms);
    cell_add(window, buckets, CELL_YES, slot, ms / window->tick_ms);
}

static void no_stretch(
    const struct window *window, struct buckets *buckets, uint32_t slot, int64_t ms, double value)
{
    (void)value;
    cell_add(window, buckets, CELL_WEIGHT, slot, ms / window->tick_ms);
}

/* Of which time does what comes at end_ms speak? At most an interval, and not of what was spoken of. */
static int64_t spoken_of(const struct window *window, const struct buckets *buckets, int64_t end_ms)
{
    int64_t ms = buckets->begun ? end_ms - buckets->until_ms : window->interval_ms;
    return ms < 0 ? 0 : ms < window->interval_ms ? ms : window->interval_ms;
}

static void begin(const struct window *window, struct buckets *buckets, int64_t end_ms)
{
    if (!buckets->begun && cells_keep(window, CELL_BEGUN)) {
        *cell_double(window, buckets, CELL_BEGUN, 0) = (double)end_ms;
    }
    buckets->until_ms = buckets->begun && buckets->until_ms > end_ms ? buckets->until_ms : end_ms;
    buckets->begun = 1;
}

/* at: ticks from the bucket's start. */
static void put_first(
    const struct window *window, struct buckets *buckets, uint32_t slot, uint32_t at, double value)
{
    const uint32_t first_at = cell_whole(window, buckets, CELL_FIRST_AT, slot);
    if (first_at == 0 || at < first_at) {
        cell_set_whole(window, buckets, CELL_FIRST_AT, slot, at);
        *cell_double(window, buckets, CELL_FIRST, slot) = value;
    }
}

static void put_last(
    const struct window *window, struct buckets *buckets, uint32_t slot, uint32_t at, double value)
{
    if (at >= cell_whole(window, buckets, CELL_LAST_AT, slot)) {
        cell_set_whole(window, buckets, CELL_LAST_AT, slot, at);
        *cell_double(window, buckets, CELL_LAST, slot) = value;
    }
}

static void put_newest(
    const struct window *window, struct buckets *buckets, int64_t end_ms, double value)
{
    double *at = cell_double(window, buckets, CELL_NEWEST_AT, 0);
    if (!buckets->begun || (double)end_ms >= *at) {
        *at = (double)end_ms;
        *cell_double(window, buckets, CELL_NEWEST, 0) = value;
    }
}

static void put_ends(const struct window *window, struct buckets *buckets, int64_t bucket,
    int64_t end_ms, double value)
{
    const uint32_t slot = slot_of(window, bucket);
    const int64_t ticks = (end_ms - bucket_start(window, bucket)) / window->tick_ms;
    const uint32_t at = ticks > 0 ? (uint32_t)ticks : 1; /* 0 tells that there is no value */
    put_first(window, buckets, slot, at, value);
    if (cells_keep(window, CELL_LAST)) {
        put_last(window, buckets, slot, at, value);
    } else {
        put_newest(window, buckets, end_ms, value);
    }
}

static void put_extremes(
    const struct window *window, struct buckets *buckets, uint32_t slot, double value)
{
    const bool first = cell_whole(window, buckets, CELL_COUNT, slot) == 0;
    if (cells_keep(window, CELL_LOWEST)) {
        double *lowest = cell_double(window, buckets, CELL_LOWEST, slot);
        *lowest = first || value < *lowest ? value : *lowest;
    }
    if (cells_keep(window, CELL_HIGHEST)) {
        double *highest = cell_double(window, buckets, CELL_HIGHEST, slot);
        *highest = first || value > *highest ? value : *highest;
    }
}

/* A late value is not the newest: it changes nothing. */
static void put_change(const struct window *window, struct buckets *buckets, uint32_t slot,
    int64_t end_ms, double value)
{
    double *newest = cell_double(window, buckets, CELL_NEWEST, 0);
    if (buckets->begun && end_ms < buckets->until_ms) {
        return;
    }
    cell_add(window, buckets, CELL_CHANGES, slot, buckets->begun && value != *newest ? 1 : 0);
    *newest = value;
}

/* What the value itself tells of the bucket that it ends in. */
static void put_value(const struct window *window, struct buckets *buckets, int64_t bucket,
    int64_t end_ms, double value)
{
    const uint32_t slot = slot_of(window, bucket);
    if (cells_keep(window, CELL_COUNT)) {
        put_extremes(window, buckets, slot, value);
        cell_add(window, buckets, CELL_COUNT, slot, 1);
    }
    if (cells_keep(window, CELL_FIRST)) {
        put_ends(window, buckets, bucket, end_ms, value);
    }
    if (cells_keep(window, CELL_CHANGES)) {
        put_change(window, buckets, slot, end_ms, value);
    }
}

void buckets_take(
    const struct window *window, struct buckets *buckets, int64_t end_ms, double value)
{
    int64_t bucket = bucket_of(window, end_ms);
    int64_t speaks_ms = spoken_of(window, buckets, end_ms);
    if (!buckets->begun && cells_keep(window, CELL_SHIFT)) {
        *cell_double(window, buckets, CELL_SHIFT, 0) = value;
    }
    advance(window, buckets, bucket);
    if (!remembers(window, buckets, bucket)) {
        return;
    }
    spread(window, buckets, end_ms, speaks_ms, value_stretch, value);
    put_value(window, buckets, bucket, end_ms, value);
    begin(window, buckets, end_ms);
}

void buckets_aside(const struct window *window, struct buckets *buckets, int64_t end_ms)
{
    if (!buckets->begun) {
        return; /* nothing is known yet to set it aside of */
    }
    int64_t speaks_ms = spoken_of(window, buckets, end_ms);
    advance(window, buckets, bucket_of(window, end_ms));
    spread(window, buckets, end_ms, speaks_ms, aside_stretch, 0);
    begin(window, buckets, end_ms);
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
        cell_add(window, buckets, CELL_CHANGES, slot_of(window, buckets->newest), 1);
    }
    if (stands == STANDS_YES || stands == STANDS_NO) {
        buckets->stood = (uint8_t)stands;
    }
    buckets->stands = (uint8_t)stands;
    begin(window, buckets, now_ms);
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
static uint64_t sum_wholes(const struct window *window, struct buckets *buckets, enum cell cell,
    const struct stretch_of *of)
{
    uint64_t sum = 0;
    if (!cells_keep(window, cell)) {
        return 0;
    }
    if (cells_have_sum(window, cell) && of->count == window->capacity) {
        return *cells_sum(window, buckets, cell);
    }
    uint32_t slot = slot_of(window, of->bucket);
    for (uint32_t i = 0; i < of->count; i++, slot = next_slot(window, slot)) {
        sum += cell_whole(window, buckets, cell, slot);
    }
    return sum;
}

static double sum_doubles(const struct window *window, struct buckets *buckets, enum cell cell,
    const struct stretch_of *of)
{
    double sum = 0;
    if (cells_keep(window, cell)) {
        const double *numbers = cell_double(window, buckets, cell, 0);
        uint32_t slot = slot_of(window, of->bucket);
        for (uint32_t i = 0; i < of->count; i++, slot = next_slot(window, slot)) {
            sum += numbers[slot];
        }
    }
    return sum;
}

static void sum_up_extremes(const struct window *window, struct buckets *buckets,
    const struct stretch_of *of, struct summary *summary)
{
    uint32_t slot = slot_of(window, of->bucket);
    bool first = true;
    for (uint32_t i = 0; i < of->count; i++, slot = next_slot(window, slot)) {
        if (cell_whole(window, buckets, CELL_COUNT, slot) == 0) {
            continue;
        }
        if (cells_keep(window, CELL_LOWEST)) {
            double lowest = *cell_double(window, buckets, CELL_LOWEST, slot);
            summary->lowest = first || lowest < summary->lowest ? lowest : summary->lowest;
        }
        if (cells_keep(window, CELL_HIGHEST)) {
            double highest = *cell_double(window, buckets, CELL_HIGHEST, slot);
            summary->highest = first || highest > summary->highest ? highest : summary->highest;
        }
        first = false;
    }
}

/* The first value is that of the oldest bucket that has one. The last is the newest of all, or of a period its own. */
static void sum_up_ends(const struct window *window, struct buckets *buckets,
    const struct stretch_of *of, struct summary *summary)
{
    uint32_t slot = slot_of(window, of->bucket), i = 0, first_at;
    while ((first_at = cell_whole(window, buckets, CELL_FIRST_AT, slot)) == 0) {
        slot = next_slot(window, slot);
        if (++i == of->count) {
            return;
        }
    }
    const int64_t start_ms = bucket_start(window, of->bucket + i), tick_ms = window->tick_ms;
    summary->first = *cell_double(window, buckets, CELL_FIRST, slot);
    summary->first_ms = start_ms + first_at * tick_ms;
    if (cells_keep(window, CELL_LAST)) {
        summary->last = *cell_double(window, buckets, CELL_LAST, slot);
        summary->last_ms = start_ms + cell_whole(window, buckets, CELL_LAST_AT, slot) * tick_ms;
    } else {
        summary->last = *cell_double(window, buckets, CELL_NEWEST, 0);
        summary->last_ms = (int64_t)*cell_double(window, buckets, CELL_NEWEST_AT, 0);
    }
}

static void sum_up(const struct window *window, struct buckets *buckets,
    const struct stretch_of *of, struct summary *summary)
{
    const double tick_ms = window->tick_ms;
    summary->weight_ms = (double)sum_wholes(window, buckets, CELL_WEIGHT, of) * tick_ms;
    summary->aside_ms = (double)sum_wholes(window, buckets, CELL_ASIDE, of) * tick_ms;
    summary->yes_ms = (double)sum_wholes(window, buckets, CELL_YES, of) * tick_ms;
    summary->changes = (uint32_t)sum_wholes(window, buckets, CELL_CHANGES, of);
    summary->count = (uint32_t)sum_wholes(window, buckets, CELL_COUNT, of);
    summary->sum = sum_doubles(window, buckets, CELL_SUM, of);
    summary->squares = sum_doubles(window, buckets, CELL_SQUARES, of);
    if (cells_keep(window, CELL_LOWEST) || cells_keep(window, CELL_HIGHEST)) {
        sum_up_extremes(window, buckets, of, summary);
    }
    if (cells_keep(window, CELL_FIRST)) {
        sum_up_ends(window, buckets, of, summary);
    }
}

struct summary buckets_summary(const struct window *window, const struct buckets *buckets,
    const struct span *span, int64_t now_ms)
{
    struct buckets *of = (struct buckets *)(uintptr_t)buckets; /* it is only read */
    int64_t to = bucket_of(window, now_ms) - (span->last ? 1 : 0);
    int64_t from = window->span.period == PERIOD_SLIDING ? to - window->capacity + 1 : to;
    int64_t end_ms = span->last ? bucket_start(window, to + 1) : now_ms;
    struct summary summary = {.span_ms = end_ms - bucket_start(window, from)};
    if (cells_keep(window, CELL_SHIFT)) {
        summary.shift = *cell_double(window, of, CELL_SHIFT, 0);
    }
    if (cells_keep(window, CELL_BEGUN)) {
        summary.begun_ms = (int64_t)*cell_double(window, of, CELL_BEGUN, 0);
    }
    int64_t oldest = buckets->newest - (int64_t)window->capacity + 1;
    from = from > oldest ? from : oldest;
    to = to < buckets->newest ? to : buckets->newest;
    if (buckets->begun && from <= to) {
        sum_up(window, of, &(struct stretch_of){from, (uint32_t)(to - from) + 1}, &summary);
    }
    return summary;
}
