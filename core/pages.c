#include "core/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LARGE_SIZE = 2 * 1024 * 1024 }; /* in what is smaller no large page fits */

static void advise(void *at, size_t size, int advice)
{
    if (size < LARGE_SIZE) {
        return;
    }
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t first = ((uintptr_t)at + page - 1) & ~(page - 1);
    const uintptr_t end = ((uintptr_t)at + size) & ~(page - 1);
    int ignored = madvise((void *)first, end - first, advice);
    (void)ignored;
}

void pages_dense(void *at, size_t size)
{
    advise(at, size, MADV_HUGEPAGE);
}

void pages_sparse(void *at, size_t size)
{
    advise(at, size, MADV_NOHUGEPAGE);
}
