/* pairs -- from numbers to numbers: collected in any order, then asked by the first.
 *
 * Shape    pairs_add as often as needed, pairs_index once: for each `from` its `to`, ascending, each once.
 * Memory   the arena's; what grew is left behind in it.
 * Errors   none.
 * Threads  pure; not for the step, which allocates nothing.
 */
#ifndef DETECTORS_PAIRS_H
#define DETECTORS_PAIRS_H

#include "core/arena.h"

struct pair {
    uint32_t from, to;
};

struct pairs {
    struct arena *arena;
    struct pair *list;
    size_t count, capacity;
};

/* Of `from`: list[first[from]] to list[first[from + 1] - 1]. */
struct pair_index {
    uint32_t *first, *list;
};

void pairs_add(struct pairs *pairs, uint32_t from, uint32_t to);
struct pair_index pairs_index(struct pairs *pairs, size_t from_count);

/* The first of `from`; NONE: it has none, or is NONE itself. */
uint32_t pairs_first(const struct pair_index *index, uint32_t from);

/* An array with room for one more: doubled when it is full. */
void *array_grow(struct arena *arena, void *old, size_t count, size_t *capacity, size_t size);

#endif
