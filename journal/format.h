/* format -- the bytes of a segment and of a record, as docs/journal.md has them.
 *
 *   segment:  | header 64 | record | record | ... | zeros to the end |
 *   record:   | header 72 | topic | response topic | correlation | payload | zeros to a multiple of 8 |
 *
 * Source   docs/journal.md; design: "Journal".
 * Shape    little-endian; a record's length is stored last, with release order: while it is 0 there is
 *          no record.
 * Memory   none.
 * Errors   FORMAT_END (length 0), FORMAT_BAD (anything that does not check).
 * Threads  pure.
 */
#ifndef JOURNAL_FORMAT_H
#define JOURNAL_FORMAT_H

#include "journal/journal.h"

enum {
    SEGMENT_HEADER_SIZE = 64,
    RECORD_HEADER_SIZE = 72,
    FORMAT_VERSION = 1,
    COMMIT_PAYLOAD_SIZE = 112,
    AREA_DIGITS_MAX = 12,
};

struct segment_header {
    enum stream stream;
    uint32_t number;
    uint32_t epoch;
    uint64_t first_sequence; /* 0: prepared, not begun */
    uint64_t size;
    char area[AREA_DIGITS_MAX + 1]; /* empty: not said */
    bool
        after_loss; /* its first sequence does not follow on: recovery found what is between lost */
};

void segment_header_write(uint8_t *at, const struct segment_header *header);
bool segment_header_read(struct slice bytes, struct segment_header *header);

/* Bytes that the record takes, padding included; 0: a part is too long for its field. */
size_t record_size(const struct record *record);

/* Write all but the length, then the length. `at` is 8-aligned and record_size bytes are there. */
void record_write(uint8_t *at, const struct record *record, size_t size);

enum format_outcome { FORMAT_RECORD, FORMAT_END, FORMAT_BAD };

/* Read the record at the front of `bytes`; its slices borrow. *size is what it takes. */
enum format_outcome record_read(struct slice bytes, struct record *record, size_t *size);

/* What RECORD_COMMIT says: which records of both streams its digest covers. */
struct commit_payload {
    enum journal_digest algorithm;
    uint64_t came_first, came_last; /* first > last: none */
    uint64_t said_first, said_last; /* the commit before this one is the first of them */
    uint8_t previous[JOURNAL_DIGEST_SIZE];
    uint8_t digest[JOURNAL_DIGEST_SIZE];
};

void commit_payload_write(
    uint8_t out[static COMMIT_PAYLOAD_SIZE], const struct commit_payload *commit);
bool commit_payload_read(struct slice bytes, struct commit_payload *commit);

#endif
