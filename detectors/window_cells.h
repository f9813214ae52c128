/* window_cells -- the rows in which buckets keep their numbers; private to window*.c.
 *
 *   | struct buckets | SHIFT | SUM: a double for each bucket | WEIGHT: a whole number for each | their sum | ...
 *
 * Source   house.
 * Shape    a row for each kept cell, in the order of enum cell. A whole number has as many bytes as it needs: of ticks
 *          2, 3 or 4, which hold a bucket; COUNT 4, CHANGES 2. Behind those of what slides stands their sum.
 * Units    ticks of window.tick_ms.
 * Memory   in the state, behind the struct buckets.
 * Errors   none: what a number of bytes cannot hold any more stays as great as it can.
 * Threads  pure.
 */
#ifndef DETECTORS_WINDOW_CELLS_H
#define DETECTORS_WINDOW_CELLS_H

#include <string.h>

#include "detectors/window.h"

/* Fill tick_ms, tick_size and places; capacity and bucket_ms are set. */
void cells_lay_out(struct window *window);
size_t cells_size(const struct window *window); /* of all rows */

/* Of one bucket, in all rows. */
void cells_clear(const struct window *window, struct buckets *buckets, uint32_t slot);

static inline bool cells_keep(const struct window *window, enum cell cell)
{
    return (window->cells >> cell & 1) != 0;
}

static inline bool cells_have_sum(const struct window *window, enum cell cell)
{
    return window->span.period == PERIOD_SLIDING && cell >= CELL_WHOLE && cell < CELL_SUMMED;
}

static inline uint32_t cell_size(const struct window *window, enum cell cell)
{
    return cell < CELL_WHOLE      ? (uint32_t)sizeof(double)
           : cell == CELL_COUNT   ? (uint32_t)sizeof(uint32_t)
           : cell == CELL_CHANGES ? (uint32_t)sizeof(uint16_t)
                                  : window->tick_size;
}

/* The bytes of a row's cells; the sum behind them is aligned. */
static inline uint32_t cells_row_size(const struct window *window, enum cell cell)
{
    const uint32_t size =
        cell < CELL_EACH ? (uint32_t)sizeof(double) : window->capacity * cell_size(window, cell);
    return (size + 3) & ~UINT32_C(3);
}

static inline void *cell_at(
    const struct window *window, struct buckets *buckets, enum cell cell, uint32_t slot)
{
    return (uint8_t *)(buckets + 1) + window->places[cell] + slot * cell_size(window, cell);
}

static inline double *cell_double(
    const struct window *window, struct buckets *buckets, enum cell cell, uint32_t slot)
{
    return cell_at(window, buckets, cell, slot);
}

static inline uint32_t *cells_sum(
    const struct window *window, struct buckets *buckets, enum cell cell)
{
    uint8_t *row = cell_at(window, buckets, cell, 0);
    return (uint32_t *)(void *)(row + cells_row_size(window, cell));
}

/* A whole number of 2, 3 or 4 bytes, the lowest first. */
static inline uint32_t whole_read(const uint8_t *at, uint32_t size)
{
    uint32_t whole = at[0] | (uint32_t)at[1] << 8;
    whole |= size > 2 ? (uint32_t)at[2] << 16 : 0;
    return whole | (size > 3 ? (uint32_t)at[3] << 24 : 0);
}

static inline void whole_write(uint8_t *at, uint32_t size, uint32_t whole)
{
    at[0] = (uint8_t)whole;
    at[1] = (uint8_t)(whole >> 8);
    if (size > 2) {
        at[2] = (uint8_t)(whole >> 16);
    }
    if (size > 3) {
        at[3] = (uint8_t)(whole >> 24);
    }
}

static inline uint32_t cell_whole(
    const struct window *window, struct buckets *buckets, enum cell cell, uint32_t slot)
{
    return whole_read(cell_at(window, buckets, cell, slot), cell_size(window, cell));
}

static inline void cell_set_whole(const struct window *window, struct buckets *buckets,
    enum cell cell, uint32_t slot, uint32_t whole)
{
    whole_write(cell_at(window, buckets, cell, slot), cell_size(window, cell), whole);
}

static inline void cell_add(const struct window *window, struct buckets *buckets, enum cell cell,
    uint32_t slot, int64_t more)
{
    if (!cells_keep(window, cell)) {
        return;
    }
    const uint32_t size = cell_size(window, cell);
    uint8_t *at = cell_at(window, buckets, cell, slot);
    const uint32_t whole = whole_read(at, size);
    const int64_t room = (UINT32_MAX >> (32 - 8 * size)) - (int64_t)whole;
    const uint32_t added = (uint32_t)(more < room ? more : room);
    whole_write(at, size, whole + added);
    if (cells_have_sum(window, cell)) {
        *cells_sum(window, buckets, cell) += added;
    }
}

#endif
