#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "journal/segment.h"

struct journal_reader {
    char *directory;
    enum stream stream;
    struct segment segment;
    size_t at, size;      /* behind the record read last, and what that one took */
    uint64_t next;        /* the sequence wanted; 0: whatever stands first */
    struct segment ahead; /* the segment after this one, mapped while it is waited for */
};

static enum status enter(struct journal_reader *reader, uint32_t number)
{
    struct segment opened;
    segment_close(&reader->segment);
    enum status status = segment_open(reader->directory, reader->stream, number, false, &opened);
    if (status == STATUS_ABSENT) {
        status = segment_unpack(reader->directory, reader->stream, number, &opened);
    }
    if (status == STATUS_OK) {
        reader->segment = opened;
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

/* Of the segments that have begun, the last that does not begin behind `from`, else the oldest:
 * their first sequences rise with their numbers. STATUS_ABSENT: none has begun. */
static enum status seek(struct journal_reader *reader, uint64_t from)
{
    uint32_t *numbers;
    size_t count;
    struct segment_header header;
    enum status status = segment_list_all(reader->directory, reader->stream, &numbers, &count);
    if (status != STATUS_OK) {
        return status;
    }
    while (count > 0 &&
           !segment_peek(reader->directory, reader->stream, numbers[count - 1], &header)) {
        count -= 1; /* prepared, not begun */
    }
    size_t low = 0, high = count; /* numbers[low] is not behind `from`; numbers[high] is */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2, readable = middle;
        while (readable < high &&
               !segment_peek(reader->directory, reader->stream, numbers[readable], &header)) {
            readable += 1; /* damaged: whoever reads on from before it is told */
        }
        bool behind = readable == high || header.first_sequence > from;
        low = behind ? low : readable;
        high = behind ? middle : high;
    }
    status = count == 0 ? STATUS_ABSENT : enter(reader, numbers[low]);
    free(numbers);
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
        segment_close(&made->segment);
        status = STATUS_OK;
    }
    if (status != STATUS_OK) {
        journal_reader_close(made);
        return status;
    }
    *reader = made;
    return STATUS_OK;
}

/* The next segment is not plain. Sealed, then; or there is none yet; or, for a reader that lags behind
 * retention, all up to a later one are gone; anything else is a hole. */
static enum status go_on(struct journal_reader *reader)
{
    uint32_t here = reader->segment.number;
    uint32_t *numbers;
    size_t count, behind = 0;
    enum status status = segment_list_all(reader->directory, reader->stream, &numbers, &count);
    if (status != STATUS_OK) {
        return status;
    }
    while (behind < count && numbers[behind] <= here) {
        behind += 1;
    }
    uint32_t next = behind < count ? numbers[behind] : 0;
    bool oldest = behind == 0;
    free(numbers);
    if (next == 0) {
        return STATUS_ABSENT;
    }
    if (next == here + 1 || oldest) {
        return enter(reader, next);
    }
    log_event(LOG_ERROR, "segment-missing", "directory=%s stream=%s number=%u", reader->directory,
        stream_name(reader->stream), here + 1);
    return STATUS_CORRUPT;
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
        return go_on(reader);
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
    segment_close(&reader->segment);
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
            log_event(LOG_ERROR, "record-unreadable", "directory=%s stream=%s number=%u at=%zu",
                reader->directory, stream_name(reader->stream), reader->segment.number, reader->at);
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
        reader->size = size;
        if (record->sequence >= reader->next) {
            reader->next = record->sequence + 1;
            return STATUS_OK;
        }
    }
}

void journal_reader_close(struct journal_reader *reader)
{
    segment_close(&reader->segment);
    segment_close(&reader->ahead);
    free(reader->directory);
    free(reader);
}

struct slice journal_reader_bytes(const struct journal_reader *reader)
{
    return slice_from(reader->segment.bytes + reader->at - reader->size, reader->size);
}

uint32_t journal_reader_segment(const struct journal_reader *reader)
{
    return reader->segment.number;
}
