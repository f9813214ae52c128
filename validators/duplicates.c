#include "validators/duplicates.h"

#include <assert.h>
#include <string.h>

#include "core/hash.h"
#include "validators/fingerprints.h"

enum {
    DAYS = 7,
    LATE_ENTRIES =
        64, /* what is older than the ring has a place apart, so that it pushes nothing out */
    RESENT_ENTRIES = 64, /* of real-time data, to know it under another QN */
};

#define REALTIME_SPAN_MS (INT64_C(24) * HOUR_MS)
#define HISTORY_SPAN_MS  (INT64_C(1) * DAYS * DAY_MS)

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

/* In the order in which they stand in the block: by name, real-time data, history, and what is late; by content, real-time
 * data and history. */
enum ring_kind {
    RING_REALTIME,
    RING_HISTORY,
    RING_LATE,
    RING_RESENT,
    RING_RESENT_HISTORY,
    RING_COUNT
};

static uint32_t entries(enum ring_kind kind, struct pace pace)
{
    switch (kind) {
    case RING_REALTIME:
        return realtime_entries(pace);
    case RING_HISTORY:
    case RING_RESENT_HISTORY:
        return history_entries(pace);
    case RING_LATE:
        return LATE_ENTRIES;
    case RING_RESENT:
        return RESENT_ENTRIES;
    case RING_COUNT:
        break;
    }
    assert(!"a ring is one of five");
    return 0;
}

static struct fingerprints ring_of(void *block, struct pace pace, enum ring_kind kind)
{
    static const int64_t SPAN_MS[RING_COUNT] = {
        [RING_REALTIME] = REALTIME_SPAN_MS, [RING_HISTORY] = HISTORY_SPAN_MS};
    uint8_t *at = block;
    for (int before = 0; before < (int)kind; before++) {
        at += fingerprints_size(entries((enum ring_kind)before, pace));
    }
    return fingerprints_at(at, entries(kind, pace), SPAN_MS[kind]);
}

size_t duplicates_size(struct pace pace)
{
    size_t size = 0;
    for (int kind = 0; kind < RING_COUNT; kind++) {
        size += fingerprints_size(entries((enum ring_kind)kind, pace));
    }
    return size;
}

static bool is_history(const struct message *message)
{
    return message->format == FORMAT_HJ212 &&
           (message->cn_code == 2051 || message->cn_code == 2061 || message->cn_code == 2031 ||
               message->cn_code == 2041);
}

/* MN is the ring's own. */
static uint64_t key_of(const struct message *message, uint64_t content)
{
    struct slice name = message->qn.size > 0 ? message->qn : message->datatime;
    if (message->format == FORMAT_SENML) {
        name = message->qn;
    }
    if (name.size == 0) {
        return fingerprints_key(content, message);
    }
    uint64_t key = hash64_seeded(message->st, hash64(message->mn));
    key = hash64_seeded(message->cn, key);
    key = hash64_seeded(message->pno, key);
    return fingerprints_key(hash64_seeded(name, key), message);
}

/* What was sent, but for the RF=1 before CP, by which alone a resend of 2025 differs from what it resends. */
static uint64_t digest(struct slice segment, enum edition edition, uint64_t seed)
{
    static const char RESENT[] = "RF=1;";
    const size_t mark = sizeof RESENT - 1;
    if (edition != EDITION_2025) {
        return hash64_seeded(segment, seed);
    }
    size_t cp = slice_find(segment, 0, 'C');
    while (cp < segment.size && !slice_starts(slice_tail(segment, cp), "CP=")) {
        cp = slice_find(segment, cp + 1, 'C');
    }
    size_t head = cp;
    if (cp >= mark && slice_is(slice_from(segment.ptr + cp - mark, mark), RESENT)) {
        head -= mark;
    }
    return hash64_seeded(slice_tail(segment, cp), hash64_seeded(slice_head(segment, head), seed));
}

/* The same without its QN, wherever that stands. */
static uint64_t digest_nameless(const struct message *message)
{
    struct slice segment = message->segment, qn = message->qn;
    size_t at = 0;
    while (at + qn.size < segment.size && memcmp(segment.ptr + at, qn.ptr, qn.size) != 0) {
        at += 1;
    }
    return digest(
        slice_tail(segment, at + qn.size), message->edition, hash64(slice_head(segment, at)));
}

/* Data may be sent again under a new QN: that it is the same tells its content alone. A part is known by its number,
 * and sent again it may be wanted (parts.h). */
static bool may_be_renamed(const struct message *message)
{
    return message->format == FORMAT_HJ212 && message->qn.size > 0 && message->has_data_time &&
           message->reading_count > 0 && message->pnum.size == 0;
}

static bool was_renamed(void *block, struct pace pace, const struct message *message)
{
    struct fingerprints ring =
        ring_of(block, pace, is_history(message) ? RING_RESENT_HISTORY : RING_RESENT);
    uint64_t content = digest_nameless(message), key = fingerprints_key(content, message);
    if (fingerprints_find(&ring, key, (uint32_t)content) == SAME_DUPLICATE) {
        return true;
    }
    fingerprints_remember(&ring, key, (uint32_t)content, message->data_time.ms);
    return false;
}

enum sameness duplicates_check(void *block, struct pace pace, const struct message *message)
{
    struct fingerprints ring =
        ring_of(block, pace, is_history(message) ? RING_HISTORY : RING_REALTIME);
    uint64_t content = digest(message->segment, message->edition, 0);
    uint64_t key = key_of(message, content);
    int64_t time_ms = message->has_data_time ? message->data_time.ms : 0;
    enum sameness sameness = fingerprints_find(&ring, key, (uint32_t)(content >> 32));
    if (sameness == SAME_DUPLICATE ||
        (may_be_renamed(message) && was_renamed(block, pace, message))) {
        return SAME_DUPLICATE;
    }
    if (fingerprints_late(&ring, time_ms)) {
        ring = ring_of(block, pace, RING_LATE);
        if (fingerprints_find(&ring, key, (uint32_t)(content >> 32)) == SAME_DUPLICATE) {
            return SAME_DUPLICATE;
        }
        sameness = SAME_LATE;
    }
    fingerprints_remember(&ring, key, (uint32_t)(content >> 32), time_ms);
    return sameness;
}

size_t duplicates_pack(const void *ring, struct pace pace, uint8_t *out)
{
    size_t at = 0;
    for (int kind = 0; kind < RING_COUNT; kind++) {
        struct fingerprints one = ring_of((void *)(uintptr_t)ring, pace, (enum ring_kind)kind);
        at += fingerprints_pack(&one, out + at);
    }
    return at;
}

size_t duplicates_unpack(struct slice packed, struct pace pace, void *ring)
{
    size_t at = 0;
    for (int kind = 0; kind < RING_COUNT; kind++) {
        struct fingerprints one = ring_of(ring, pace, (enum ring_kind)kind);
        size_t taken = fingerprints_unpack(slice_tail(packed, at), &one);
        if (taken == 0) {
            return 0;
        }
        at += taken;
    }
    return at;
}

void duplicates_carry(const void *from, struct pace from_pace, void *to, struct pace to_pace)
{
    void *old = (void *)(uintptr_t)from;
    for (int kind = 0; kind < RING_COUNT; kind++) {
        struct fingerprints old_ring = ring_of(old, from_pace, (enum ring_kind)kind);
        struct fingerprints new_ring = ring_of(to, to_pace, (enum ring_kind)kind);
        fingerprints_carry(&old_ring, &new_ring);
    }
}
