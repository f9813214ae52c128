/* pages -- large memory, told apart by how it will be touched: all of it, or a little here and there.
 *
 * Source   house: a message touches some hundred lines all over the state of a large county; with pages of 2 MiB their
 *          addresses are known to the processor, with pages of 4 KiB hardly one is. Of memory that is mostly never
 *          touched a large page would make all resident.
 * Shape    a stretch of any memory of the caller's -> advice to the kernel about the whole pages in it.
 * Memory   none; what the stretch holds stays as it is.
 * Errors   none: a kernel that gives no large pages is only slower.
 * Threads  any.
 */
#ifndef CORE_PAGES_H
#define CORE_PAGES_H

#include <stddef.h>

void pages_dense(
    void *at, size_t size); /* all of it will be touched: large pages, where they fit */
void pages_sparse(void *at, size_t size); /* little of it will be: never large pages */

#endif
