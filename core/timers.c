#include "core/timers.h"

#include <assert.h>

#include "core/fetch.h"

/* Layout: blocks of things side by side; then the heap of (due, block); then for each block its place in the heap plus
 * one; then the heap's size. Nothing of a block is due before `first`, which the heap has it by: most things are set
 * anew with each message, a little later than before, and that asks nobody. Only when a block comes to the top of the
 * heap is it looked up what of it is due first. Zero bytes are an empty heap. */
enum { BLOCK = 15 }; /* and `first`: two lines of the cache */

/* Until never: 0 is never, the greatest is the first that is due. */
struct block {
    uint64_t first;
    uint64_t left[BLOCK];
};

struct entry {
    int64_t due_ms;
    uint32_t which; /* block */
    uint32_t padding;
};

struct heap {
    struct block *blocks;
    struct entry *entries;
    uint32_t *places;
    uint32_t *size;
};

static uint32_t blocks_of(uint32_t count)
{
    return count / BLOCK + (count % BLOCK != 0 ? 1 : 0);
}

size_t timers_size(uint32_t count)
{
    const size_t blocks = blocks_of(count);
    size_t size =
        blocks * (sizeof(struct block) + sizeof(struct entry)) + (blocks + 1) * sizeof(uint32_t);
    return (size + 7) & ~(size_t)7;
}

static struct heap heap_of(void *timers, uint32_t count)
{
    struct heap heap = {.blocks = timers};
    heap.entries = (struct entry *)(void *)(heap.blocks + blocks_of(count));
    heap.places = (uint32_t *)(void *)(heap.entries + blocks_of(count));
    heap.size = heap.places + blocks_of(count);
    return heap;
}

static int64_t due_of(uint64_t left)
{
    return (int64_t)((uint64_t)TIMER_NEVER - left);
}

/* The first of a block that is due, of several at once the smallest number. */
static uint32_t first_of(const struct block *block)
{
    uint32_t first = 0;
    for (uint32_t i = 1; i < BLOCK; i++) {
        first = block->left[i] > block->left[first] ? i : first;
    }
    return first;
}

static bool before(const struct entry *a, const struct entry *b)
{
    return a->due_ms < b->due_ms || (a->due_ms == b->due_ms && a->which < b->which);
}

static void place(struct heap *heap, uint32_t at, struct entry entry)
{
    heap->entries[at] = entry;
    heap->places[entry.which] = at + 1;
}

static void sift_up(struct heap *heap, uint32_t at, struct entry entry)
{
    while (at > 0 && before(&entry, &heap->entries[(at - 1) / 2])) {
        place(heap, at, heap->entries[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    place(heap, at, entry);
}

static void sift_down(struct heap *heap, uint32_t at, struct entry entry)
{
    while (2 * at + 1 < *heap->size) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < *heap->size && before(&heap->entries[child + 1], &heap->entries[child])) {
            child += 1;
        }
        if (!before(&heap->entries[child], &entry)) {
            break;
        }
        place(heap, at, heap->entries[child]);
        at = child;
    }
    place(heap, at, entry);
}

/* An entry in a place that is free or its own, which may be too deep or too high for it. */
static void settle(struct heap *heap, uint32_t at, struct entry entry)
{
    if (at > 0 && before(&entry, &heap->entries[(at - 1) / 2])) {
        sift_up(heap, at, entry);
    } else {
        sift_down(heap, at, entry);
    }
}

static void take_out(struct heap *heap, uint32_t at)
{
    heap->places[heap->entries[at].which] = 0;
    *heap->size -= 1;
    if (at < *heap->size) {
        settle(heap, at, heap->entries[*heap->size]);
    }
}

static void set_first(struct heap *heap, uint32_t block, uint64_t first)
{
    struct entry entry = {.due_ms = due_of(first), .which = block};
    uint32_t place_plus_one = heap->places[block];
    heap->blocks[block].first = first;
    if (place_plus_one == 0) {
        *heap->size += 1;
        sift_up(heap, *heap->size - 1, entry);
    } else if (first == 0) {
        take_out(heap, place_plus_one - 1);
    } else {
        settle(heap, place_plus_one - 1, entry);
    }
}

void timers_set(void *timers, uint32_t count, uint32_t which, int64_t due_ms)
{
    assert(which < count);
    struct block *block = (struct block *)timers + which / BLOCK;
    const uint64_t left = (uint64_t)TIMER_NEVER - (uint64_t)due_ms;
    block->left[which % BLOCK] = left;
    if (left > block->first) {
        struct heap heap = heap_of(timers, count);
        set_first(&heap, which / BLOCK, left);
    }
}

bool timers_take(void *timers, uint32_t count, int64_t now_ms, uint32_t *which, int64_t *due_ms)
{
    struct heap heap = heap_of(timers, count);
    while (*heap.size > 0 && heap.entries[0].due_ms <= now_ms) {
        const uint32_t at = heap.entries[0].which;
        struct block *block = &heap.blocks[at];
        const uint32_t first = first_of(block);
        if (block->left[first] == block->first) {
            *which = at * BLOCK + first;
            *due_ms = due_of(block->first);
            block->left[first] = 0;
            return true;
        }
        set_first(&heap, at, block->left[first]); /* later than it was thought */
    }
    return false;
}

int64_t timers_of(void *timers, uint32_t count, uint32_t which)
{
    assert(which < count);
    const struct block *block = (const struct block *)timers + which / BLOCK;
    return due_of(block->left[which % BLOCK]);
}

int64_t timers_next(const void *timers, uint32_t count)
{
    const struct heap heap = heap_of((void *)(uintptr_t)timers, count);
    return *heap.size == 0 ? TIMER_NEVER : heap.entries[0].due_ms;
}

void timers_fetch(const void *timers, uint32_t which)
{
    fetch((const struct block *)timers + which / BLOCK, sizeof(struct block));
}
