/* segment -- one file of fixed size, allocated, synced into its folder, mapped.
 *
 * Source   design: "Journal": posix_fallocate, because a sparse mapping dies by SIGBUS on a full disk.
 * Shape    <directory>/<stream>-<number>.hjj; sealed: .hjj.zst, read whole into memory.
 * Memory   the mapping, or the block of a sealed one, belongs to the segment; segment_close.
 * Errors   STATUS_FULL: no room on the disk; STATUS_ABSENT: no such file; STATUS_CORRUPT: a sealed one
 *          that does not unpack (the log names it), a plain one too short for its header; STATUS_IO:
 *          anything else the system says.
 * Threads  whoever holds it.
 */
#ifndef JOURNAL_SEGMENT_H
#define JOURNAL_SEGMENT_H

#include "journal/format.h"

enum { SEGMENT_PATH_SIZE = 4096 };

#define SEGMENT_PLAIN  ".hjj"
#define SEGMENT_SEALED ".hjj.zst"

struct segment {
    uint8_t *bytes; /* the mapping; NULL: none */
    size_t size;
    int file; /* -1: a sealed one in memory */
    uint32_t number;
};

const char *stream_name(enum stream stream); /* came, said */
void segment_path(const char *directory, enum stream stream, uint32_t number, const char *suffix,
    char out[static SEGMENT_PATH_SIZE]);

/* A new file, all zeros, allocated to the last byte; the folder knows of it for good. */
MUST_USE enum status segment_create(const char *directory, enum stream stream, uint32_t number,
    size_t size, struct segment *segment);

MUST_USE enum status segment_open(const char *directory, enum stream stream, uint32_t number,
    bool writable, struct segment *segment);
MUST_USE enum status segment_unpack(
    const char *directory, enum stream stream, uint32_t number, struct segment *segment);
void segment_close(struct segment *segment);

/* Plain or sealed, whichever is there, without reading more of it than the header. False: no such file,
 * not begun, or damaged. */
bool segment_peek(
    const char *directory, enum stream stream, uint32_t number, struct segment_header *header);

MUST_USE enum status folder_sync(const char *directory);

/* Make a file of these bytes and sync it; a file that is there is replaced. */
MUST_USE enum status file_write(const char *path, const void *bytes, size_t size);

/* The numbers of the stream's files with this suffix, ascending; free() the list. */
MUST_USE enum status segment_list(const char *directory, enum stream stream, const char *suffix,
    uint32_t **numbers, size_t *count);

/* Of all segments, sealed or not, each once. */
MUST_USE enum status segment_list_all(
    const char *directory, enum stream stream, uint32_t **numbers, size_t *count);

#endif
