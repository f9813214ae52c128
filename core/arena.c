#include "core/arena.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pages.h"

enum { CHUNK_SIZE = 64 * 1024, CHUNK_SIZE_MAX = 16 * 1024 * 1024, ALIGNMENT = 16 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t used_size;
    size_t capacity;
    size_t padding; /* keeps `bytes` aligned */
    uint8_t bytes[];
};

_Noreturn static void die(const char *why)
{
    fprintf(stderr, "event=out-of-memory%s\n", why);
    abort();
}

static struct arena_chunk *chunk_new(struct arena *arena, size_t capacity)
{
    struct arena_chunk *chunk = calloc(1, sizeof *chunk + capacity);
    if (chunk == NULL) {
        die("");
    }
    chunk->capacity = capacity;
    arena->size += capacity;
    pages_dense(chunk, sizeof *chunk + capacity);
    return chunk;
}

/* What is large has a chunk of its own, behind the one that is being filled. */
static void *take_alone(struct arena *arena, size_t wanted)
{
    struct arena_chunk *chunk = chunk_new(arena, wanted);
    struct arena_chunk **link = arena->newest == NULL ? &arena->newest : &arena->newest->older;
    chunk->used_size = wanted;
    chunk->older = *link;
    *link = chunk;
    return chunk->bytes;
}

/* Chunks grow with the arena: in a large one they have room for large pages. */
static size_t chunk_size(const struct arena *arena)
{
    const size_t share = arena->size / 8;
    return share < CHUNK_SIZE ? CHUNK_SIZE : share > CHUNK_SIZE_MAX ? CHUNK_SIZE_MAX : share;
}

/* Of so many, aligned. */
static size_t bytes_of(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - CHUNK_SIZE) {
        die(" reason=size-overflow");
    }
    return (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

void *arena_take(struct arena *arena, size_t count, size_t size)
{
    const size_t wanted = bytes_of(count, size);
    struct arena_chunk *chunk = arena->newest;
    if (wanted > CHUNK_SIZE) {
        return take_alone(arena, wanted);
    }
    if (chunk == NULL || chunk->capacity - chunk->used_size < wanted) {
        chunk = chunk_new(arena, chunk_size(arena));
        chunk->older = arena->newest;
        arena->newest = chunk;
    }
    void *block = chunk->bytes + chunk->used_size;
    chunk->used_size += wanted;
    return block;
}

/* The link that leads to the chunk in which this block is alone. */
static struct arena_chunk **link_to(struct arena *arena, const void *block)
{
    struct arena_chunk **link = &arena->newest;
    while ((*link)->bytes != block) {
        link = &(*link)->older;
    }
    return link;
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t new_count, size_t size)
{
    assert(new_count >= count);
    if (bytes_of(count, size) <= CHUNK_SIZE) {
        void *made = arena_take(arena, new_count, size);
        return count == 0 ? made : memcpy(made, array, count * size);
    }
    struct arena_chunk **link = link_to(arena, array);
    const size_t wanted = bytes_of(new_count, size);
    struct arena_chunk *chunk = realloc(*link, sizeof *chunk + wanted);
    if (chunk == NULL) {
        die("");
    }
    arena->size += wanted - chunk->capacity;
    chunk->capacity = wanted;
    chunk->used_size = wanted;
    pages_dense(chunk, sizeof *chunk + wanted);
    *link = chunk;
    return chunk->bytes;
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
    arena->size = 0;
}
