/* journal_state -- what journal.c, recover.c, mend.c and tidy.c share; private to the room.
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
    bool after_loss;    /* sequence_next does not follow on: the next segment's header says so */
    size_t digest_from; /* offset in the oldest of unsynced, or in current: not yet in a digest */
    uint64_t digest_sequence; /* the first record not yet in a digest */
    _Atomic uint64_t appended, committed;
};

struct journal {
    char *directory;
    int folder;                     /* locked while the journal is open */
    char area[AREA_DIGITS_MAX + 1]; /* empty: none */
    struct journal_options options; /* its strings are those of here */
    size_t prepared_want;           /* segments that make up the reserve, each stream */
    struct stream_state streams[STREAM_COUNT];
    uint8_t digest[JOURNAL_DIGEST_SIZE];
    bool failed; /* a sync failed: final */
    bool whole;  /* the reserve is whole */
};

/* Make the reserve whole; STATUS_FULL when the disk has no room for it. Hub's thread. */
MUST_USE enum status journal_prepare(struct journal *journal);

/* recover.c: find the ends of both streams, zero what is broken, set the next sequences. */
MUST_USE enum status journal_recover(struct journal *journal, struct journal_recovery *found);

/* journal.c: let go of the oldest of unsynced, which stays mapped when it is kept by the caller. */
void unsynced_drop(struct stream_state *state, size_t count);

/* --- mend.c: what recovery does to files --- */

/* Behind the last byte that is not zero; and the valid records from there on, wherever they begin. */
size_t mend_used_end(const struct segment *segment, size_t from);
uint64_t mend_count(const struct segment *segment, size_t from);

/* Zero a segment from there on; with `keep`, only after a copy of it is safe beside it. */
MUST_USE enum status mend_zero(struct journal *journal, const struct stream_state *state,
    struct segment *segment, size_t from, bool keep);

/* The segment's file gets another name, or goes. */
MUST_USE enum status mend_set_aside(
    struct journal *journal, const struct stream_state *state, uint32_t number);
MUST_USE enum status mend_remove(
    struct journal *journal, const struct stream_state *state, uint32_t number);

/* A segment of zeros becomes part of the reserve, or goes. */
MUST_USE enum status mend_adopt(
    struct journal *journal, struct stream_state *state, struct segment *segment);

#endif
