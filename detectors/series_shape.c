#include "detectors/series_shape.h"

#include <assert.h>

/* Of thirty steps so many move at least, and turn so often, and not at each: house. */
enum { MOVES_LEAST = 20, TURNS_LEAST = 8, TURNS_MOST = 26 };

#define STEP_MASK ((UINT32_C(1) << SHAPE_STEPS) - 1)

size_t series_shape_size(uint32_t capacity)
{
    size_t size = sizeof(struct series_shape) + capacity * sizeof(uint32_t);
    return (size + 7) & ~(size_t)7;
}

static uint32_t *shape_at(struct series_shape *series, uint32_t capacity, uint32_t number)
{
    return (uint32_t *)(void *)(series + 1) + number % capacity;
}

static void keep(struct series_shape *series, uint32_t capacity, uint32_t shape)
{
    *shape_at(series, capacity, series->kept) = shape;
    series->kept += 1;
}

/* 0: the newest steps have none. */
static uint32_t shape_of(const struct series_shape *series)
{
    uint32_t turns = (series->up & series->down >> 1) | (series->down & series->up >> 1);
    int moved = __builtin_popcount(series->up | series->down);
    int turned = __builtin_popcount(turns);
    if (series->points <= SHAPE_STEPS || moved < MOVES_LEAST || turned < TURNS_LEAST ||
        turned > TURNS_MOST) {
        return 0;
    }
    uint64_t mixed = ((uint64_t)series->up << 32 | series->down) * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t shape = (uint32_t)(mixed >> 32);
    return shape == 0 ? 1 : shape;
}

/* A repetition goes on while the next kept shape is met in its turn. */
static void follow(struct series_shape *series, uint32_t capacity, uint32_t shape)
{
    if (series->matched == 0) {
        return;
    }
    series->since += 1;
    if (series->since < SHAPE_STRIDE) {
        return;
    }
    if (series->match + 1 < series->kept && shape != 0 &&
        *shape_at(series, capacity, series->match + 1) == shape) {
        series->match += 1;
        series->matched += 1;
        series->since = 0;
    } else {
        series->matched = 0;
    }
}

/* The newest kept shape that is this one, and older than the sixty points that speak now. */
static void search(struct series_shape *series, uint32_t capacity, uint32_t shape)
{
    enum { OWN = SHAPE_POINTS / SHAPE_STRIDE };
    uint32_t oldest = series->kept > capacity ? series->kept - capacity : 0;
    for (uint32_t i = series->kept; shape != 0 && i > oldest + OWN; i--) {
        if (*shape_at(series, capacity, i - 1 - OWN) == shape) {
            series->match = i - 1 - OWN;
            series->matched = 1;
            series->since = 0;
            return;
        }
    }
}

static void begin_anew(struct series_shape *series, uint32_t capacity)
{
    if (series->points > SHAPE_STEPS) {
        keep(series, capacity, 0); /* what follows did not follow what is kept */
    }
    series->points = 0;
    series->matched = 0;
}

void series_shape_take(struct series_shape *series, uint32_t capacity, int64_t spacing_ms,
    int64_t time_ms, double value)
{
    assert(capacity > SHAPE_POINTS / SHAPE_STRIDE && spacing_ms > 0);
    int64_t apart_ms = time_ms - series->last_ms;
    if (series->points > 0 && apart_ms * 8 < spacing_ms * 7) {
        return;
    }
    if (series->points > 0 && apart_ms * 4 > spacing_ms * 7) {
        begin_anew(series, capacity);
    }
    if (series->points > 0) {
        series->up = (series->up << 1 | (value > series->last ? 1U : 0U)) & STEP_MASK;
        series->down = (series->down << 1 | (value < series->last ? 1U : 0U)) & STEP_MASK;
    }
    series->last = value;
    series->last_ms = time_ms;
    series->points += 1;
    uint32_t shape = shape_of(series);
    follow(series, capacity, shape);
    if (series->matched == 0) {
        search(series, capacity, shape);
    }
    if (series->points > SHAPE_STEPS && (series->points - 1 - SHAPE_STEPS) % SHAPE_STRIDE == 0) {
        keep(series, capacity, shape);
    }
}

int64_t series_shape_repeats_ms(const struct series_shape *series, int64_t spacing_ms)
{
    if (series->matched == 0) {
        return 0;
    }
    return (SHAPE_STEPS + (int64_t)(series->matched - 1) * SHAPE_STRIDE + series->since) *
           spacing_ms;
}
