/* slice -- bytes that somebody else owns.
 *
 * Shape    a pointer and a size; may be empty; never NUL-terminated by promise.
 * Memory   borrows; whoever hands one out says until when.
 * Errors   none.
 * Threads  pure.
 * Limits   what is asked of every word of a frame stands here to be inlined.
 */
#ifndef CORE_SLICE_H
#define CORE_SLICE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const uint8_t *ptr; /* may be NULL only when size is 0 */
    size_t size;
};

static inline struct slice slice_from(const void *ptr, size_t size)
{
    assert(ptr != NULL || size == 0);
    return (struct slice){ptr, size};
}

static inline struct slice slice_of(const char *text)
{
    return slice_from(text, strlen(text));
}

/* Eight bytes as one number, in the order of the machine. */
static inline uint64_t word_at(const uint8_t bytes[static sizeof(uint64_t)])
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Up to eight bytes as one number, which tells them from all others of that size; of a longer slice, the
 * first eight. What stands in a frame is mostly that short, and one number is compared without a call. */
static inline uint64_t slice_word(struct slice a)
{
    uint32_t first, last; /* which may overlap */
    if (a.size >= sizeof(uint64_t)) {
        return word_at(a.ptr);
    }
    if (a.size >= sizeof first) {
        memcpy(&first, a.ptr, sizeof first);
        memcpy(&last, a.ptr + a.size - sizeof last, sizeof last);
        return (uint64_t)first << 32 | last;
    }
    return a.size == 0
               ? 0
               : (uint64_t)a.ptr[0] << 16 | (uint64_t)a.ptr[a.size / 2] << 8 | a.ptr[a.size - 1];
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && slice_word(a) == slice_word(b) &&
           (a.size <= sizeof(uint64_t) || memcmp(a.ptr, b.ptr, a.size) == 0);
}

static inline bool slice_is(struct slice a, const char *text)
{
    return slice_equal(a, slice_of(text));
}

/* The first `size` bytes, and what follows them; both clipped to the slice. */
static inline struct slice slice_head(struct slice a, size_t size)
{
    return (struct slice){a.ptr, size < a.size ? size : a.size};
}

static inline struct slice slice_tail(struct slice a, size_t size)
{
    return size < a.size ? (struct slice){a.ptr + size, a.size - size} : (struct slice){NULL, 0};
}

static inline bool slice_starts(struct slice a, const char *prefix)
{
    return slice_is(slice_head(a, strlen(prefix)), prefix);
}

/* But for the bit that is the case of a letter. */
bool slice_same_but_case(struct slice a, struct slice b);

int slice_compare(struct slice a, struct slice b); /* byte order, then length */

/* Index of the first `byte` at or after `from`, or a.size when there is none. */
size_t slice_find(struct slice a, size_t from, uint8_t byte);

/* Cut `rest` at the first `byte`: the part before it; rest becomes what follows it. */
struct slice slice_cut(struct slice *rest, uint8_t byte);

/* Digits only, at least one, value at most `max`. */
bool slice_to_uint(struct slice a, uint64_t max, uint64_t *value);

#endif
