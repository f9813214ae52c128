#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "journal/journal_state.h"

/* One stream while its end is looked for. */
struct scan {
    struct journal *journal;
    struct stream_state *state;
    struct journal_recovery *found;
    uint64_t records;
    bool begun;                   /* sequence_next is known */
    bool hole;                    /* what follows is beyond it */
    struct commit_payload commit; /* SAID: the last one */
    bool has_commit;
    uint64_t commit_sequence;
};

/* Valid records anywhere behind a hole: worth telling, not worth believing in their place. */
static uint64_t count_beyond(const struct segment *segment, size_t from)
{
    uint64_t count = 0;
    struct record record;
    size_t size;
    for (size_t at = from; at + RECORD_HEADER_SIZE <= segment->size;) {
        struct slice rest = slice_from(segment->bytes + at, segment->size - at);
        if (record_read(rest, &record, &size) == FORMAT_RECORD) {
            count += 1;
            at += size;
        } else {
            at += 8;
        }
    }
    return count;
}

static size_t nonzero_end(const struct segment *segment, size_t from)
{
    size_t end = segment->size;
    while (end > from && segment->bytes[end - 1] == 0) {
        end -= 1;
    }
    return end;
}

static enum status zero_rest(struct scan *scan, struct segment *segment, size_t from)
{
    size_t end = nonzero_end(segment, from);
    if (end == from) {
        return STATUS_OK;
    }
    scan->hole = true;
    scan->found->beyond_hole_records += count_beyond(segment, from);
    scan->found->zeroed_size += end - from;
    memset(segment->bytes + from, 0, end - from);
    return fdatasync(segment->file) == 0 ? STATUS_OK : STATUS_IO;
}

static void note(struct scan *scan, const struct record *record)
{
    scan->records += 1;
    scan->state->sequence_next = record->sequence + 1;
    if (record->epoch > scan->found->epoch_highest) {
        scan->found->epoch_highest = record->epoch;
    }
    if (record->kind == RECORD_COMMIT && commit_payload_read(record->payload, &scan->commit)) {
        scan->has_commit = true;
        scan->commit_sequence = record->sequence;
    }
}

/* The records at the front of a segment that follow on; where they end. */
static size_t scan_records(struct scan *scan, const struct segment *segment)
{
    size_t at = SEGMENT_HEADER_SIZE;
    size_t size;
    struct record record;
    while (record_read(slice_from(segment->bytes + at, segment->size - at), &record, &size) ==
               FORMAT_RECORD &&
           record.sequence == scan->state->sequence_next) {
        note(scan, &record);
        at += size;
    }
    return at;
}

static enum status set_aside(struct scan *scan, struct segment *segment)
{
    char from[SEGMENT_PATH_SIZE], to[SEGMENT_PATH_SIZE];
    const char *directory = scan->journal->directory;
    segment_path(directory, scan->state->stream, segment->number, ".hjj", from);
    segment_path(directory, scan->state->stream, segment->number, ".beyond", to);
    scan->found->beyond_hole_records += count_beyond(segment, SEGMENT_HEADER_SIZE);
    segment_close(segment);
    return rename(from, to) == 0 ? folder_sync(directory) : STATUS_IO;
}

static enum status remove_unused(struct scan *scan, struct segment *segment)
{
    char path[SEGMENT_PATH_SIZE];
    segment_path(scan->journal->directory, scan->state->stream, segment->number, ".hjj", path);
    segment_close(segment);
    return unlink(path) == 0 ? STATUS_OK : STATUS_IO;
}

/* The oldest segments fall off the list of candidates for the next digest; a digest is never that far
 * behind unless the hub never committed. */
static enum status keep_segment(struct scan *scan, struct segment *segment, size_t end)
{
    struct stream_state *state = scan->state;
    if (state->unsynced_count == UNSYNCED_MAX) {
        segment_close(&state->unsynced[0]);
        state->unsynced_count -= 1;
        memmove(state->unsynced, state->unsynced + 1,
            state->unsynced_count * sizeof state->unsynced[0]);
        memmove(state->unsynced_used, state->unsynced_used + 1,
            state->unsynced_count * sizeof state->unsynced_used[0]);
    }
    state->unsynced[state->unsynced_count] = *segment;
    state->unsynced_used[state->unsynced_count++] = end;
    return STATUS_OK;
}

static enum status scan_segment(struct scan *scan, uint32_t number)
{
    struct segment segment;
    struct segment_header header;
    enum status status =
        segment_open(scan->journal->directory, scan->state->stream, number, true, &segment);
    if (status != STATUS_OK) {
        return status;
    }
    bool fine = segment_header_read(slice_from(segment.bytes, segment.size), &header);
    if (!fine && nonzero_end(&segment, 0) == 0) {
        return remove_unused(scan, &segment);
    }
    if (fine && !scan->begun) {
        scan->state->sequence_next = header.first_sequence;
        scan->begun = true;
    }
    if (scan->hole || !fine || header.first_sequence != scan->state->sequence_next) {
        scan->hole = true;
        return set_aside(scan, &segment);
    }
    if (header.epoch > scan->found->epoch_highest) {
        scan->found->epoch_highest = header.epoch;
    }
    size_t end = scan_records(scan, &segment);
    status = zero_rest(scan, &segment, end);
    return status == STATUS_OK ? keep_segment(scan, &segment, end) : status;
}

/* Numbers have no gaps: a reader goes from each file to the next. So what is removed or set aside
 * gives its number back. */
static enum status scan_stream(struct scan *scan)
{
    static const char *const SUFFIXES[] = {".hjj.zst", ".hjj"};
    enum { SEALED, PLAIN, SUFFIX_COUNT };
    struct stream_state *state = scan->state;
    enum status status = STATUS_OK;
    for (int kind = SEALED; kind < SUFFIX_COUNT && status == STATUS_OK; kind++) {
        uint32_t *numbers;
        size_t count;
        status =
            segment_list(scan->journal->directory, state->stream, SUFFIXES[kind], &numbers, &count);
        for (size_t i = 0; i < count && status == STATUS_OK; i++) {
            size_t kept = state->unsynced_count;
            status = kind == PLAIN ? scan_segment(scan, numbers[i]) : STATUS_OK;
            bool stays = kind == SEALED || state->unsynced_count > kept ||
                         (kept == UNSYNCED_MAX && !scan->hole);
            state->number_next = stays ? numbers[i] + 1 : state->number_next;
        }
        free(numbers);
    }
    return status;
}

/* Let go of the segments that the last digest covers whole, and find where the next one begins. */
static void place_digest(struct stream_state *state, uint64_t first)
{
    state->digest_sequence = first;
    while (state->unsynced_count > 0) {
        struct segment *segment = &state->unsynced[0];
        size_t at = SEGMENT_HEADER_SIZE;
        size_t size = 0;
        struct record record;
        while (at < state->unsynced_used[0] &&
               record_read(slice_from(segment->bytes + at, segment->size - at), &record, &size) ==
                   FORMAT_RECORD &&
               record.sequence < first) {
            at += size;
        }
        if (at < state->unsynced_used[0]) {
            state->digest_from = at;
            return;
        }
        segment_close(segment);
        state->unsynced_count -= 1;
        memmove(state->unsynced, state->unsynced + 1,
            state->unsynced_count * sizeof state->unsynced[0]);
        memmove(state->unsynced_used, state->unsynced_used + 1,
            state->unsynced_count * sizeof state->unsynced_used[0]);
    }
    state->digest_from = SEGMENT_HEADER_SIZE;
}

enum status journal_recover(struct journal *journal, struct journal_recovery *found)
{
    struct scan scans[STREAM_COUNT] = {0};
    *found = (struct journal_recovery){0};
    for (int i = 0; i < STREAM_COUNT; i++) {
        scans[i] = (struct scan){.journal = journal, .state = &journal->streams[i], .found = found};
        enum status status = scan_stream(&scans[i]);
        if (status != STATUS_OK) {
            return status;
        }
        atomic_store(&journal->streams[i].appended, journal->streams[i].sequence_next - 1);
    }
    found->came_records = scans[STREAM_CAME].records;
    found->said_records = scans[STREAM_SAID].records;
    const struct scan *said = &scans[STREAM_SAID];
    if (said->has_commit) {
        memcpy(journal->digest, said->commit.digest, sizeof journal->digest);
        atomic_store(&journal->streams[STREAM_CAME].committed, said->commit.came_last);
        atomic_store(&journal->streams[STREAM_SAID].committed, said->commit_sequence);
        place_digest(&journal->streams[STREAM_CAME], said->commit.came_last + 1);
        place_digest(&journal->streams[STREAM_SAID], said->commit_sequence);
    }
    return STATUS_OK;
}
