/* hj212_memo -- rows that were found lately, found again without a search.
 *
 * Source   devices send the same dozen codes in every frame.
 * Shape    name and edition -> what factor_find_in and suffix_find say, whatever was asked before.
 * Memory   the caller's; zero: nothing was found yet. A cell is taken by whatever was found last. Names of more
 *          than eight bytes are searched for each time.
 * Errors   NULL: not in the tables.
 * Threads  one memo, one thread.
 */
#ifndef SCHEMAS_HJ212_MEMO_H
#define SCHEMAS_HJ212_MEMO_H

#include "schemas/hj212.h"

enum { MEMO_BITS = 8, MEMO_CELLS = 1 << MEMO_BITS };

struct memo_cell {
    uint64_t word; /* of the name: slice_word */
    uint32_t size; /* 0: nothing here */
    enum edition edition;
    const void *row;
};

struct hj212_memo {
    struct memo_cell factors[MEMO_CELLS], suffixes[MEMO_CELLS];
};

const struct factor_row *memo_factor(
    struct hj212_memo *memo, struct slice code, enum edition edition);
const struct suffix_row *memo_suffix(
    struct hj212_memo *memo, struct slice name, enum edition edition);

#endif
