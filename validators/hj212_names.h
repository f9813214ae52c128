/* hj212_memo -- what the tables say of the name of an item of CP, and what they said lately.
 *
 *   a21026-ZsRtd -> the rows of a21026 and of ZsRtd        a21026-Flag, DataTime -> neither has a suffix
 *
 * Source   factors.def, suffixes.def. Devices send the same two dozen names in every frame.
 * Shape    name and edition -> its parts and their rows: those of factor_find_in and suffix_find, whatever was
 *          asked before.
 * Memory   the caller's; zero: nothing was asked yet. What is told lives until the next name is asked for. A cell is
 *          taken by whatever was asked last; names of more than sixteen bytes are taken apart each time.
 * Errors   NULL: not in the tables.
 * Threads  one struct, one thread.
 */
#ifndef SCHEMAS_HJ212_MEMO_H
#define SCHEMAS_HJ212_MEMO_H

#include "schemas/hj212.h"

struct item_name {
    const struct factor_row *factor;
    const struct suffix_row *suffix;
    size_t factor_size; /* in front of the first hyphen; 0 without one */
    bool plain;         /* there is no hyphen */
    bool is_flag;       /* -Flag; -flag too, which is marked elsewhere */
};

enum { MEMO_BITS = 10, MEMO_WORD = sizeof(uint64_t) };

struct hj212_memo {
    struct memo_cell {
        uint64_t first,
            last; /* the name itself, if it has up to sixteen bytes: its first eight, and its last */
        uint32_t size; /* 0: none */
        enum edition edition;
        struct item_name name;
    } cells[1 << MEMO_BITS];
};

/* Take the name apart, look its parts up, and remember them in this cell, whose key has been set. */
const struct item_name *memo_learn(struct memo_cell *cell, struct slice name, enum edition edition);

static inline const struct item_name *memo_find(
    struct hj212_memo *memo, struct slice name, enum edition edition)
{
    uint64_t first = slice_word(name), last = 0;
    if (name.size > MEMO_WORD) {
        last = slice_word(slice_tail(name, name.size - MEMO_WORD));
    }
    /* Odd multipliers, of a golden ratio's bits and of splitmix64, carry what differs to the top. */
    uint64_t mixed = (first * UINT64_C(0x9E3779B97F4A7C15) + last) * UINT64_C(0xBF58476D1CE4E5B9);
    struct memo_cell *cell = &memo->cells[mixed >> (64 - MEMO_BITS)];
    if (cell->first == first && cell->last == last && cell->size == name.size &&
        cell->edition == edition && name.size > 0) {
        return &cell->name;
    }
    cell->first = first;
    cell->last = last;
    return memo_learn(cell, name, edition);
}

#endif
