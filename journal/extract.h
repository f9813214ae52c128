/* extract -- a stretch of a journal as a journal of its own, with the commits that bind it: the proof that
 * goes with evidence.
 *
 *   came  ....[first .......... last]....        whole batches, so that every digest can be computed again
 *   said  ..C [ said ... C .... said C ]....     C: commits; the one before the first is the link to it
 *
 * Source   docs/journal.md, "Commit payload"; design: "Journal".
 * Shape    one sealed segment a stream, which whatever reads a journal reads; hjhub-verify accepts it: the
 *          first commit is believed, as where retention has taken what was before.
 * Memory   the stretch.
 * Errors   STATUS_ABSENT: no commit covers it (yet); STATUS_CORRUPT: something in it does not check;
 *          STATUS_LIMIT: more than EXTRACT_SIZE_MAX.
 * Threads  any one thread, beside a running hub.
 */
#ifndef JOURNAL_EXTRACT_H
#define JOURNAL_EXTRACT_H

#include "journal/chain.h"

#define EXTRACT_SIZE_MAX (UINT64_C(2) << 30)

struct stretch {
    uint64_t came_first, came_last, said_first, said_last; /* what must be in it */
};

/* The folder is made; it must not be there. *chain: of the extract, as checked when it was written. */
MUST_USE enum status extract_write(
    const char *directory, const struct stretch *stretch, const char *target, struct chain *chain);

#endif
