#include "validators/fingerprints.h"

#include <assert.h>
#include <string.h>

enum {
    STRETCH = 64, /* places whose newest data time is kept in one */
    TIME_BITS = 24,
};

/* Head, the newest time of each stretch, places, and an index over their keys: each bucket begins a chain of places (their
 * number plus one; 0 ends it). What a message writes of a place lies together: its device's ring is in no cache. */
struct fingerprints_head {
    int64_t newest_ms;
    int64_t forgotten_ms; /* of what was pushed out: what is no newer may have been among it */
    uint32_t next;
    uint32_t count;
};

struct fingerprint {
    uint64_t key;
    uint32_t content;
    uint32_t link; /* the next of its chain */
};

static uint32_t stretch_count(uint32_t capacity)
{
    return (capacity + STRETCH - 1) / STRETCH;
}

/* Bytes of a bucket: where a device reports every three seconds or less often, a number fits two. */
static size_t bucket_size(uint32_t capacity)
{
    return capacity <= UINT16_MAX ? sizeof(uint16_t) : sizeof(uint32_t);
}

size_t fingerprints_size(uint32_t capacity)
{
    size_t size = sizeof(struct fingerprints_head) + stretch_count(capacity) * sizeof(int64_t) +
                  capacity * (sizeof(struct fingerprint) + bucket_size(capacity));
    return (size + 7) & ~(size_t)7;
}

struct fingerprints fingerprints_at(void *block, uint32_t capacity, int64_t span_ms)
{
    struct fingerprints ring = {.head = block, .capacity = capacity, .span_ms = span_ms};
    ring.stretches = (int64_t *)(void *)(ring.head + 1);
    ring.places = (struct fingerprint *)(void *)(ring.stretches + stretch_count(capacity));
    ring.buckets = ring.places + capacity;
    return ring;
}

uint64_t fingerprints_key(uint64_t name, const struct message *message)
{
    uint64_t time = message->has_data_time ? (uint64_t)message->data_time.ms : 0;
    uint64_t spread = time * UINT64_C(0x9E3779B97F4A7C15); /* 2^64 over the golden ratio */
    return name >> TIME_BITS << TIME_BITS | spread >> (64 - TIME_BITS) | 1;
}

static uint32_t bucket_of(const struct fingerprints *ring, uint64_t key)
{
    return (uint32_t)((key >> TIME_BITS) % ring->capacity);
}

static uint32_t chain_of(const struct fingerprints *ring, uint32_t bucket)
{
    return bucket_size(ring->capacity) == sizeof(uint16_t)
               ? ((const uint16_t *)ring->buckets)[bucket]
               : ((const uint32_t *)ring->buckets)[bucket];
}

static void begin_chain(struct fingerprints *ring, uint32_t bucket, uint32_t number)
{
    if (bucket_size(ring->capacity) == sizeof(uint16_t)) {
        ((uint16_t *)ring->buckets)[bucket] = (uint16_t)number;
    } else {
        ((uint32_t *)ring->buckets)[bucket] = number;
    }
}

/* The place becomes the first of its chain. */
static void chain(struct fingerprints *ring, uint32_t at)
{
    const uint32_t bucket = bucket_of(ring, ring->places[at].key);
    ring->places[at].link = chain_of(ring, bucket);
    begin_chain(ring, bucket, at + 1);
}

enum sameness fingerprints_find(const struct fingerprints *ring, uint64_t key, uint32_t content)
{
    enum sameness sameness = SAME_FRESH;
    uint32_t next = chain_of(ring, bucket_of(ring, key));
    for (; next != 0; next = ring->places[next - 1].link) {
        const struct fingerprint *place = &ring->places[next - 1];
        if (place->key >> TIME_BITS != key >> TIME_BITS) {
            continue;
        }
        if (place->key == key && place->content == content) {
            return SAME_DUPLICATE;
        }
        sameness = place->key == key || sameness == SAME_CONFLICT ? SAME_CONFLICT : SAME_REUSED;
    }
    return sameness;
}

/* The oldest leaves its chain. */
static void forget(struct fingerprints *ring, uint32_t at)
{
    const uint32_t bucket = bucket_of(ring, ring->places[at].key);
    uint32_t next = chain_of(ring, bucket);
    if (next == at + 1) {
        begin_chain(ring, bucket, ring->places[at].link);
        return;
    }
    while (ring->places[next - 1].link != at + 1) {
        next = ring->places[next - 1].link;
        assert(next != 0);
    }
    ring->places[next - 1].link = ring->places[at].link;
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
    ring->places[at] = (struct fingerprint){.key = key, .content = content};
    chain(ring, at);
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
    uint8_t *keys = out + sizeof *ring->head, *stretches = keys + extent.keys;
    uint8_t *contents = stretches + extent.stretches;
    memset(out + extent.size - 8, 0, 8); /* the padding, where there is one */
    memcpy(out, ring->head, sizeof *ring->head);
    memcpy(stretches, ring->stretches, extent.stretches);
    for (uint32_t i = 0; i < ring->head->count; i++) {
        memcpy(keys + i * sizeof(uint64_t), &ring->places[i].key, sizeof(uint64_t));
        memcpy(contents + i * sizeof(uint32_t), &ring->places[i].content, sizeof(uint32_t));
    }
    return extent.size;
}

/* The index is made anew, the oldest first, as it grew. */
static void index_anew(struct fingerprints *ring)
{
    bool full = ring->head->count == ring->capacity;
    for (uint32_t i = 0; i < ring->head->count; i++) {
        chain(ring, full ? (ring->head->next + i) % ring->capacity : i);
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
    const uint8_t *keys = packed.ptr + sizeof head, *stretches = keys + extent.keys;
    const uint8_t *contents = stretches + extent.stretches;
    *ring->head = head;
    memcpy(ring->stretches, stretches, extent.stretches);
    for (uint32_t i = 0; i < head.count; i++) {
        memcpy(&ring->places[i].key, keys + i * sizeof(uint64_t), sizeof(uint64_t));
        memcpy(&ring->places[i].content, contents + i * sizeof(uint32_t), sizeof(uint32_t));
    }
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
            to, from->places[at].key, from->places[at].content, from->stretches[at / STRETCH]);
    }
    to->head->newest_ms = from->head->newest_ms;
    if (from->head->forgotten_ms > to->head->forgotten_ms) {
        to->head->forgotten_ms = from->head->forgotten_ms;
    }
}
