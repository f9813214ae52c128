/* arena -- memory that is taken in one direction and given back all at once.
 *
 * Shape    blocks, each aligned for anything, zeroed.
 * Memory   grows by chunks from malloc; arena_free gives all of it back. For loading and compiling,
 *          never inside `step`.
 * Errors   none: a machine without memory ends the process, saying so.
 * Threads  one arena, one thread.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include "core/slice.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *newest; /* NULL: empty; the zero arena is ready for use */
    size_t size;                /* of all chunks */
};

void *arena_take(struct arena *arena, size_t count, size_t size);
/* The array with room for more; what is new in it is not zeroed. A large one leaves nothing behind. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t new_count, size_t size);
struct slice arena_copy(struct arena *arena, struct slice bytes); /* plus a NUL behind it */
void arena_free(struct arena *arena);

#endif
