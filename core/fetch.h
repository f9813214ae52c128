/* fetch -- ask the memory for what will be read soon, so that it comes while something else is done.
 *
 * Shape    a stretch of bytes -> each of its lines of the cache, on its way to the second level.
 * Memory   none; nothing is read: what is not there, or not one's own, is no fault.
 * Errors   none.
 * Threads  pure.
 */
#ifndef CORE_FETCH_H
#define CORE_FETCH_H

#include <stddef.h>
#include <stdint.h>

enum { LINE_SIZE = 64 };

static inline void fetch(const void *at, size_t size)
{
    const uintptr_t end = (uintptr_t)at + size;
    for (uintptr_t line = (uintptr_t)at & ~(uintptr_t)(LINE_SIZE - 1); line < end;
         line += LINE_SIZE) {
        __builtin_prefetch((const void *)line, 0, 2);
    }
}

#endif
