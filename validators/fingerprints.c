#include "validators/fingerprints.h"

#include <assert.h>
#include <string.h>

enum {
    STRETCH = 64, /* places whose newest data time is kept in one */
    TIME_BITS = 24,
};

/* Head, keys, the newest time of each stretch, contents, and an index over the keys: each bucket begins a chain of places
 * (their number plus one; 0 ends it). */
struct fingerprints_head {
    int64_t newest_ms;
    int64_t forgotten_ms; /* of what was pushed out: what is no newer may have been among it */
    uint32_t next;
    uint32_t count;
};

static uint32_t stretch_count(uint32_t capacity)
{
    return (capacity + STRETCH - 1) / STRETCH;
}

size_t fingerprints_size(uint32_t capacity)
{
    size_t size = sizeof(struct fingerprints_head) + stretch_count(capacity) * sizeof(int64_t) +
                  capacity * (sizeof(uint64_t) + 3 * sizeof(uint32_t));
    return (size + 7) & ~(size_t)7;
}

struct fingerprints fingerprints_at(void *block, uint32_t capacity, int64_t span_ms)
{
    struct fingerprints ring = {.head = block, .capacity = capacity, .span_ms = span_ms};
    ring.keys = (uint64_t *)(void *)(ring.head + 1);
    ring.stretches = (int64_t *)(void *)(ring.keys + capacity);
    ring.contents = (uint32_t *)(void *)(ring.stretches + stretch_count(capacity));
    ring.buckets = ring.contents + capacity;
    ring.links = ring.buckets + capacity;
    return ring;
}

uint64_t fingerprints_key(uint64_t name, const struct message *message)
{
    uint64_t time = message->has_data_time ? (uint64_t)message->data_time.ms : 0;
    uint64_t spread = time * UINT64_C(0x9E3779B97F4A7C15); /* 2^64 over the golden ratio */
    return name >> TIME_BITS << TIME_BITS | spread >> (64 - TIME_BITS) | 1;
}

static uint32_t *bucket_of(const struct fingerprints *ring, uint64_t key)
{
    return &ring->buckets[(key >> TIME_BITS) % ring->capacity];
}

enum sameness fingerprints_find(const struct fingerprints *ring, uint64_t key, uint32_t content)
{
    enum sameness sameness = SAME_FRESH;
    for (uint32_t place = *bucket_of(ring, key); place != 0; place = ring->links[place - 1]) {
        uint64_t other = ring->keys[place - 1];
        if (other >> TIME_BITS != key >> TIME_BITS) {
            continue;
        }
        if (other == key && ring->contents[place - 1] == content) {
            return SAME_DUPLICATE;
        }
        sameness = other == key || sameness == SAME_CONFLICT ? SAME_CONFLICT : SAME_REUSED;
    }
    return sameness;
}

/* The oldest leaves its chain. */
static void forget(struct fingerprints *ring, uint32_t at)
{
    uint32_t *place = bucket_of(ring, ring->keys[at]);
    while (*place != at + 1) {
        assert(*place != 0);
        place = &ring->links[*place - 1];
    }
    *place = ring->links[at];
}

void fingerprints_remember(
    struct fingerprints *ring, uint64_t key, uint32_t content, int64_t time_ms)
{
    struct fingerprints_head *head = ring->head;
    uint32_t at = head->next;
    int64_t *stretch = &ring->stretches[at / STRETCH];
    if (at % STRETCH == 0) {
        head->forgotten_ms = *stretch > head->forgotten_ms ? *stretch : head->forgotten_ms;
        *stretch = 0;
    }
    *stretch = time_ms > *stretch ? time_ms : *stretch;
    head->newest_ms = time_ms > head->newest_ms ? time_ms : head->newest_ms;
    if (head->count == ring->capacity) {
        forget(ring, at);
    } else {
        head->count += 1;
    }
    uint32_t *bucket = bucket_of(ring, key);
    ring->keys[at] = key;
    ring->contents[at] = content;
    ring->links[at] = *bucket;
    *bucket = at + 1;
    head->next = at + 1 == ring->capacity ? 0 : at + 1;
}

bool fingerprints_late(const struct fingerprints *ring, int64_t time_ms)
{
    return time_ms > 0 &&
           (time_ms < ring->head->newest_ms - ring->span_ms || time_ms <= ring->head->forgotten_ms);
}

/* Of a packed ring: places are taken from the first on, so what is remembered stands in front. */
struct extent {
    size_t keys, stretches, contents, size; /* in bytes; size with the head, a multiple of 8 */
};

static struct extent extent_of(const struct fingerprints_head *head)
{
    struct extent extent = {
        .keys = head->count * sizeof(uint64_t),
        .stretches = stretch_count(head->count) * sizeof(int64_t),
        .contents = head->count * sizeof(uint32_t),
    };
    extent.size = sizeof *head + extent.keys + extent.stretches + extent.contents;
    extent.size = (extent.size + 7) & ~(size_t)7;
    return extent;
}

size_t fingerprints_pack(const struct fingerprints *ring, uint8_t *out)
{
    struct extent extent = extent_of(ring->head);
    uint8_t *keys = out + sizeof *ring->head;
    memset(out + extent.size - 8, 0, 8); /* the padding, where there is one */
    memcpy(out, ring->head, sizeof *ring->head);
    memcpy(keys, ring->keys, extent.keys);
    memcpy(keys + extent.keys, ring->stretches, extent.stretches);
    memcpy(keys + extent.keys + extent.stretches, ring->contents, extent.contents);
    return extent.size;
}

/* The index is made anew, the oldest first, as it grew. */
static void index_anew(struct fingerprints *ring)
{
    bool full = ring->head->count == ring->capacity;
    for (uint32_t i = 0; i < ring->head->count; i++) {
        uint32_t at = full ? (ring->head->next + i) % ring->capacity : i;
        uint32_t *bucket = bucket_of(ring, ring->keys[at]);
        ring->links[at] = *bucket;
        *bucket = at + 1;
    }
}

size_t fingerprints_unpack(struct slice packed, struct fingerprints *ring)
{
    struct fingerprints_head head;
    if (packed.size < sizeof head) {
        return 0;
    }
    memcpy(&head, packed.ptr, sizeof head);
    struct extent extent = extent_of(&head);
    if (head.count > ring->capacity || extent.size > packed.size ||
        (head.count == ring->capacity ? head.next >= ring->capacity : head.next != head.count)) {
        return 0;
    }
    const uint8_t *keys = packed.ptr + sizeof head;
    *ring->head = head;
    memcpy(ring->keys, keys, extent.keys);
    memcpy(ring->stretches, keys + extent.keys, extent.stretches);
    memcpy(ring->contents, keys + extent.keys + extent.stretches, extent.contents);
    index_anew(ring);
    return extent.size;
}

/* The times of single places are not kept: each goes over with the newest of its stretch. */
void fingerprints_carry(const struct fingerprints *from, struct fingerprints *to)
{
    uint32_t oldest = from->head->count < from->capacity ? 0 : from->head->next;
    for (uint32_t i = 0; i < from->head->count; i++) {
        uint32_t at = (oldest + i) % from->capacity;
        fingerprints_remember(
            to, from->keys[at], from->contents[at], from->stretches[at / STRETCH]);
    }
    to->head->newest_ms = from->head->newest_ms;
    if (from->head->forgotten_ms > to->head->forgotten_ms) {
        to->head->forgotten_ms = from->head->forgotten_ms;
    }
}
