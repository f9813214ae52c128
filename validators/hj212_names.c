#include "validators/hj212_names.h"

struct item_name item_name_of(struct slice name, enum edition edition)
{
    size_t hyphen = slice_find(name, 0, '-');
    if (hyphen == name.size) {
        return (struct item_name){.kind = ITEM_PLAIN};
    }
    struct slice factor = slice_head(name, hyphen), field = slice_tail(name, hyphen + 1);
    const struct factor_row *row = factor_find_in(factor, edition);
    bool is_flag = slice_is(field, "Flag") || slice_is(field, "flag"); /* which is marked, too */
    return (struct item_name){.kind = is_flag ? ITEM_FLAG : ITEM_READING,
        .lower = field.size > 0 && field.ptr[0] >= 'a' && field.ptr[0] <= 'z',
        .factor_size = hyphen,
        .row = row,
        .form = hj212_reading_form(factor, row, suffix_find(field, edition))};
}

const struct item_name *names_learn(struct name_cell *cell, struct slice name, enum edition edition)
{
    cell->name = item_name_of(name, edition);
    return &cell->name;
}
