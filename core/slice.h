/* slice -- bytes that somebody else owns.
 *
 * Shape    a pointer and a size; may be empty; never NUL-terminated by promise.
 * Memory   borrows; whoever hands one out says until when.
 * Errors   none.
 * Threads  pure.
 */
#ifndef CORE_SLICE_H
#define CORE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const uint8_t *ptr; /* may be NULL only when size is 0 */
    size_t size;
};

struct slice slice_of(const char *text);
struct slice slice_from(const void *ptr, size_t size);
bool slice_equal(struct slice a, struct slice b);
bool slice_is(struct slice a, const char *text);
bool slice_starts(struct slice a, const char *prefix);
int slice_compare(struct slice a, struct slice b); /* byte order, then length */

/* The first `size` bytes, and what follows them; both clipped to the slice. */
struct slice slice_head(struct slice a, size_t size);
struct slice slice_tail(struct slice a, size_t size);

/* Index of the first `byte` at or after `from`, or a.size when there is none. */
size_t slice_find(struct slice a, size_t from, uint8_t byte);

/* Cut `rest` at the first `byte`: the part before it; rest becomes what follows it. */
struct slice slice_cut(struct slice *rest, uint8_t byte);

/* Digits only, at least one, value at most `max`. */
bool slice_to_uint(struct slice a, uint64_t max, uint64_t *value);

#endif
