/* timers -- for each of N numbered things at most one instant, and which comes first.
 *
 * Shape    an indexed binary heap of blocks of numbers in flat memory without pointers, so that it can be part of a
 *          checkpoint. Ties go to the smaller number: the order is defined.
 * Units    ms of whatever clock the caller keeps; one clock a heap.
 * Memory   the caller's block of timers_size(count) bytes, 8-aligned; zeroed = no timer set.
 * Errors   none.
 * Threads  pure.
 */
#ifndef CORE_TIMERS_H
#define CORE_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMER_NEVER INT64_MAX

size_t timers_size(uint32_t count);
void timers_set(void *timers, uint32_t count, uint32_t which, int64_t due_ms); /* NEVER: unset */

/* The first due at or before now_ms, taken out of the heap; false when there is none. */
bool timers_take(void *timers, uint32_t count, int64_t now_ms, uint32_t *which, int64_t *due_ms);

int64_t timers_of(void *timers, uint32_t count, uint32_t which); /* TIMER_NEVER: it is not set */
/* Nothing is due before; it may be that nothing is due then. TIMER_NEVER: nothing is set. */
int64_t timers_next(const void *timers, uint32_t count);

void timers_fetch(const void *timers, uint32_t which); /* soon it will be set */

#endif
