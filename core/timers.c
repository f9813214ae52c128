#include "core/timers.h"

#include <assert.h>

/* Layout: the heap of (due, which), then for each thing its place in the heap plus one; then the
 * heap's size. Zero bytes are an empty heap. */
struct entry {
    int64_t due_ms;
    uint32_t which;
    uint32_t padding;
};

struct heap {
    struct entry *entries;
    uint32_t *places;
    uint32_t *size;
};

size_t timers_size(uint32_t count)
{
    size_t size = count * sizeof(struct entry) + ((size_t)count + 1) * sizeof(uint32_t);
    return (size + 7) & ~(size_t)7;
}

static struct heap heap_of(void *timers, uint32_t count)
{
    struct heap heap = {.entries = timers};
    heap.places = (uint32_t *)(void *)(heap.entries + count);
    heap.size = heap.places + count;
    assert(*heap.size <= count);
    return heap;
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
void timers_set(void *timers, uint32_t count, uint32_t which, int64_t due_ms)
{
    assert(which < count);
    struct heap heap = heap_of(timers, count);
    struct entry entry = {.due_ms = due_ms, .which = which};
    uint32_t place_plus_one = heap.places[which];
    if (place_plus_one == 0) {
        if (due_ms != TIMER_NEVER) {
            *heap.size += 1;
            sift_up(&heap, *heap.size - 1, entry);
        }
    } else if (due_ms == TIMER_NEVER) {
        take_out(&heap, place_plus_one - 1);
    } else if (heap.entries[place_plus_one - 1].due_ms != due_ms) {
        settle(&heap, place_plus_one - 1, entry);
    }
}

bool timers_take(void *timers, uint32_t count, int64_t now_ms, uint32_t *which, int64_t *due_ms)
{
    struct heap heap = heap_of(timers, count);
    if (*heap.size == 0 || heap.entries[0].due_ms > now_ms) {
        return false;
    }
    *which = heap.entries[0].which;
    *due_ms = heap.entries[0].due_ms;
    take_out(&heap, 0);
    return true;
}

int64_t timers_of(void *timers, uint32_t count, uint32_t which)
{
    assert(which < count);
    struct heap heap = heap_of(timers, count);
    return heap.places[which] == 0 ? TIMER_NEVER : heap.entries[heap.places[which] - 1].due_ms;
}

int64_t timers_next(const void *timers, uint32_t count)
{
    const struct entry *entries = timers;
    const uint32_t *size = (const uint32_t *)(const void *)(entries + count) + count;
    return *size == 0 ? TIMER_NEVER : entries[0].due_ms;
}
