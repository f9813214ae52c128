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
    struct item_name known = {.kind = is_flag ? ITEM_FLAG : ITEM_READING,
        .lower = field.size > 0 && field.ptr[0] >= 'a' && field.ptr[0] <= 'z',
        .factor_size = (uint32_t)hyphen,
        .row = row,
        .form = hj212_reading_form(factor, row, suffix_find(field, edition))};
    if (is_flag && !known.lower) {
        known.usage = USAGE_LETTER;
    } else if (known.form.kind == VALUE_NUMBER && !known.lower) {
        known.usage = USAGE_NUMBER;
    }
    return known;
}

/* So that it is known again where it stands. */
static void foretell(struct name_cell *cell, struct slice name, enum edition edition)
{
    uint8_t item[NAMES_SIZE_MAX];
    size_t size = name.size + 1;
    cell->edition = (uint8_t)edition;
    cell->item_size = 0;
    if (size >= NAMES_WORD && size <= sizeof item) {
        memcpy(item, name.ptr, name.size);
        item[name.size] = '=';
        cell->item_size = (uint8_t)size;
        cell->front = word_at(item);
        cell->back = word_at(item + size - NAMES_WORD);
    }
}

void names_learn(struct name_cell *cell, struct slice name, enum edition edition)
{
    foretell(cell, name, edition);
    cell->name = item_name_of(name, edition);
}
