/* marks -- where the few bytes stand that a grammar is made of: sixty-four bytes are looked at at a time.
 *
 * Shape    a text and four bytes -> their places in it, in order; the bytes between are never touched.
 * Memory   borrows the text. Reads nothing behind its end.
 * Errors   none: text.size when there is none left.
 * Threads  pure; the walk goes in and out by the caller's struct.
 */
#ifndef CORE_MARKS_H
#define CORE_MARKS_H

#include "core/slice.h"

enum { MARK_COUNT = 4, MARKS_BLOCK_SIZE = 64 };

struct marks {
    struct slice text;
    const char *bytes; /* MARK_COUNT of them */
    size_t block;      /* where the sixty-four begin that are looked at */
    uint64_t left;     /* bit i: one stands at block + i, and has not been told yet */
};

/* Bit i: byte i of these is one of the four. */
uint64_t marks_block(
    const uint8_t block[static MARKS_BLOCK_SIZE], const char bytes[static MARK_COUNT]);

/* From `at` on. */
void marks_seek(struct marks *marks, size_t at);

static inline struct marks marks_begin(struct slice text, const char bytes[static MARK_COUNT])
{
    struct marks marks = {.text = text, .bytes = bytes};
    marks_seek(&marks, 0);
    return marks;
}

/* The place of the next one; text.size when there is none. */
static inline size_t marks_next(struct marks *marks)
{
    while (marks->left == 0) {
        if (marks->text.size - marks->block <= MARKS_BLOCK_SIZE) {
            return marks->text.size;
        }
        marks_seek(marks, marks->block + MARKS_BLOCK_SIZE);
    }
    size_t at = marks->block + (size_t)__builtin_ctzll(marks->left);
    marks->left &= marks->left - 1;
    return at;
}

#endif
