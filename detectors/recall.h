/* recall -- the values that came late, newest first, as long as there is room for them.
 *
 *   how many came so far | the one asked for last | of each signal its newest | a ring of values, each with the one before
 *
 * Source   house: of two devices of one linkage that back-fill one after the other, the second needs what the first
 *          told of that time.
 * Shape    values in; out: the newest of a signal at or before an instant, by the order in which they came.
 * Units    event time.
 * Memory   the caller's block of recall_size bytes, 8-aligned; zeroed = nothing came. The oldest gives way.
 * Errors   none: what has given way is not known.
 * Threads  one thread.
 */
#ifndef DETECTORS_RECALL_H
#define DETECTORS_RECALL_H

#include "detectors/program_state.h"

void recall_keep(void *recall, uint32_t signals, const struct sample *sample);

/* Valid until the next call; NULL: none is known. */
const struct signal_state *recall_at(
    void *recall, uint32_t signals, uint32_t signal, int64_t at_ms, int64_t fresh_ms);

#endif
