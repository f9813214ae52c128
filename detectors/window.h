/* window -- what is remembered of a value or of a yes-or-no over time, in bounded bytes.
 *
 *   ring     the last up to 64 values and their times
 *   buckets  a few stretches of time, oldest dropped; of each a cell a kept number: | doubles | whole numbers |
 *   anchor   where a value last moved to        held   how long a yes has stood        sketch   sketch.h
 *   digits   last_digits.h                      shape  series_shape.h
 *
 * Source   house; HJ 212-2017 App. C counts a statistic as normal from three quarters of its values on.
 * Shape    values come at the end of the time that they speak of; each speaks of at most one reporting
 *          interval before it: what is missing between is a gap. A yes-or-no stands until the next.
 *          An instant belongs to what it ends.
 * Units    ms of event time; values as they come.
 * Memory   window_size(window) bytes in the state; zeroed is fresh.
 * Errors   none: a late value counts where its time still is remembered.
 * Threads  pure.
 */
#ifndef DETECTORS_WINDOW_H
#define DETECTORS_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "detectors/keeps.h"
#include "detectors/period.h"

enum { RING_MAX = 64, BUCKETS_OF_WINDOW = 24 };

enum window_kind {
    WINDOW_RING,
    WINDOW_BUCKETS,
    WINDOW_ANCHOR,
    WINDOW_HELD,
    WINDOW_SKETCH,
    WINDOW_BASELINE,
    WINDOW_DIGITS,
    WINDOW_SHAPE
};

/* What is kept of each bucket (window_cells.h): doubles, the first four one for all buckets, then whole numbers. */
enum cell {
    CELL_SHIFT,     /* the first value of all */
    CELL_NEWEST,    /* the newest */
    CELL_NEWEST_AT, /* when that ends */
    CELL_BEGUN,     /* when the first came */
    CELL_EACH,
    CELL_SUM = CELL_EACH, /* of value x ms, about the first value of all */
    CELL_SQUARES,
    CELL_LOWEST,
    CELL_HIGHEST,
    CELL_FIRST,
    CELL_LAST,
    CELL_WHOLE,
    CELL_WEIGHT = CELL_WHOLE, /* ticks in which something was known */
    CELL_ASIDE,               /* ticks that were set aside */
    CELL_YES,
    CELL_COUNT,
    CELL_CHANGES,
    CELL_SUMMED,
    CELL_FIRST_AT = CELL_SUMMED, /* ticks from the bucket's start; 0: no value ends in it */
    CELL_LAST_AT,
    CELLS
};

struct window {
    uint8_t kind;           /* enum window_kind */
    uint8_t at;             /* LOOK_AT_... */
    uint16_t index;         /* of the input or let */
    struct span span;       /* .last is of the question, not of the window */
    int64_t bucket_ms;      /* sliding */
    int64_t interval_ms;    /* of which a value speaks at most */
    int64_t spacing_ms;     /* values come no denser: so many fit into a width */
    int64_t delay_ms;       /* signals: from the event time to the end of what it speaks of */
    double number;          /* a band, a share, a count of values, seconds back */
    uint32_t capacity;      /* values or buckets */
    uint32_t cells;         /* 1 << enum cell */
    uint16_t tick_ms;       /* buckets */
    uint16_t tick_size;     /* bytes of a number of ticks */
    uint16_t places[CELLS]; /* bytes from the buckets' begin to each kept row of cells */
};

struct ring {
    int64_t newest_ms; /* when the newest value ends */
    uint32_t next, count;
    /* then double[capacity], NaN: set aside; then uint32_t[capacity]: the last 32 bits of when each ends. A value
     * older than all that these can tell, 49 days, is held to be just so old: no time that is asked of is longer. */
};

enum stands { STANDS_UNKNOWN, STANDS_NO, STANDS_YES, STANDS_ASIDE };

struct buckets {
    int64_t until_ms; /* how far it has been brought */
    int32_t newest;   /* number of the newest bucket */
    uint8_t begun;
    uint8_t stands; /* a yes-or-no: what it is since until_ms */
    uint8_t stood;  /* what it was when it was last known */
    uint8_t padding;
    /* then the rows of cells */
};

struct anchor {
    double value;
    int64_t since_ms;
    uint32_t count; /* 0: none, 1: the first of all, 2: it has moved */
};

struct held {
    int64_t until_ms;
    int64_t held_ms;
    int64_t since_ms; /* of the last change between yes and no */
    uint8_t begun, stands, stood, switched;
};

/* What a window tells of its time up to now. */
struct summary {
    int64_t span_ms; /* the time in question */
    double weight_ms, aside_ms, yes_ms;
    double sum, squares, shift;
    double lowest, highest, first, last;
    int64_t first_ms, last_ms;
    int64_t begun_ms; /* of a count: since when */
    uint32_t count, changes;
};

/* Fill kind, capacity, bucket_ms, ticks, cells and places from span, interval and what is kept. */
void window_shape(struct window *window, enum keeps keeps, bool sets_aside);
size_t window_size(const struct window *window);
bool window_same(const struct window *a, const struct window *b); /* one may stand for the other */

/* Over a reload: into a fresh window that keeps the same; else nothing. */
void window_carry(
    const struct window *old, const void *memory, const struct window *fresh, void *into);

void window_take(const struct window *window, void *memory, int64_t end_ms, double value);
void window_aside(const struct window *window, void *memory, int64_t end_ms);
void window_stand(const struct window *window, void *memory, int64_t now_ms, enum stands stands);

/* Of a ring or of buckets; of the running period or sliding time, or of the last period. */
struct summary window_summary(
    const struct window *window, const void *memory, const struct span *span, int64_t now_ms);

/* Three quarters of the time in question are known, what was set aside not counted. */
bool summary_covered(const struct summary *summary);

/* The instant behind now at which the buckets move on. */
int64_t window_moves_on(const struct window *window, int64_t now_ms);

/* The newest values of a ring within the window, ascending by value; how many. */
uint32_t ring_sorted(const struct window *window, const struct ring *ring, int64_t width_ms,
    int64_t now_ms, double values[static RING_MAX]);

/* --- the kinds; private to window*.c --- */
void ring_take(const struct window *window, struct ring *ring, int64_t end_ms, double value);
void ring_carry(const struct window *old, const struct ring *ring, const struct window *fresh,
    struct ring *into);
struct summary ring_summary(
    const struct window *window, const struct ring *ring, int64_t width_ms, int64_t now_ms);
void buckets_take(
    const struct window *window, struct buckets *buckets, int64_t end_ms, double value);
void buckets_aside(const struct window *window, struct buckets *buckets, int64_t end_ms);
void buckets_stand(
    const struct window *window, struct buckets *buckets, int64_t now_ms, enum stands stands);
struct summary buckets_summary(const struct window *window, const struct buckets *buckets,
    const struct span *span, int64_t now_ms);

#endif
