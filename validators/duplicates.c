#include "validators/duplicates.h"

#include <assert.h>
#include <string.h>

#include "core/hash.h"

enum {
    DAYS = 7,
    LATE_ENTRIES =
        64,       /* what is older than the ring has a place apart, so that it pushes nothing out */
    STRETCH = 64, /* places whose newest data time is kept in one */
    TIME_BITS = 24,
};

#define REALTIME_SPAN_MS (INT64_C(24) * HOUR_MS)
#define HISTORY_SPAN_MS  (INT64_C(1) * DAYS * DAY_MS)

/* Three rings, one behind the other: head, keys, the newest time of each stretch, contents, and an index over
 * the keys: each bucket begins a chain of places (their number plus one; 0 ends it). */
struct head {
    int64_t newest_ms;
    int64_t forgotten_ms; /* of what was pushed out: what is no newer may have been among it */
    uint32_t next;
    uint32_t count;
};

struct ring {
    struct head *head;
    uint64_t *keys;
    int64_t *stretches;
    uint32_t *contents, *buckets, *links;
    uint32_t capacity;
    int64_t span_ms;
};

static uint32_t realtime_entries(struct pace pace)
{
    uint32_t entries = 24 * 3600 / (uint32_t)pace.realtime_s + 1;
    return entries * 2; /* real-time values and run states share it */
}

static uint32_t history_entries(struct pace pace)
{
    uint32_t minutes = 24 * 60 / (uint32_t)pace.minute_min;
    return DAYS * (minutes + 24 + 1 + 1); /* hours, two kinds of day */
}

static uint32_t stretch_count(uint32_t capacity)
{
    return (capacity + STRETCH - 1) / STRETCH;
}

static size_t ring_size(uint32_t capacity)
{
    size_t size = sizeof(struct head) + stretch_count(capacity) * sizeof(int64_t) +
                  capacity * (sizeof(uint64_t) + 3 * sizeof(uint32_t));
    return (size + 7) & ~(size_t)7;
}

size_t duplicates_size(struct pace pace)
{
    return ring_size(realtime_entries(pace)) + ring_size(history_entries(pace)) +
           ring_size(LATE_ENTRIES);
}

static struct ring ring_at(void *block, uint32_t capacity, int64_t span_ms)
{
    struct ring ring = {.head = block, .capacity = capacity, .span_ms = span_ms};
    ring.keys = (uint64_t *)(void *)(ring.head + 1);
    ring.stretches = (int64_t *)(void *)(ring.keys + capacity);
    ring.contents = (uint32_t *)(void *)(ring.stretches + stretch_count(capacity));
    ring.buckets = ring.contents + capacity;
    ring.links = ring.buckets + capacity;
    return ring;
}

static struct ring realtime_ring(void *block, struct pace pace)
{
    return ring_at(block, realtime_entries(pace), REALTIME_SPAN_MS);
}

static struct ring history_ring(void *block, struct pace pace)
{
    uint8_t *at = (uint8_t *)block + ring_size(realtime_entries(pace));
    return ring_at(at, history_entries(pace), HISTORY_SPAN_MS);
}

static struct ring late_ring(void *block, struct pace pace)
{
    uint8_t *at =
        (uint8_t *)block + ring_size(realtime_entries(pace)) + ring_size(history_entries(pace));
    return ring_at(at, LATE_ENTRIES, 0);
}

static bool is_history(const struct message *message)
{
    return message->format == FORMAT_HJ212 &&
           (message->cn_code == 2051 || message->cn_code == 2061 || message->cn_code == 2031 ||
               message->cn_code == 2041);
}

/* Who, what and under which name, but for the lowest bits: they say of which DataTime. */
static uint64_t key_with_time(uint64_t key, const struct message *message)
{
    uint64_t time = message->has_data_time ? (uint64_t)message->data_time.ms : 0;
    uint64_t spread = time * UINT64_C(0x9E3779B97F4A7C15); /* 2^64 over the golden ratio */
    return key >> TIME_BITS << TIME_BITS | spread >> (64 - TIME_BITS) | 1;
}

/* MN is the ring's own. 0 stands for an empty place, so no key is 0. */
static uint64_t key_of(const struct message *message, uint64_t content)
{
    struct slice name = message->qn.size > 0 ? message->qn : message->datatime;
    if (message->format == FORMAT_SENML) {
        name = message->qn;
    }
    if (name.size == 0) {
        return key_with_time(content, message);
    }
    uint64_t key = hash64_seeded(message->st, hash64(message->mn));
    key = hash64_seeded(message->cn, key);
    key = hash64_seeded(message->pno, key);
    return key_with_time(hash64_seeded(name, key), message);
}

static uint32_t *bucket_of(const struct ring *ring, uint64_t key)
{
    return &ring->buckets[(key >> TIME_BITS) % ring->capacity];
}

/* The same key and content: a duplicate. The same key alone: conflicting where the DataTime is the same. */
static enum sameness find(const struct ring *ring, uint64_t key, uint32_t content)
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
static void forget(struct ring *ring, uint32_t at)
{
    uint32_t *place = bucket_of(ring, ring->keys[at]);
    while (*place != at + 1) {
        assert(*place != 0);
        place = &ring->links[*place - 1];
    }
    *place = ring->links[at];
}

static void remember(struct ring *ring, uint64_t key, uint32_t content, int64_t time_ms)
{
    struct head *head = ring->head;
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

static bool is_late(const struct ring *ring, int64_t time_ms)
{
    return time_ms > 0 &&
           (time_ms < ring->head->newest_ms - ring->span_ms || time_ms <= ring->head->forgotten_ms);
}

/* What was sent, but for the RF=1 before CP, by which alone a resend of 2025 differs from what it resends. */
static uint64_t content_of(const struct message *message)
{
    static const char RESENT[] = "RF=1;";
    const size_t mark = sizeof RESENT - 1;
    struct slice segment = message->segment;
    if (message->edition != EDITION_2025) {
        return hash64(segment);
    }
    size_t cp = slice_find(segment, 0, 'C');
    while (cp < segment.size && !slice_starts(slice_tail(segment, cp), "CP=")) {
        cp = slice_find(segment, cp + 1, 'C');
    }
    size_t head = cp;
    if (cp >= mark && slice_is(slice_from(segment.ptr + cp - mark, mark), RESENT)) {
        head -= mark;
    }
    return hash64_seeded(slice_tail(segment, cp), hash64(slice_head(segment, head)));
}

enum sameness duplicates_check(void *block, struct pace pace, const struct message *message)
{
    struct ring ring = is_history(message) ? history_ring(block, pace) : realtime_ring(block, pace);
    uint64_t content = content_of(message), key = key_of(message, content);
    int64_t time_ms = message->has_data_time ? message->data_time.ms : 0;
    enum sameness sameness = find(&ring, key, (uint32_t)(content >> 32));
    if (sameness == SAME_DUPLICATE) {
        return sameness;
    }
    if (is_late(&ring, time_ms)) {
        ring = late_ring(block, pace);
        if (find(&ring, key, (uint32_t)(content >> 32)) == SAME_DUPLICATE) {
            return SAME_DUPLICATE;
        }
        sameness = SAME_LATE;
    }
    remember(&ring, key, (uint32_t)(content >> 32), time_ms);
    return sameness;
}

typedef struct ring ring_of(void *block, struct pace pace);

/* In the order in which they stand in the block. */
static ring_of *const RINGS[] = {realtime_ring, history_ring, late_ring};

enum { RING_COUNT = sizeof RINGS / sizeof RINGS[0] };

/* Of a packed ring: places are taken from the first on, so what is remembered stands in front. */
struct extent {
    size_t keys, stretches, contents, size; /* in bytes; size with the head, a multiple of 8 */
};

static struct extent extent_of(const struct head *head)
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

static size_t pack(const struct ring *ring, uint8_t *out)
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
static void index_anew(struct ring *ring)
{
    bool full = ring->head->count == ring->capacity;
    for (uint32_t i = 0; i < ring->head->count; i++) {
        uint32_t at = full ? (ring->head->next + i) % ring->capacity : i;
        uint32_t *bucket = bucket_of(ring, ring->keys[at]);
        ring->links[at] = *bucket;
        *bucket = at + 1;
    }
}

static size_t unpack(struct slice packed, struct ring *ring)
{
    struct head head;
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

size_t duplicates_pack(const void *ring, struct pace pace, uint8_t *out)
{
    size_t at = 0;
    for (size_t i = 0; i < RING_COUNT; i++) {
        struct ring one = RINGS[i]((void *)(uintptr_t)ring, pace);
        at += pack(&one, out + at);
    }
    return at;
}

size_t duplicates_unpack(struct slice packed, struct pace pace, void *ring)
{
    size_t at = 0;
    for (size_t i = 0; i < RING_COUNT; i++) {
        struct ring one = RINGS[i](ring, pace);
        size_t taken = unpack(slice_tail(packed, at), &one);
        if (taken == 0) {
            return 0;
        }
        at += taken;
    }
    return at;
}

/* The times of single places are not kept: each goes over with the newest of its stretch. */
static void carry(const struct ring *from, struct ring *to)
{
    uint32_t oldest = from->head->count < from->capacity ? 0 : from->head->next;
    for (uint32_t i = 0; i < from->head->count; i++) {
        uint32_t at = (oldest + i) % from->capacity;
        remember(to, from->keys[at], from->contents[at], from->stretches[at / STRETCH]);
    }
    to->head->newest_ms = from->head->newest_ms;
    if (from->head->forgotten_ms > to->head->forgotten_ms) {
        to->head->forgotten_ms = from->head->forgotten_ms;
    }
}

void duplicates_carry(const void *from, struct pace from_pace, void *to, struct pace to_pace)
{
    void *old = (void *)(uintptr_t)from;
    for (size_t i = 0; i < RING_COUNT; i++) {
        struct ring old_ring = RINGS[i](old, from_pace);
        struct ring new_ring = RINGS[i](to, to_pace);
        carry(&old_ring, &new_ring);
    }
}
