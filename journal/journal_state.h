/* journal_state -- what journal.c, recover.c and tidy.c share; private to the room.
 *
 * Threads  `lock` guards the stream's current and prepared segments; everything else belongs to the
 *          hub's thread.
 */
#ifndef JOURNAL_JOURNAL_STATE_H
#define JOURNAL_JOURNAL_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "journal/segment.h"

enum { PREPARED_MAX = 16, UNSYNCED_MAX = 32 };

struct stream_state {
    enum stream stream;
    pthread_mutex_t lock;
    struct segment current; /* bytes NULL: none yet */
    size_t used_size;       /* of current, header included */
    struct segment prepared[PREPARED_MAX];
    size_t prepared_count;
    struct segment unsynced[UNSYNCED_MAX]; /* left behind full since the last commit */
    size_t unsynced_used[UNSYNCED_MAX];    /* where their records end */
    size_t unsynced_count;
    uint32_t number_next; /* of the next file to be made */
    uint64_t sequence_next;
    size_t digest_from; /* offset in the oldest of unsynced, or in current: not yet in a digest */
    uint64_t digest_sequence; /* the first record not yet in a digest */
    _Atomic uint64_t appended, committed;
};

struct journal {
    char *directory;
    struct journal_options options;
    size_t prepared_want; /* segments that make up the reserve, each stream */
    struct stream_state streams[STREAM_COUNT];
    uint8_t digest[JOURNAL_DIGEST_SIZE];
    bool failed; /* a sync failed: final */
    bool whole;  /* the reserve is whole */
};

/* Make the reserve whole; STATUS_FULL when the disk has no room for it. Hub's thread. */
MUST_USE enum status journal_prepare(struct journal *journal);

/* recover.c: find the ends of both streams, zero what is broken, set the next sequences. */
MUST_USE enum status journal_recover(struct journal *journal, struct journal_recovery *found);

#endif
