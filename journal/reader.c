#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "journal/segment.h"

struct journal_reader {
    char *directory;
    enum stream stream;
    struct segment segment; /* mapped; or unpacked: then file is -1 and bytes are from malloc */
    bool unpacked;
    size_t at;
    uint64_t next;        /* the sequence wanted; 0: whatever stands first */
    struct segment ahead; /* the segment after this one, mapped while it is waited for */
};

static void let_go(struct journal_reader *reader)
{
    if (reader->unpacked) {
        free(reader->segment.bytes);
        reader->segment.bytes = NULL;
        reader->unpacked = false;
    } else {
        segment_close(&reader->segment);
    }
}

/* A sealed segment, whole, in memory. */
static enum status unpack(struct journal_reader *reader, uint32_t number)
{
    char path[SEGMENT_PATH_SIZE];
    struct stat info;
    segment_path(reader->directory, reader->stream, number, ".hjj.zst", path);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return errno == ENOENT ? STATUS_ABSENT : STATUS_IO;
    }
    uint8_t *packed = fstat(file, &info) == 0 ? malloc((size_t)info.st_size + 1) : NULL;
    bool whole = packed != NULL && read(file, packed, (size_t)info.st_size) == info.st_size;
    close(file);
    unsigned long long size = whole ? ZSTD_getFrameContentSize(packed, (size_t)info.st_size) : 0;
    uint8_t *bytes = NULL;
    if (size >= SEGMENT_HEADER_SIZE && size <= (1ULL << 32)) {
        bytes = malloc((size_t)size);
        assert(bytes != NULL);
        if (ZSTD_decompress(bytes, (size_t)size, packed, (size_t)info.st_size) != size) {
            free(bytes);
            bytes = NULL;
        }
    }
    free(packed);
    if (bytes == NULL) {
        return STATUS_CORRUPT;
    }
    reader->segment =
        (struct segment){.bytes = bytes, .size = (size_t)size, .file = -1, .number = number};
    reader->unpacked = true;
    return STATUS_OK;
}

static enum status enter(struct journal_reader *reader, uint32_t number)
{
    struct segment opened;
    let_go(reader);
    enum status status = segment_open(reader->directory, reader->stream, number, false, &opened);
    if (status == STATUS_OK) {
        reader->segment = opened;
    } else if (status == STATUS_ABSENT) {
        status = unpack(reader, number);
    }
    reader->at = SEGMENT_HEADER_SIZE;
    return status;
}

static uint64_t first_sequence(const struct segment *segment)
{
    struct segment_header header;
    if (!segment_header_read(slice_from(segment->bytes, segment->size), &header)) {
        return 0; /* prepared, not begun */
    }
    return header.first_sequence;
}

/* The numbers of all segments, sealed or not, ascending. */
static enum status list_all(
    const char *directory, enum stream stream, uint32_t **numbers, size_t *count)
{
    uint32_t *open_ones, *sealed;
    size_t open_count, sealed_count;
    enum status status = segment_list(directory, stream, ".hjj.zst", &sealed, &sealed_count);
    if (status != STATUS_OK) {
        return status;
    }
    status = segment_list(directory, stream, ".hjj", &open_ones, &open_count);
    *numbers = malloc((sealed_count + open_count + 1) * sizeof **numbers);
    assert(*numbers != NULL);
    *count = 0;
    /* Sealed ones are always older; while one is being replaced both names exist for a moment. */
    for (size_t i = 0; i < sealed_count; i++) {
        (*numbers)[(*count)++] = sealed[i];
    }
    for (size_t i = 0; i < open_count; i++) {
        if (*count == 0 || open_ones[i] > (*numbers)[*count - 1]) {
            (*numbers)[(*count)++] = open_ones[i];
        }
    }
    free(sealed);
    free(open_ones);
    return status;
}

/* The last segment that does not begin behind `from`, found from the end: recent records are what is
 * asked for most. */
static enum status seek(struct journal_reader *reader, uint64_t from)
{
    uint32_t *numbers;
    size_t count;
    enum status status = list_all(reader->directory, reader->stream, &numbers, &count);
    if (status != STATUS_OK) {
        return status;
    }
    status = STATUS_ABSENT;
    uint32_t oldest = 0;
    for (size_t i = count; i > 0; i--) {
        status = enter(reader, numbers[i - 1]);
        uint64_t first = status == STATUS_OK ? first_sequence(&reader->segment) : 0;
        if (first > 0) {
            oldest = numbers[i - 1];
        }
        if (status != STATUS_OK || (first > 0 && first <= from)) {
            break;
        }
    }
    free(numbers);
    if (status == STATUS_OK && oldest != reader->segment.number) {
        status = oldest == 0 ? STATUS_ABSENT : enter(reader, oldest);
    }
    return status;
}

enum status journal_reader_open(
    const char *directory, enum stream stream, uint64_t from, struct journal_reader **reader)
{
    struct journal_reader *made = calloc(1, sizeof *made);
    assert(made != NULL);
    made->directory = strdup(directory);
    made->stream = stream;
    made->next = from;
    enum status status = seek(made, from);
    /* An empty journal is one whose first record has not come yet. */
    if (status == STATUS_ABSENT && access(directory, R_OK) == 0) {
        let_go(made);
        status = STATUS_OK;
    }
    if (status != STATUS_OK) {
        journal_reader_close(made);
        return status;
    }
    *reader = made;
    return STATUS_OK;
}

/* Behind the last record of this segment: the next one, once it has begun. A writer that has begun it
 * appends nothing more here, so this one is looked at once more after that. */
static enum status move_on(struct journal_reader *reader)
{
    if (reader->segment.bytes == NULL) {
        return seek(reader, reader->next);
    }
    if (reader->ahead.bytes == NULL &&
        segment_open(reader->directory, reader->stream, reader->segment.number + 1, false,
            &reader->ahead) != STATUS_OK) {
        uint32_t number = reader->segment.number;
        char path[SEGMENT_PATH_SIZE];
        segment_path(reader->directory, reader->stream, number + 1, ".hjj.zst", path);
        return access(path, R_OK) == 0 ? enter(reader, number + 1) : STATUS_ABSENT;
    }
    if (first_sequence(&reader->ahead) == 0) {
        return STATUS_ABSENT;
    }
    struct record record;
    size_t size;
    struct slice rest =
        slice_from(reader->segment.bytes + reader->at, reader->segment.size - reader->at);
    if (record_read(rest, &record, &size) != FORMAT_END) {
        return STATUS_OK;
    }
    let_go(reader);
    reader->segment = reader->ahead;
    reader->ahead = (struct segment){0};
    reader->at = SEGMENT_HEADER_SIZE;
    return STATUS_OK;
}

enum status journal_reader_next(struct journal_reader *reader, struct record *record)
{
    for (;;) {
        enum format_outcome outcome = FORMAT_END;
        size_t size = 0;
        if (reader->segment.bytes != NULL) {
            outcome = record_read(
                slice_from(reader->segment.bytes + reader->at, reader->segment.size - reader->at),
                record, &size);
        }
        if (outcome == FORMAT_BAD) {
            return STATUS_CORRUPT;
        }
        if (outcome == FORMAT_END) {
            enum status status = move_on(reader);
            if (status != STATUS_OK) {
                return status;
            }
            continue;
        }
        reader->at += size;
        if (record->sequence >= reader->next) {
            reader->next = record->sequence + 1;
            return STATUS_OK;
        }
    }
}

void journal_reader_close(struct journal_reader *reader)
{
    let_go(reader);
    segment_close(&reader->ahead);
    free(reader->directory);
    free(reader);
}

uint32_t journal_reader_segment(const struct journal_reader *reader)
{
    return reader->segment.number;
}
