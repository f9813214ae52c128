/* nearest -- of the words that are known, the one that somebody may have meant.
 *
 * Shape    words are offered one by one; kept is the nearest within two letters (left out, put in, changed;
 *          one for short words).
 * Memory   slices borrow.
 * Errors   none: an empty word when nothing is near.
 * Threads  pure.
 */
#ifndef CORE_NEAREST_H
#define CORE_NEAREST_H

#include "core/slice.h"

struct nearest {
    struct slice meant; /* as it was written */
    struct slice word;  /* the nearest so far */
    size_t distance;
};

struct nearest nearest_begin(struct slice meant);
void nearest_offer(struct nearest *nearest, struct slice word);

#endif
