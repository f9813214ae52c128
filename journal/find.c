#include "journal/find.h"

#include <stdlib.h>

#include "journal/segment.h"

/* Where the segments of a stream begin, ascending; those that have not begun are left out. */
struct starts {
    uint64_t *sequences;
    size_t count;
};

static enum status starts_read(const char *directory, enum stream stream, struct starts *starts)
{
    uint32_t *numbers;
    size_t count;
    struct segment_header header;
    enum status status = segment_list_all(directory, stream, &numbers, &count);
    if (status != STATUS_OK) {
        return status;
    }
    starts->sequences = calloc(count + 1, sizeof *starts->sequences);
    for (size_t i = 0; starts->sequences != NULL && i < count; i++) {
        if (segment_peek(directory, stream, numbers[i], &header)) {
            starts->sequences[starts->count++] = header.first_sequence;
        }
    }
    free(numbers);
    return starts->count > 0 ? STATUS_OK : STATUS_ABSENT;
}

/* The last that is not behind `sequence`; the first, if all are. */
static size_t start_before(const struct starts *starts, uint64_t sequence)
{
    size_t at = 0;
    while (at + 1 < starts->count && starts->sequences[at + 1] <= sequence) {
        at += 1;
    }
    return at;
}

enum status find_record(const char *directory, enum stream stream, uint64_t sequence,
    struct journal_reader **reader, struct record *record)
{
    enum status status = journal_reader_open(directory, stream, sequence, reader);
    if (status != STATUS_OK) {
        return status;
    }
    status = journal_reader_next(*reader, record);
    if (status != STATUS_OK) {
        journal_reader_close(*reader);
    }
    return status;
}

enum status find_since(const char *directory, enum stream stream, uint64_t before,
    struct event_time since, uint64_t *sequence)
{
    struct starts starts = {0};
    enum status status = starts_read(directory, stream, &starts);
    size_t at = status == STATUS_OK ? start_before(&starts, before) : 0;
    bool found = false;
    while (status == STATUS_OK && !found) {
        struct journal_reader *reader;
        struct record record;
        status = find_record(directory, stream, starts.sequences[at], &reader, &record);
        if (status != STATUS_OK) {
            break;
        }
        found = record.wall.ms <= since.ms || at == 0;
        *sequence = starts.sequences[at];
        at -= found ? 0 : 1;
        journal_reader_close(reader);
    }
    free(starts.sequences);
    return status;
}

enum status find_reader(const char *directory, enum stream stream, uint64_t before,
    struct event_time since, struct journal_reader **reader)
{
    uint64_t from;
    enum status status = find_since(directory, stream, before, since, &from);
    return status == STATUS_OK ? journal_reader_open(directory, stream, from, reader) : status;
}

/* The last of this kind from `from` up to `to`; false: none. */
static enum status last_between(const char *directory, enum stream stream, enum record_kind kind,
    uint64_t from, uint64_t to, uint64_t *sequence)
{
    struct journal_reader *reader;
    struct record record;
    *sequence = 0;
    enum status status = journal_reader_open(directory, stream, from, &reader);
    if (status != STATUS_OK) {
        return status;
    }
    while ((status = journal_reader_next(reader, &record)) == STATUS_OK && record.sequence <= to) {
        *sequence = record.kind == kind ? record.sequence : *sequence;
    }
    journal_reader_close(reader);
    return status == STATUS_ABSENT ? STATUS_OK : status;
}

enum status find_last(const char *directory, enum stream stream, enum record_kind kind,
    uint64_t before, uint64_t *sequence)
{
    struct starts starts = {0};
    enum status status = starts_read(directory, stream, &starts);
    *sequence = 0;
    for (size_t at = status == STATUS_OK ? start_before(&starts, before) + 1 : 0;
         at > 0 && status == STATUS_OK && *sequence == 0; at--) {
        status = last_between(directory, stream, kind, starts.sequences[at - 1], before, sequence);
        before = starts.sequences[at - 1] - 1;
    }
    free(starts.sequences);
    return status != STATUS_OK ? status : *sequence == 0 ? STATUS_ABSENT : STATUS_OK;
}

struct wanted {
    enum stream stream;
    uint64_t record;
};

/* From this sequence on, the first commit that covers what is wanted; *passed: the first commit met begins
 * behind it, so an earlier segment has to be asked. */
static enum status commit_from(
    const char *directory, uint64_t from, struct wanted wanted, bool *passed, uint64_t *sequence)
{
    struct journal_reader *reader;
    struct record record;
    struct commit_payload commit;
    bool first = true, found = false;
    enum status status = journal_reader_open(directory, STREAM_SAID, from, &reader);
    if (status != STATUS_OK) {
        return status;
    }
    *passed = false;
    while (!found && !*passed && (status = journal_reader_next(reader, &record)) == STATUS_OK) {
        if (record.kind != RECORD_COMMIT || !commit_payload_read(record.payload, &commit)) {
            continue;
        }
        bool came = wanted.stream == STREAM_CAME;
        *passed = first && (came ? commit.came_first : commit.said_first) > wanted.record;
        found = (came ? commit.came_last : commit.said_last) >= wanted.record;
        *sequence = record.sequence;
        first = false;
    }
    journal_reader_close(reader);
    return found || *passed ? STATUS_OK : status;
}

enum status find_commit(
    const char *directory, enum stream stream, uint64_t record, uint64_t near, uint64_t *sequence)
{
    struct starts starts = {0};
    enum status status = starts_read(directory, STREAM_SAID, &starts);
    size_t at = status == STATUS_OK ? start_before(&starts, near) : 0;
    bool passed = true;
    while (status == STATUS_OK && passed) {
        status = commit_from(
            directory, starts.sequences[at], (struct wanted){stream, record}, &passed, sequence);
        passed = passed && at > 0; /* what is older is past its retention */
        at -= passed ? 1 : 0;
    }
    free(starts.sequences);
    return status;
}
