/* no_malloc -- counts what our own objects ask for while they must not; linked with --wrap of malloc, calloc
 * and realloc. */
#ifndef TESTS_UNIT_NO_MALLOC_H
#define TESTS_UNIT_NO_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

static bool forbidden;
static unsigned allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations += forbidden ? 1 : 0;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations += forbidden ? 1 : 0;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    allocations += forbidden ? 1 : 0;
    return __real_realloc(block, size);
}

#endif
