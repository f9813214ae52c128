/* hj212_names -- what the tables say of the name of an item of CP, and what they said lately.
 *
 *   a21026-ZsRtd -> its parts, and what a value must be of a21026 and of ZsRtd        a21026-Flag, DataTime -> no reading
 *
 * Source   factors.def, suffixes.def. Devices send the same two dozen names in every frame, and behind a name mostly the
 *          same as the last time, whoever sent that: so each name foretells the next.
 * Shape    name and edition -> what item_name_of would say, whatever was asked before. Of each item of a CP in order either
 *          names_next tells the name, if name_stands, or names_find.
 * Memory   the caller's; zero: nothing was asked yet. What is told lives until the next name is asked for. A cell is
 *          taken by whatever was asked last; names of more than sixteen bytes are taken apart each time.
 * Errors   none: what the tables do not know has its broken rule in the form of the reading.
 * Threads  one struct, one thread.
 */
#ifndef VALIDATORS_HJ212_NAMES_H
#define VALIDATORS_HJ212_NAMES_H

#include "validators/hj212_reading.h"

enum item_kind { ITEM_PLAIN, ITEM_FLAG, ITEM_READING };

/* What values of a name mostly are. */
enum item_usage { USAGE_ANY, USAGE_LETTER, USAGE_NUMBER };

struct item_name {
    struct reading_form form;     /* of a reading */
    const struct factor_row *row; /* of the factor; NULL: not in the tables */
    uint32_t factor_size;         /* in front of the first hyphen; 0 without one */
    enum item_kind kind;          /* plain: there is no hyphen */
    enum item_usage usage;        /* any, too, where the name itself is to be marked */
    bool lower;                   /* the field does not begin upper case, as the standard's do */
};

enum { NAMES_BITS = 10, NAMES_WORD = sizeof(uint64_t), NAMES_SIZE_MAX = 2 * NAMES_WORD };

#define NAMES_NO_KEY UINT32_MAX

struct name_cell {
    uint64_t first,
        last;      /* the name itself, of up to sixteen bytes: its first eight, and its last */
    uint32_t key;  /* its size, and the edition */
    uint16_t next; /* the cell of the name that came behind it, the last time */
    uint8_t edition;
    uint8_t item_size;    /* with its =, where that makes eight to sixteen bytes; else 0 */
    uint64_t front, back; /* of these bytes the first eight, and the last eight */
    struct item_name name;
};

static_assert(sizeof(struct name_cell) <= 128, "two lines of the cache, and found by a shift");

struct hj212_names {
    struct name_cell cells[1 << NAMES_BITS];
    struct name_cell beginning; /* stands for what is in front of the first name of a CP */
};

/* What tells it from others with the same two words; NAMES_NO_KEY: nothing does, it is too long. */
static inline uint32_t names_key(struct slice name, enum edition edition)
{
    bool told = name.size <= NAMES_SIZE_MAX;
    return told ? (uint32_t)name.size * EDITION_COUNT + edition : NAMES_NO_KEY;
}

struct item_name item_name_of(struct slice name, enum edition edition);

/* Ask the tables, and remember in this cell, whose key has been set. */
void names_learn(struct name_cell *cell, struct slice name, enum edition edition);

/* The cell of the name that is foretold by the one before it. */
static inline struct name_cell *names_next(
    struct hj212_names *names, const struct name_cell *before)
{
    return &names->cells[before->next];
}

/* Does this name stand at the front of so many bytes, with its =? */
static inline bool name_stands(
    const struct name_cell *cell, const uint8_t bytes[static NAMES_SIZE_MAX], enum edition edition)
{
    return cell->item_size != 0 && cell->edition == edition && word_at(bytes) == cell->front &&
           word_at(bytes + cell->item_size - NAMES_WORD) == cell->back;
}

/* The cell of this name, which stands behind that one. */
static inline struct name_cell *names_find(
    struct hj212_names *names, struct name_cell *before, struct slice name, enum edition edition)
{
    uint64_t first = slice_word(name), last = 0;
    if (name.size > NAMES_WORD) {
        last = slice_word(slice_tail(name, name.size - NAMES_WORD));
    }
    /* Odd multipliers, of a golden ratio's bits and of splitmix64, carry what differs to the top. */
    uint64_t mixed = (first * UINT64_C(0x9E3779B97F4A7C15) + last) * UINT64_C(0xBF58476D1CE4E5B9);
    uint16_t index = (uint16_t)(mixed >> (64 - NAMES_BITS));
    struct name_cell *cell = &names->cells[index];
    uint32_t key = names_key(name, edition);
    before->next = index;
    if (cell->first != first || cell->last != last || cell->key != key || key == NAMES_NO_KEY) {
        cell->first = first;
        cell->last = last;
        cell->key = key;
        names_learn(cell, name, edition);
    }
    return cell;
}

#endif
