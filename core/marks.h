/* marks -- where the few bytes stand that a grammar is made of: sixty-four bytes are looked at at a time.
 *
 * Shape    a text and three bytes other than 0 -> their places in it, in order.
 * Memory   borrows the text. Reads nothing behind its end.
 * Errors   none.
 * Threads  pure; the walk goes in and out by the caller's struct.
 */
#ifndef CORE_MARKS_H
#define CORE_MARKS_H

#include "core/slice.h"

enum { MARK_COUNT = 3, MARKS_BLOCK_SIZE = 64 };

struct marks {
    struct slice text;
    const char *bytes; /* MARK_COUNT of them */
    size_t block;      /* where the sixty-four begin that are looked at */
    uint64_t left;     /* bit i: one stands at block + i, and has not been told yet */
};

/* From `at` on. */
void marks_seek(struct marks *marks, size_t at);

static inline struct marks marks_begin(struct slice text, const char bytes[static MARK_COUNT])
{
    struct marks marks = {.text = text, .bytes = bytes};
    marks_seek(&marks, 0);
    return marks;
}

/* The next of the three bytes, and its place; at the end 0, and text.size. */
static inline uint8_t marks_next(struct marks *marks, size_t *at)
{
    while (marks->left == 0) {
        if (marks->text.size - marks->block <= MARKS_BLOCK_SIZE) {
            *at = marks->text.size;
            return 0;
        }
        marks_seek(marks, marks->block + MARKS_BLOCK_SIZE);
    }
    *at = marks->block + (size_t)__builtin_ctzll(marks->left);
    marks->left &= marks->left - 1;
    return marks->text.ptr[*at];
}

#endif
