#include "schemas/hj212_memo.h"

static struct item_name take_apart(struct slice name, enum edition edition)
{
    size_t hyphen = slice_find(name, 0, '-');
    if (hyphen == name.size) {
        return (struct item_name){.plain = true};
    }
    struct slice field = slice_tail(name, hyphen + 1);
    return (struct item_name){.factor = factor_find_in(slice_head(name, hyphen), edition),
        .suffix = suffix_find(field, edition),
        .factor_size = hyphen,
        .is_flag = slice_is(field, "Flag") || slice_is(field, "flag")};
}

const struct item_name *memo_learn(struct memo_cell *cell, struct slice name, enum edition edition)
{
    cell->size = name.size <= 2 * MEMO_WORD ? (uint32_t)name.size : 0;
    cell->edition = edition;
    cell->name = take_apart(name, edition);
    return &cell->name;
}
