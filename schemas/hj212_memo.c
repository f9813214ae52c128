#include "schemas/hj212_memo.h"

/* Where the row of this name would be remembered; *found: it is. Under this multiplier (of splitmix64) no two
 * suffixes want the same cell. */
static struct memo_cell *cell_of(
    struct memo_cell *cells, struct slice name, enum edition edition, bool *found)
{
    uint64_t word = slice_word(name);
    struct memo_cell *cell = &cells[word * UINT64_C(0xBF58476D1CE4E5B9) >> (64 - MEMO_BITS)];
    *found = cell->word == word && cell->size == name.size && cell->edition == edition &&
             name.size <= sizeof word;
    if (!*found) {
        *cell = (struct memo_cell){word, (uint32_t)name.size, edition, NULL};
    }
    return cell;
}

const struct factor_row *memo_factor(
    struct hj212_memo *memo, struct slice code, enum edition edition)
{
    bool found;
    struct memo_cell *cell = cell_of(memo->factors, code, edition, &found);
    if (!found) {
        cell->row = factor_find_in(code, edition);
    }
    return cell->row;
}

const struct suffix_row *memo_suffix(
    struct hj212_memo *memo, struct slice name, enum edition edition)
{
    bool found;
    struct memo_cell *cell = cell_of(memo->suffixes, name, edition, &found);
    if (!found) {
        cell->row = suffix_find(name, edition);
    }
    return cell->row;
}
