/* hj212_names -- what the tables say of the name of an item of CP, and what they said lately.
 *
 *   a21026-ZsRtd -> its parts, and what a value must be of a21026 and of ZsRtd        a21026-Flag, DataTime -> no reading
 *
 * Source   factors.def, suffixes.def. Devices send the same two dozen names in every frame.
 * Shape    name and edition -> what item_name_of would say, whatever was asked before.
 * Memory   the caller's; zero: nothing was asked yet. What is told lives until the next name is asked for. A cell is
 *          taken by whatever was asked last; names of more than sixteen bytes are taken apart each time.
 * Errors   none: what the tables do not know has its broken rule in the form of the reading.
 * Threads  one struct, one thread.
 */
#ifndef VALIDATORS_HJ212_NAMES_H
#define VALIDATORS_HJ212_NAMES_H

#include "validators/hj212_reading.h"

enum item_kind { ITEM_PLAIN, ITEM_FLAG, ITEM_READING };

struct item_name {
    enum item_kind kind;          /* plain: there is no hyphen */
    bool lower;                   /* the field does not begin upper case, as the standard's do */
    size_t factor_size;           /* in front of the first hyphen; 0 without one */
    const struct factor_row *row; /* of the factor; NULL: not in the tables */
    struct reading_form form;     /* of a reading */
};

enum { NAMES_BITS = 10, NAMES_WORD = sizeof(uint64_t) };

#define NAMES_NO_KEY UINT32_MAX

struct hj212_names {
    struct name_cell {
        uint64_t first,
            last; /* the name itself, if it has up to sixteen bytes: its first eight, and its last */
        uint32_t key; /* its size, and the edition */
        struct item_name name;
    } cells[1 << NAMES_BITS];
};

/* What tells it from others with the same two words; NAMES_NO_KEY: nothing does, it is too long. */
static inline uint32_t names_key(struct slice name, enum edition edition)
{
    bool told = name.size <= 2 * NAMES_WORD;
    return told ? (uint32_t)name.size * EDITION_COUNT + edition : NAMES_NO_KEY;
}

struct item_name item_name_of(struct slice name, enum edition edition);

/* Ask the tables, and remember in this cell, whose key has been set. */
const struct item_name *names_learn(
    struct name_cell *cell, struct slice name, enum edition edition);

static inline const struct item_name *names_find(
    struct hj212_names *names, struct slice name, enum edition edition)
{
    uint64_t first = slice_word(name), last = 0;
    if (name.size > NAMES_WORD) {
        last = slice_word(slice_tail(name, name.size - NAMES_WORD));
    }
    /* Odd multipliers, of a golden ratio's bits and of splitmix64, carry what differs to the top. */
    uint64_t mixed = (first * UINT64_C(0x9E3779B97F4A7C15) + last) * UINT64_C(0xBF58476D1CE4E5B9);
    struct name_cell *cell = &names->cells[mixed >> (64 - NAMES_BITS)];
    uint32_t key = names_key(name, edition);
    if (cell->first == first && cell->last == last && cell->key == key && key != NAMES_NO_KEY) {
        return &cell->name;
    }
    cell->first = first;
    cell->last = last;
    cell->key = key;
    return names_learn(cell, name, edition);
}

#endif
