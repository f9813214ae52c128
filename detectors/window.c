#include "detectors/window.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/time.h"
#include "detectors/baseline.h"
#include "detectors/last_digits.h"
#include "detectors/series_shape.h"
#include "detectors/sketch.h"
#include "detectors/window_cells.h"

static const uint32_t CELLS_OF[KEEPS_COUNT_OF] = {
#define CELL(id)         (UINT32_C(1) << CELL_##id)
#define KEEPS(id, cells) [KEEPS_##id] = cells,
#include "detectors/keeps.def"
#undef KEEPS
#undef CELL
};

static bool fits_ring(const struct window *window)
{
    return window->span.period == PERIOD_SLIDING &&
           window->span.width_ms / window->spacing_ms + 4 <= RING_MAX;
}

static enum window_kind kind_of(const struct window *window, enum keeps keeps)
{
    if (keeps == KEEPS_ANCHOR) {
        return WINDOW_ANCHOR;
    }
    if (keeps == KEEPS_HELD) {
        return WINDOW_HELD;
    }
    if (keeps == KEEPS_BASELINE) {
        return WINDOW_BASELINE;
    }
    if (keeps == KEEPS_SKETCH || (keeps == KEEPS_MEDIAN && !fits_ring(window))) {
        return WINDOW_SKETCH;
    }
    if (keeps == KEEPS_DIGITS || keeps == KEEPS_SHAPE) {
        return keeps == KEEPS_DIGITS ? WINDOW_DIGITS : WINDOW_SHAPE;
    }
    bool truth = keeps == KEEPS_TIME || keeps == KEEPS_TIMES;
    return !truth && keeps != KEEPS_COUNT && fits_ring(window) ? WINDOW_RING : WINDOW_BUCKETS;
}

/* Of what slides the newest value is the last of all, and no bucket keeps its own; of periods it is its bucket's. */
static uint32_t cells_of(const struct window *window, enum keeps keeps, bool sets_aside)
{
    const uint32_t last = UINT32_C(1) << CELL_LAST | UINT32_C(1) << CELL_LAST_AT;
    const uint32_t newest = UINT32_C(1) << CELL_NEWEST | UINT32_C(1) << CELL_NEWEST_AT;
    uint32_t cells = CELLS_OF[keeps] | (sets_aside ? UINT32_C(1) << CELL_ASIDE : 0);
    if ((cells & last) != 0) {
        cells &= ~(window->span.period == PERIOD_SLIDING ? last : newest);
    }
    return cells;
}

/* A week and more is kept by days, what is shorter by 24 parts; of parts of at least two seconds the number fits 32 bits. */
static void shape_buckets(struct window *window)
{
    const int64_t width_ms = window->span.width_ms, least_ms = 2 * SECOND_MS;
    bool days = width_ms >= 7 * (int64_t)DAY_MS && width_ms % DAY_MS == 0;
    int64_t part_ms = (width_ms + BUCKETS_OF_WINDOW - 1) / BUCKETS_OF_WINDOW;
    part_ms = part_ms > least_ms ? part_ms : least_ms;
    window->bucket_ms = days ? DAY_MS : part_ms;
    window->capacity = (uint32_t)((width_ms + window->bucket_ms - 1) / window->bucket_ms);
    if (window->span.period != PERIOD_SLIDING) {
        window->bucket_ms = 0;
        window->capacity = 2; /* the period that runs and the last */
    }
    cells_lay_out(window);
}

/* Points no denser than a sixtieth of the width; a kept shape for each stride of the time to look back. */
static void shape_series(struct window *window)
{
    int64_t spacing_ms = window->span.width_ms / SHAPE_POINTS;
    window->spacing_ms = spacing_ms > window->spacing_ms ? spacing_ms : window->spacing_ms;
    double kept = window->number * SECOND_MS / (double)(window->spacing_ms * SHAPE_STRIDE);
    window->capacity = kept < SHAPES_KEPT_LEAST ? SHAPES_KEPT_LEAST
                       : kept > SHAPES_KEPT_MAX ? SHAPES_KEPT_MAX
                                                : (uint32_t)kept;
}

void window_shape(struct window *window, enum keeps keeps, bool sets_aside)
{
    assert(keeps != KEEPS_NONE && window->interval_ms > 0 && window->spacing_ms > 0);
    window->span.last = false;
    window->kind = (uint8_t)kind_of(window, keeps);
    window->cells = 0;
    switch ((enum window_kind)window->kind) {
    case WINDOW_RING:
        window->capacity = (uint32_t)(window->span.width_ms / window->spacing_ms) + 4;
        window->span.width_ms = 0; /* one ring serves all widths of what it is of */
        break;
    case WINDOW_BUCKETS:
        window->cells = cells_of(window, keeps, sets_aside);
        shape_buckets(window);
        break;
    case WINDOW_SKETCH:
        window->number = keeps == KEEPS_MEDIAN ? 0.5 : window->number;
        break;
    case WINDOW_BASELINE: /* its number: enum baseline_of; it serves all shares */
        break;
    case WINDOW_SHAPE:
        shape_series(window);
        break;
    case WINDOW_ANCHOR:
    case WINDOW_HELD:
    case WINDOW_DIGITS:
        window->span.width_ms = 0;
        break;
    }
}

size_t window_size(const struct window *window)
{
    switch ((enum window_kind)window->kind) {
    case WINDOW_RING:
        return (sizeof(struct ring) + window->capacity * (sizeof(double) + sizeof(uint32_t)) + 7) &
               ~(size_t)7;
    case WINDOW_BUCKETS:
        return (sizeof(struct buckets) + cells_size(window) + 7) & ~(size_t)7;
    case WINDOW_ANCHOR:
        return sizeof(struct anchor);
    case WINDOW_HELD:
        return sizeof(struct held);
    case WINDOW_SKETCH:
        return sizeof(struct sketch);
    case WINDOW_BASELINE:
        return sizeof(struct baseline);
    case WINDOW_DIGITS:
        return sizeof(struct last_digits);
    case WINDOW_SHAPE:
        return series_shape_size(window->capacity);
    }
    assert(!"a window is of one of eight kinds");
    return 0;
}

static bool keep_alike(const struct window *a, const struct window *b)
{
    return a->kind == b->kind && span_equal(&a->span, &b->span) && a->number == b->number &&
           a->cells == b->cells;
}

bool window_same(const struct window *a, const struct window *b)
{
    return keep_alike(a, b) && a->at == b->at && a->index == b->index;
}

void window_carry(
    const struct window *old, const void *memory, const struct window *fresh, void *into)
{
    if (!keep_alike(old, fresh)) {
        return;
    }
    if (old->kind == WINDOW_RING) {
        ring_carry(old, memory, fresh, into);
    } else if (window_size(old) == window_size(fresh)) {
        memcpy(into, memory, window_size(fresh));
    }
}

static void anchor_take(
    const struct window *window, struct anchor *anchor, int64_t end_ms, double value)
{
    if (anchor->count == 0 || fabs(value - anchor->value) > window->number) {
        anchor->value = value;
        anchor->since_ms = end_ms;
        anchor->count = anchor->count == 0 ? 1 : 2;
    }
}

void window_take(const struct window *window, void *memory, int64_t end_ms, double value)
{
    switch ((enum window_kind)window->kind) {
    case WINDOW_RING:
        ring_take(window, memory, end_ms, value);
        break;
    case WINDOW_BUCKETS:
        buckets_take(window, memory, end_ms, value);
        break;
    case WINDOW_ANCHOR:
        anchor_take(window, memory, end_ms, value);
        break;
    case WINDOW_SKETCH:
        sketch_take(memory, &window->span, window->number, window->interval_ms, end_ms, value);
        break;
    case WINDOW_BASELINE:
        baseline_take(memory, (enum baseline_of)window->number, window->span.width_ms,
            window->interval_ms, value);
        break;
    case WINDOW_SHAPE:
        series_shape_take(memory, window->capacity, window->spacing_ms, end_ms, value);
        break;
    case WINDOW_HELD:
        assert(!"how long is asked of a yes-or-no");
        break;
    case WINDOW_DIGITS:
        assert(!"digits are taken as they were sent");
    }
}

void window_aside(const struct window *window, void *memory, int64_t end_ms)
{
    if (window->kind == WINDOW_RING) {
        ring_take(window, memory, end_ms, (double)NAN);
    } else if (window->kind == WINDOW_BUCKETS) {
        buckets_aside(window, memory, end_ms);
    } else if (window->kind == WINDOW_SKETCH) {
        sketch_aside(memory, &window->span, window->number, window->interval_ms, end_ms);
    }
}

static void held_stand(struct held *held, int64_t now_ms, enum stands stands)
{
    bool yes = stands == STANDS_YES, no = stands == STANDS_NO;
    if (held->begun && held->stands == STANDS_YES && now_ms > held->until_ms) {
        held->held_ms += now_ms - held->until_ms;
    }
    held->held_ms = no ? 0 : held->held_ms;
    if ((yes || no) && held->stood != (uint8_t)stands) {
        held->switched = held->stood != STANDS_UNKNOWN; /* the first tells nothing of its begin */
        held->since_ms = now_ms;
        held->stood = (uint8_t)stands;
    }
    held->stands = (uint8_t)stands;
    held->until_ms = now_ms;
    held->begun = 1;
}

void window_stand(const struct window *window, void *memory, int64_t now_ms, enum stands stands)
{
    if (window->kind == WINDOW_HELD) {
        held_stand(memory, now_ms, stands);
    } else {
        buckets_stand(window, memory, now_ms, stands);
    }
}

struct summary window_summary(
    const struct window *window, const void *memory, const struct span *span, int64_t now_ms)
{
    return window->kind == WINDOW_RING ? ring_summary(window, memory, span->width_ms, now_ms)
                                       : buckets_summary(window, memory, span, now_ms);
}

bool summary_covered(const struct summary *summary)
{
    enum { COVERAGE_PERCENT = 75 };
    return (summary->weight_ms + summary->aside_ms) * 100 >=
           (double)summary->span_ms * COVERAGE_PERCENT;
}
