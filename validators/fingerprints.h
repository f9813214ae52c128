/* fingerprints -- a ring of what a device sent: who and what under which name, and its content, as digests.
 *
 * Source   issue 3, point 4.
 * Shape    the newest `capacity` of them; of what was pushed out, the newest time. Key: a name's bits, the lowest but for those
 *          that say of which DataTime.
 * Units    ms of event time.
 * Memory   the caller's block of fingerprints_size(capacity) bytes, 8-aligned; zeroed = nothing seen.
 * Errors   unpack: 0, it is no ring of this capacity.
 * Threads  pure.
 */
#ifndef VALIDATORS_FINGERPRINTS_H
#define VALIDATORS_FINGERPRINTS_H

#include "validators/duplicates.h"

struct fingerprints {
    struct fingerprints_head *head;
    int64_t *stretches;
    struct fingerprint *places;
    void *buckets; /* the index, private: numbers of two or four bytes */
    uint32_t capacity;
    int64_t span_ms; /* what is older than the newest by more is late; 0: nothing is asked of it */
};

size_t fingerprints_size(uint32_t capacity);
struct fingerprints fingerprints_at(void *block, uint32_t capacity, int64_t span_ms);

/* Who, what and under which name, but for the lowest bits: they say of which DataTime. 0 stands for an empty place, so no
 * key is 0. */
uint64_t fingerprints_key(uint64_t name, const struct message *message);

/* The same key and content: a duplicate. The same key alone: conflicting where the DataTime is the same, else reused. */
enum sameness fingerprints_find(const struct fingerprints *ring, uint64_t key, uint32_t content);
void fingerprints_remember(
    struct fingerprints *ring, uint64_t key, uint32_t content, int64_t time_ms);
bool fingerprints_late(const struct fingerprints *ring, int64_t time_ms);

/* As those of duplicates.h, for one ring. */
size_t fingerprints_pack(const struct fingerprints *ring, uint8_t *out);
size_t fingerprints_unpack(struct slice packed, struct fingerprints *ring);
void fingerprints_carry(const struct fingerprints *from, struct fingerprints *to);

#endif
