#include "detectors/pairs.h"

#include <stdlib.h>

#include "schemas/registry.h"

void *array_grow(struct arena *arena, void *old, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return old;
    }
    *capacity = *capacity * 2 + 64;
    return arena_grow(arena, old, count, *capacity, size);
}

void pairs_add(struct pairs *pairs, uint32_t from, uint32_t to)
{
    pairs->list =
        array_grow(pairs->arena, pairs->list, pairs->count, &pairs->capacity, sizeof *pairs->list);
    pairs->list[pairs->count++] = (struct pair){from, to};
}

static int by_pair(const void *a, const void *b)
{
    const struct pair *left = a, *right = b;
    if (left->from != right->from) {
        return left->from < right->from ? -1 : 1;
    }
    return (left->to > right->to) - (left->to < right->to);
}

struct pair_index pairs_index(struct pairs *pairs, size_t from_count)
{
    struct pair_index index = {
        .first = arena_take(pairs->arena, from_count + 1, sizeof *index.first),
        .list = arena_take(pairs->arena, pairs->count + 1, sizeof *index.list),
    };
    if (pairs->count > 0) {
        qsort(pairs->list, pairs->count, sizeof *pairs->list, by_pair);
    }
    size_t at = 0;
    uint32_t kept = 0;
    for (uint32_t from = 0; from < from_count; from++) {
        index.first[from] = kept;
        for (; at < pairs->count && pairs->list[at].from == from; at++) {
            if (kept == index.first[from] || index.list[kept - 1] != pairs->list[at].to) {
                index.list[kept++] = pairs->list[at].to;
            }
        }
    }
    index.first[from_count] = kept;
    return index;
}

uint32_t pairs_first(const struct pair_index *index, uint32_t from)
{
    bool any = from != NONE && index->first[from] < index->first[from + 1];
    return any ? index->list[index->first[from]] : NONE;
}
