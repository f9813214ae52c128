/* journal_copy -- hjhub journal backup and restore: copy, check, say what was done.
 *
 * Source   house: the `journal` contract of hjhub(1); journal/copy.h does it.
 * Errors   exit status: 0 done and checked, 1 something in the journal or the copy does not check, 2 it
 *          could not be done; what and what to do on standard error.
 * Threads  one thread.
 */
#ifndef CLI_JOURNAL_COPY_H
#define CLI_JOURNAL_COPY_H

#include <stdbool.h>

int journal_backup(const char *directory, const char *target, bool json);
int journal_restore(const char *directory, const char *backup, bool json);

#endif
