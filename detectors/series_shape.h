/* series_shape -- whether a series has the shape of one that came before: data sent a second time.
 *
 *   12.3 12.9 12.4 12.4 12.8 -> + - = + ; of the last thirty such steps a shape; every fifteenth is kept
 *
 * Source   house: behind repeats of the rule language.
 * Shape    points in -> how long the series has followed an earlier one of its own. Steps, not values: scaling
 *          and shifting leave them as they are. A first kept shape that is met starts a repetition, and each
 *          fifteen points later the next kept one has to be met; so sixty points that repeat are found out.
 * Units    ms of event time; spacing_ms from point to point.
 * Memory   series_shape_size(capacity) bytes; zeroed is fresh. Shapes are kept as 32 bits.
 * Errors   none. A gap begins anew; what is not newer than the newest is its sender's own back-fill and is left
 *          out; what hardly changes, or goes to and fro at each step, has no shape.
 * Threads  pure.
 * Limits   of a denser series each point nearest its turn is taken: a replay shifted by a fraction of the spacing
 *          goes by. A series scaled down so far that its steps vanish in rounding is not recognised.
 */
#ifndef DETECTORS_SERIES_SHAPE_H
#define DETECTORS_SERIES_SHAPE_H

#include <stddef.h>
#include <stdint.h>

enum {
    SHAPE_POINTS = 60,
    SHAPE_STEPS = 30,
    SHAPE_STRIDE = 15,
    SHAPES_KEPT_LEAST = 8,
    SHAPES_KEPT_MAX = 1024
};

struct series_shape {
    int64_t last_ms;
    double last;
    uint32_t up, down; /* the newest steps, a bit each; the newest is bit 0 */
    uint32_t points;   /* of this run; 0: none */
    uint32_t kept;     /* how many shapes were kept so far */
    uint32_t matched;  /* how many kept ones were met in a row; 0: none */
    uint32_t match;    /* the number of the one met last */
    uint32_t since;    /* points since then */
    uint32_t padding;
    /* then uint32_t shapes[capacity]; 0: none */
};

size_t series_shape_size(uint32_t capacity);

void series_shape_take(struct series_shape *series, uint32_t capacity, int64_t spacing_ms,
    int64_t time_ms, double value);

/* How long it has repeated what came before; 0: it does not. */
int64_t series_shape_repeats_ms(const struct series_shape *series, int64_t spacing_ms);

#endif
