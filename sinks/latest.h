/* latest -- the newest words under each name, until they are taken; and all of them again on demand.
 *
 * Shape    put from one side, taken from the other. Words under the same name that were not taken yet
 *          are replaced: however slow the taker is, memory is one set of words a name.
 * Units    newness is the event time that comes with the words; older words change nothing.
 * Memory   copies what is put; what is taken is copied into the caller's arena.
 * Errors   none.
 * Threads  any thread; a lock is held for a copy, never over a wait.
 */
#ifndef SINKS_LATEST_H
#define SINKS_LATEST_H

#include "core/arena.h"

struct latest;

struct latest *latest_new(void);
void latest_free(struct latest *latest);

struct latest_words {
    struct slice name; /* what replaces what */
    struct slice key;  /* a part of the name or not: handed on */
    int64_t event_ms;
    uint64_t said; /* not to be taken before the said record of this sequence is committed */
    const struct slice *words;
    size_t count;
};

void latest_put(struct latest *latest, const struct latest_words *words);

/* Up to `room` of those that changed, in the order in which they did; how many. */
size_t latest_take(struct latest *latest, uint64_t committed, struct arena *arena,
    struct latest_words *taken, size_t room);

/* All count as changed again: whoever took them has lost them. */
void latest_again(struct latest *latest);

#endif
