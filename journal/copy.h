/* copy -- the committed part of one journal's folder into another: backup and restore.
 *
 *   live journal --copy_backup--> folder --copy_restore--> empty folder, from which a hub starts
 *
 * Source   issue 3, point 3; docs/operators.md, "Back up and restore".
 * Shape    a copy is a journal itself: sealed segments up to a commit, and the newest checkpoint that
 *          covers no more. Whatever reads a journal reads a backup. A backup into a folder that holds
 *          an earlier one of the same journal copies only what is new; nothing in it is removed.
 * Memory   one segment, its packed form, and the checkpoint.
 * Errors   STATUS_REFUSED: the target holds something else, `reason` says what; STATUS_CORRUPT: a
 *          record, segment or commit does not check, here or there; STATUS_FULL: no room; STATUS_ABSENT:
 *          there is no commit to copy.
 * Threads  any one thread, beside a running hub: a reader takes no lock.
 */
#ifndef JOURNAL_COPY_H
#define JOURNAL_COPY_H

#include "journal/chain.h"

struct copy_result {
    struct chain chain; /* of the copy, as checked */
    size_t segments;    /* that were written */
    bool checkpoint;    /* one was there to copy */
    const char *reason; /* of STATUS_REFUSED */
};

MUST_USE enum status copy_backup(
    const char *directory, const char *target, struct copy_result *result);

/* The target appears whole or not at all: it is made beside its place and renamed. */
MUST_USE enum status copy_restore(
    const char *backup, const char *directory, struct copy_result *result);

#endif
