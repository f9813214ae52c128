#include "detectors/window_cells.h"

#include <assert.h>

/* A year in ms needs 35 bits, a quarter 33, a day 27, four and a half hours 24, a minute 16. */
static void choose_ticks(struct window *window)
{
    const enum period period = (enum period)window->span.period;
    const int64_t bucket_ms = period == PERIOD_SLIDING ? window->bucket_ms
                              : period == PERIOD_HOUR  ? HOUR_MS
                                                       : UINT32_MAX;
    window->tick_ms = period >= PERIOD_QUARTER ? 10 : 1;
    window->tick_size = bucket_ms >> 24 > 0 ? 4 : bucket_ms >> 16 > 0 ? 3 : 2;
}

static uint32_t size_of(const struct window *window, enum cell cell)
{
    const uint32_t sum = cells_have_sum(window, cell) ? (uint32_t)sizeof(uint32_t) : 0;
    return cells_keep(window, cell) ? cells_row_size(window, cell) + sum : 0;
}

void cells_lay_out(struct window *window)
{
    uint32_t place = 0;
    choose_ticks(window);
    for (int cell = 0; cell < CELLS; cell++) {
        window->places[cell] = (uint16_t)place;
        place += size_of(window, (enum cell)cell);
    }
    assert(place <= UINT16_MAX);
}

size_t cells_size(const struct window *window)
{
    return window->places[CELLS - 1] + (size_t)size_of(window, CELLS - 1);
}

void cells_clear(const struct window *window, struct buckets *buckets, uint32_t slot)
{
    for (enum cell cell = CELL_EACH; cell < CELLS; cell++) {
        if (!cells_keep(window, cell)) {
            continue;
        }
        if (cells_have_sum(window, cell)) {
            *cells_sum(window, buckets, cell) -= cell_whole(window, buckets, cell, slot);
        }
        memset(cell_at(window, buckets, cell, slot), 0, cell_size(window, cell));
    }
}
