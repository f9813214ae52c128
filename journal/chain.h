/* chain -- does every commit of a journal's folder fit what it covers?
 *
 * Source   docs/journal.md, "Commit payload".
 * Shape    the records of both streams, once, in order -> the last commit that fits, or the first that
 *          does not. Works on a live journal: what its newest commit does not cover is not looked at.
 * Memory   readers only; what they hold is a segment each.
 * Errors   STATUS_CORRUPT: a record, a segment or a commit that does not check; STATUS_ABSENT: no commit.
 * Threads  any one thread.
 * Limits   where retention has taken the oldest records, the first commit is believed: it is the anchor
 *          of those behind it. hjhub-verify is the judge that shares no code with the writer.
 */
#ifndef JOURNAL_CHAIN_H
#define JOURNAL_CHAIN_H

#include "journal/format.h"

struct chain {
    uint64_t commit;    /* said sequence of the last commit that fits; 0: none */
    uint64_t came_last; /* that it covers */
    uint64_t commits;   /* that were checked */
    uint64_t fault;     /* said sequence of the first that does not fit; 0: none */
    uint8_t digest[JOURNAL_DIGEST_SIZE];
};

/* From behind the commit at this said sequence on; 0: from the beginning. */
MUST_USE enum status chain_check(const char *directory, uint64_t from, struct chain *chain);

/* The newest commit there is, and nothing of it checked but its record. */
MUST_USE enum status chain_end(const char *directory, struct chain *chain);

/* The commit at this said sequence; STATUS_ABSENT: there is none. */
MUST_USE enum status chain_commit_at(const char *directory, uint64_t sequence, struct chain *chain);

#endif
