/* find -- where in a journal something stands, without reading it from the beginning.
 *
 * Source   docs/journal.md: sequences rise, and segments are named by number.
 * Shape    a folder, a stream and what is sought -> a sequence. Segments are looked at from the back, and
 *          of each only what is needed.
 * Memory   a reader's segment at a time.
 * Errors   STATUS_ABSENT: there is none; STATUS_CORRUPT: a record or a segment that does not check.
 * Threads  any one thread, beside a running hub.
 */
#ifndef JOURNAL_FIND_H
#define JOURNAL_FIND_H

#include "journal/journal.h"

/* The beginning of the last segment that begins no later than both: reading from there on meets all that
 * is of this instant or later, up to `before` at least. The oldest there is, if all begin later. */
MUST_USE enum status find_since(const char *directory, enum stream stream, uint64_t before,
    struct event_time since, uint64_t *sequence);

/* A reader that begins there. */
MUST_USE enum status find_reader(const char *directory, enum stream stream, uint64_t before,
    struct event_time since, struct journal_reader **reader);

/* The last record of this kind at or before `before`. */
MUST_USE enum status find_last(const char *directory, enum stream stream, enum record_kind kind,
    uint64_t before, uint64_t *sequence);

/* One record, which borrows from the reader until that is closed. */
MUST_USE enum status find_record(const char *directory, enum stream stream, uint64_t sequence,
    struct journal_reader **reader, struct record *record);

/* The first commit that covers this record of that stream. near: a record said at about that time. */
MUST_USE enum status find_commit(
    const char *directory, enum stream stream, uint64_t record, uint64_t near, uint64_t *sequence);

#endif
