/* recent -- has this been seen lately? The fingerprints of the last RECENT_KEPT things.
 *
 * Shape    a ring in flat state; zeroed = nothing seen.
 * Memory   the caller's struct; nothing allocated.
 * Errors   none; after RECENT_KEPT others a thing is forgotten.
 * Threads  one thread.
 */
#ifndef CORE_RECENT_H
#define CORE_RECENT_H

#include "core/slice.h"

enum { RECENT_KEPT = 4096 };

struct recent {
    uint64_t next;
    uint64_t marks[RECENT_KEPT];
};

/* Whether this user has sent this id before; remembered from now on. */
bool recent_seen(struct recent *recent, struct slice by, struct slice id);

#endif
