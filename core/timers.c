#include "core/timers.h"

#include <assert.h>

/* Layout: of each thing when it is due; then the heap of (due, block), a block being some things side by side and due
 * when the first of them is; then for each block its place in the heap plus one; then the heap's size. What is set
 * together lies together, so that the heap, which lies anywhere, is seldom asked. Zero bytes are an empty heap. */
enum { BLOCK = 16 };

struct entry {
    int64_t due_ms;
    uint32_t which; /* block */
    uint32_t padding;
};

struct heap {
    uint64_t *left; /* until never: 0 is never, the greatest is the first that is due */
    uint32_t count;
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
        count * sizeof(uint64_t) + blocks * sizeof(struct entry) + (blocks + 1) * sizeof(uint32_t);
    return (size + 7) & ~(size_t)7;
}

static struct heap heap_of(void *timers, uint32_t count)
{
    struct heap heap = {.left = timers, .count = count};
    heap.entries = (struct entry *)(void *)(heap.left + count);
    heap.places = (uint32_t *)(void *)(heap.entries + blocks_of(count));
    heap.size = heap.places + blocks_of(count);
    assert(*heap.size <= blocks_of(count));
    return heap;
}

static int64_t due_of(const struct heap *heap, uint32_t which)
{
    return (int64_t)((uint64_t)TIMER_NEVER - heap->left[which]);
}

/* The first of a block that is due, of several at once the smallest number. */
static uint32_t first_of(const struct heap *heap, uint32_t block)
{
    uint32_t first = block * BLOCK;
    const uint32_t end = heap->count - first < BLOCK ? heap->count : first + BLOCK;
    for (uint32_t i = first + 1; i < end; i++) {
        first = heap->left[i] > heap->left[first] ? i : first;
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

/* Most are set anew with each message, a little later than before: they move where they stand. */
static void set_block(struct heap *heap, uint32_t block, int64_t due_ms)
{
    struct entry entry = {.due_ms = due_ms, .which = block};
    uint32_t place_plus_one = heap->places[block];
    if (place_plus_one == 0) {
        if (due_ms != TIMER_NEVER) {
            *heap->size += 1;
            sift_up(heap, *heap->size - 1, entry);
        }
    } else if (due_ms == TIMER_NEVER) {
        take_out(heap, place_plus_one - 1);
    } else {
        settle(heap, place_plus_one - 1, entry);
    }
}

static void set(struct heap *heap, uint32_t which, int64_t due_ms)
{
    const uint32_t block = which / BLOCK, first = first_of(heap, block);
    const int64_t before_ms = due_of(heap, first);
    heap->left[which] = (uint64_t)TIMER_NEVER - (uint64_t)due_ms;
    if (which == first || due_ms < before_ms) {
        set_block(heap, block, due_of(heap, first_of(heap, block)));
    }
}

void timers_set(void *timers, uint32_t count, uint32_t which, int64_t due_ms)
{
    assert(which < count);
    struct heap heap = heap_of(timers, count);
    if (due_of(&heap, which) != due_ms) {
        set(&heap, which, due_ms);
    }
}

bool timers_take(void *timers, uint32_t count, int64_t now_ms, uint32_t *which, int64_t *due_ms)
{
    struct heap heap = heap_of(timers, count);
    if (*heap.size == 0 || heap.entries[0].due_ms > now_ms) {
        return false;
    }
    *which = first_of(&heap, heap.entries[0].which);
    *due_ms = heap.entries[0].due_ms;
    set(&heap, *which, TIMER_NEVER);
    return true;
}

int64_t timers_of(void *timers, uint32_t count, uint32_t which)
{
    assert(which < count);
    struct heap heap = heap_of(timers, count);
    return due_of(&heap, which);
}

int64_t timers_next(const void *timers, uint32_t count)
{
    const struct heap heap = heap_of((void *)(uintptr_t)timers, count);
    return *heap.size == 0 ? TIMER_NEVER : heap.entries[0].due_ms;
}
