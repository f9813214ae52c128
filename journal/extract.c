#include "journal/extract.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

#include "journal/find.h"
#include "journal/segment.h"

/* A segment while it is filled. */
struct filling {
    uint8_t *bytes;
    size_t size, capacity;
};

static enum status fill(struct filling *filling, struct slice bytes)
{
    while (filling->size + bytes.size > filling->capacity) {
        filling->capacity = filling->capacity * 2 + (1 << 20);
        uint8_t *grown = filling->capacity > EXTRACT_SIZE_MAX
                             ? NULL
                             : realloc(filling->bytes, filling->capacity);
        if (grown == NULL) {
            return STATUS_LIMIT;
        }
        filling->bytes = grown;
    }
    memcpy(filling->bytes + filling->size, bytes.ptr, bytes.size);
    filling->size += bytes.size;
    return STATUS_OK;
}

/* Records first..last behind the room for a header. */
static enum status fill_records(struct filling *filling, const char *directory, enum stream stream,
    uint64_t first, uint64_t last, uint32_t *epoch)
{
    static const uint8_t HEADER[SEGMENT_HEADER_SIZE];
    struct journal_reader *reader;
    struct record record;
    enum status status = journal_reader_open(directory, stream, first, &reader);
    if (status != STATUS_OK) {
        return status;
    }
    status = fill(filling, slice_from(HEADER, sizeof HEADER));
    for (uint64_t next = first; status == STATUS_OK && next <= last; next++) {
        status = journal_reader_next(reader, &record);
        if (status == STATUS_OK) {
            status = record.sequence == next ? fill(filling, journal_reader_bytes(reader))
                                             : STATUS_CORRUPT;
            *epoch = next == first ? record.epoch : *epoch;
        }
    }
    journal_reader_close(reader);
    return status;
}

static enum status write_sealed(
    const char *target, enum stream stream, const struct filling *filling)
{
    char path[SEGMENT_PATH_SIZE];
    enum { LEVEL = 3 };
    size_t room = ZSTD_compressBound(filling->size);
    uint8_t *packed = malloc(room);
    if (packed == NULL) {
        return STATUS_LIMIT;
    }
    segment_path(target, stream, 1, SEGMENT_SEALED, path);
    size_t size = ZSTD_compress(packed, room, filling->bytes, filling->size, LEVEL);
    enum status status = ZSTD_isError(size) ? STATUS_IO : file_write(path, packed, size);
    free(packed);
    return status;
}

static enum status extract_stream(
    const char *directory, enum stream stream, uint64_t first, uint64_t last, const char *target)
{
    struct filling filling = {0};
    struct segment_header header = {.stream = stream, .number = 1, .first_sequence = first};
    enum status status = fill_records(&filling, directory, stream, first, last, &header.epoch);
    if (status == STATUS_OK) {
        header.size = filling.size;
        segment_header_write(filling.bytes, &header);
        status = write_sealed(target, stream, &filling);
    }
    free(filling.bytes);
    return status;
}

static enum status commit_at(
    const char *directory, uint64_t sequence, struct commit_payload *commit)
{
    struct journal_reader *reader;
    struct record record;
    enum status status = find_record(directory, STREAM_SAID, sequence, &reader, &record);
    if (status != STATUS_OK) {
        return status;
    }
    bool fine = record.kind == RECORD_COMMIT && commit_payload_read(record.payload, commit);
    journal_reader_close(reader);
    return fine ? STATUS_OK : STATUS_CORRUPT;
}

/* The commits at the ends: the first that covers any of it, and the first that covers all. */
static enum status find_ends(const char *directory, const struct stretch *stretch,
    struct commit_payload *begin, struct commit_payload *end, uint64_t *end_at)
{
    const struct {
        enum stream stream;
        uint64_t record;
    } WANTED[] = {{STREAM_CAME, stretch->came_first}, {STREAM_SAID, stretch->said_first},
        {STREAM_CAME, stretch->came_last}, {STREAM_SAID, stretch->said_last}};
    uint64_t at[4] = {0};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < 4 && status == STATUS_OK; i++) {
        bool itself = WANTED[i].stream == STREAM_SAID && WANTED[i].record == at[i - 1];
        if (itself) { /* a commit that is asked for is its own end: there may be no later one */
            at[i] = at[i - 1];
            continue;
        }
        status =
            find_commit(directory, WANTED[i].stream, WANTED[i].record, stretch->said_first, &at[i]);
    }
    *end_at = at[2] > at[3] ? at[2] : at[3];
    if (status == STATUS_OK) {
        status = commit_at(directory, at[0] < at[1] ? at[0] : at[1], begin);
    }
    return status == STATUS_OK ? commit_at(directory, *end_at, end) : status;
}

enum status extract_write(
    const char *directory, const struct stretch *stretch, const char *target, struct chain *chain)
{
    uint64_t end_at;
    struct commit_payload begin, end;
    enum status status = find_ends(directory, stretch, &begin, &end, &end_at);
    if (status == STATUS_OK && mkdir(target, 0750) != 0) {
        status = errno == ENOSPC ? STATUS_FULL : STATUS_IO;
    }
    if (status == STATUS_OK) {
        status = extract_stream(directory, STREAM_CAME, begin.came_first, end.came_last, target);
    }
    if (status == STATUS_OK) {
        status = extract_stream(directory, STREAM_SAID, begin.said_first, end_at, target);
    }
    if (status == STATUS_OK) {
        status = folder_sync(target);
    }
    return status == STATUS_OK ? chain_check(target, 0, chain) : status;
}
