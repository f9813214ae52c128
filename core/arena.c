#include "core/arena.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 64 * 1024, ALIGNMENT = 16 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t used_size;
    size_t capacity;
    size_t padding; /* keeps `bytes` aligned */
    uint8_t bytes[];
};

static struct arena_chunk *chunk_new(size_t capacity)
{
    struct arena_chunk *chunk = calloc(1, sizeof *chunk + capacity);
    if (chunk == NULL) {
        fputs("event=out-of-memory\n", stderr);
        abort();
    }
    chunk->capacity = capacity;
    return chunk;
}

void *arena_take(struct arena *arena, size_t count, size_t size)
{
    size_t wanted;
    if (__builtin_mul_overflow(count, size, &wanted) || wanted > SIZE_MAX - CHUNK_SIZE) {
        fputs("event=out-of-memory reason=size-overflow\n", stderr);
        abort();
    }
    wanted = (wanted + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct arena_chunk *chunk = arena->newest;
    if (chunk == NULL || chunk->capacity - chunk->used_size < wanted) {
        chunk = chunk_new(wanted > CHUNK_SIZE ? wanted : CHUNK_SIZE);
        chunk->older = arena->newest;
        arena->newest = chunk;
    }
    void *block = chunk->bytes + chunk->used_size;
    chunk->used_size += wanted;
    return block;
}

struct slice arena_copy(struct arena *arena, struct slice bytes)
{
    uint8_t *copy = arena_take(arena, bytes.size + 1, 1);
    if (bytes.size > 0) {
        memcpy(copy, bytes.ptr, bytes.size);
    }
    return slice_from(copy, bytes.size);
}

void arena_free(struct arena *arena)
{
    while (arena->newest != NULL) {
        struct arena_chunk *older = arena->newest->older;
        free(arena->newest);
        arena->newest = older;
    }
}
