/* table -- find the number that belongs to a key of bytes.
 *
 * Shape    key -> uint32_t; filled once (table_add), then only asked (table_find).
 * Memory   cells come from the caller's arena, at most half full; keys are borrowed.
 * Errors   TABLE_NONE: no such key. table_add of a known key changes nothing and returns its number.
 * Threads  asking is pure.
 * Limits   the hash is not keyed: only for keys that our own registry and rules name.
 */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include "core/arena.h"
#include "core/slice.h"

#define TABLE_NONE UINT32_MAX

struct table_cell {
    struct slice key;
    uint32_t hash;
    uint32_t value; /* TABLE_NONE: empty */
};

struct table {
    struct table_cell *cells;
    size_t mask; /* cell count - 1; a power of two */
};

struct table table_new(struct arena *arena, size_t key_count);
uint32_t table_add(struct table *table, struct slice key, uint32_t value);
uint32_t table_find(const struct table *table, struct slice key);

#endif
