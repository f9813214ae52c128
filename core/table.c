#include "core/table.h"

#include <assert.h>

#include "core/hash.h"

struct table table_new(struct arena *arena, size_t key_count)
{
    size_t count = 8;
    while (count < key_count * 2) {
        count *= 2;
    }
    struct table table = {arena_take(arena, count, sizeof(struct table_cell)), count - 1};
    for (size_t i = 0; i < count; i++) {
        table.cells[i].value = TABLE_NONE;
    }
    return table;
}

static struct table_cell *cell_of(const struct table *table, struct slice key, uint32_t hash)
{
    size_t at = hash & table->mask;
    for (size_t i = 0; i <= table->mask; i++) {
        struct table_cell *cell = &table->cells[at];
        if (cell->value == TABLE_NONE || (cell->hash == hash && slice_equal(cell->key, key))) {
            return cell;
        }
        at = (at + 1) & table->mask;
    }
    assert(!"a table is at most half full");
    return NULL;
}

uint32_t table_add(struct table *table, struct slice key, uint32_t value)
{
    uint32_t hash = (uint32_t)hash64(key);
    struct table_cell *cell = cell_of(table, key, hash);
    assert(value != TABLE_NONE);
    if (cell->value == TABLE_NONE) {
        *cell = (struct table_cell){key, hash, value};
    }
    return cell->value;
}

uint32_t table_find(const struct table *table, struct slice key)
{
    if (table->cells == NULL) {
        return TABLE_NONE;
    }
    return cell_of(table, key, (uint32_t)hash64(key))->value;
}
