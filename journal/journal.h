/* journal -- the evidence log: what came and what was said, appended, chained, synced, recovered.
 *
 *   <directory>/came-00000001.hjj  said-00000001.hjj ...   fixed size, preallocated, mapped
 *   <directory>/came-00000001.hjj.zst                      sealed and compressed
 *
 * Source   design: "Journal", promise 3; the bytes: docs/journal.md.
 * Shape    two streams of one format. An append is complete in the mapped segment when it returns: it
 *          survives a kill of the process. A commit closes a batch of both streams with a digest over
 *          the previous digest and the batch, said as RECORD_COMMIT, and syncs both: it survives a
 *          power cut.
 * Units    bytes; sequences count the records of a stream from 1.
 * Memory   payloads are copied into the mapping; a reader's slices live until its next call.
 * Errors   STATUS_BUSY: another process has this journal open for writing. STATUS_FULL: the reserve is
 *          touched; stop taking messages in (what is in flight still fits). STATUS_IO from a commit is
 *          final: a failed sync must end the process.
 * Threads  appends to CAME come from any thread (a lock orders them); appends to SAID and commits from
 *          the hub's thread only; readers anywhere.
 */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include "core/status.h"
#include "schemas/record.h"

enum stream { STREAM_CAME, STREAM_SAID };

enum { STREAM_COUNT = 2, JOURNAL_DIGEST_SIZE = 32, JOURNAL_PAYLOAD_SIZE_MAX = 16 * 1024 * 1024 };

enum journal_digest { JOURNAL_SHA256, JOURNAL_SM3 };

struct journal_options {
    const char *directory;
    const char *area; /* up to 12 digits, in every segment's header; NULL: none, and any will do */
    size_t segment_size; /* 0: 64 MiB */
    size_t reserve_size; /* 0: 64 MiB; always kept allocated beyond what is written */
    enum journal_digest digest;
    int64_t retention_ms; /* 0: five years */
};

/* What opening found and mended; for the log and for RECORD_START. */
struct journal_recovery {
    uint64_t came_records, said_records; /* valid, in the segments that are not sealed */
    uint64_t zeroed_size;                /* bytes behind the longest valid prefix, zeroed */
    uint64_t beyond_hole_records;        /* valid records after a hole: kept aside, not used */
    uint64_t lost_records; /* came records that a commit covers and that are not there any more */
    uint64_t unfounded_records; /* uncommitted said records whose cause is not there: dropped */
    uint32_t epoch_highest;
    int error; /* errno of what made journal_open fail; 0: nothing of the system's */
};

struct journal;

/* STATUS_REFUSED: the journal of another area. STATUS_FULL: not even room to begin. */
MUST_USE enum status journal_open(const struct journal_options *options, struct journal **journal,
    struct journal_recovery *found);
void journal_close(struct journal *journal);

/* The record's sequence is given by the journal and returned. */
MUST_USE enum status journal_append(
    struct journal *journal, enum stream stream, const struct record *record, uint64_t *sequence);

/* Close the batch: digest, RECORD_COMMIT, fdatasync of what was written in both streams. `commit`
 * carries epoch, wall and mono for the commit record. Nothing new in both streams: does nothing. */
MUST_USE enum status journal_commit(struct journal *journal, const struct record *commit);

/* Highest sequence appended (any thread), and covered by the last commit. */
uint64_t journal_appended(const struct journal *journal, enum stream stream);
uint64_t journal_committed(const struct journal *journal, enum stream stream);

/* False while the next segment of the reserve could not be allocated (disk full); asks again for room
 * at each call, so that a hub that waits finds out when there is some. */
bool journal_has_room(struct journal *journal);

/* Seal finished segments (compress) and drop those past retention that end before `keep_from` of their
 * stream. Housekeeping: call it now and then from a thread that may take its time. */
MUST_USE enum status journal_tidy(
    struct journal *journal, const uint64_t keep_from[STREAM_COUNT], struct event_time now);

/* Bytes and files, for metrics. */
struct journal_figures {
    uint64_t segments, sealed_segments, size, reserve_size;
};
struct journal_figures journal_figures(const struct journal *journal);

/* --- reading, of a live journal or of a folder --- */

struct journal_reader;

/* from: first sequence wanted; before the oldest: the oldest. */
MUST_USE enum status journal_reader_open(
    const char *directory, enum stream stream, uint64_t from, struct journal_reader **reader);

/* STATUS_ABSENT: nothing (yet) behind the last one, call again later; STATUS_CORRUPT: a record or a
 * segment that does not check, or a segment that is missing; the log names the file. The record borrows from the reader until the next call. */
MUST_USE enum status journal_reader_next(struct journal_reader *reader, struct record *record);
struct slice journal_reader_bytes(
    const struct journal_reader *reader); /* of the last record, as on disk */
uint32_t journal_reader_segment(const struct journal_reader *reader); /* number of its file */
void journal_reader_close(struct journal_reader *reader);

#endif
