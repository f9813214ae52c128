/* checkpoint -- the hub's state at one record, so that a restart replays little.
 *
 * Source   design: "Journal" (checkpoints); docs/journal.md, "Checkpoint files".
 * Shape    <directory>/checkpoint-<came sequence>.hjc: version, what it covers, named sections of
 *          bytes, a SHA-256 over all of it. Written to a temporary name, synced, renamed, folder
 *          synced; the two newest are kept.
 * Memory   checkpoint_read allocates one block; checkpoint_free.
 * Errors   a file that does not check is skipped, the one before it is taken; STATUS_ABSENT: none.
 * Threads  any one thread.
 */
#ifndef JOURNAL_CHECKPOINT_H
#define JOURNAL_CHECKPOINT_H

#include "core/status.h"
#include "schemas/record.h"

enum { CHECKPOINT_VERSION = 1, CHECKPOINT_SECTIONS_MAX = 16, CHECKPOINT_NAME_SIZE = 16 };

struct checkpoint_section {
    char name[CHECKPOINT_NAME_SIZE]; /* NUL-padded */
    struct slice bytes;
};

struct checkpoint {
    uint32_t version;
    uint64_t came_sequence; /* the state is that after this record */
    uint64_t said_sequence; /* and what it said is complete up to here */
    size_t section_count;
    struct checkpoint_section sections[CHECKPOINT_SECTIONS_MAX];
    void *block; /* owned; the sections borrow from it */
};

MUST_USE enum status checkpoint_write(const char *directory, const struct checkpoint *checkpoint);

/* The newest that checks and covers no more than what the journal holds. */
MUST_USE enum status checkpoint_read(const char *directory, uint64_t came_highest,
    uint64_t said_highest, struct checkpoint *checkpoint);
void checkpoint_free(struct checkpoint *checkpoint);

struct slice checkpoint_section(const struct checkpoint *checkpoint, const char *name);

#endif
