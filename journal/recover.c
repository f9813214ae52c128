#include <assert.h>
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
    uint64_t came_last; /* SAID: of what came, the last that is there */
    struct {
        uint64_t sequence; /* 0: none */
        uint32_t number;
        size_t at;
    } unfounded; /* SAID, behind the last commit: the first record whose cause is not there */
};

static void note(struct scan *scan, const struct record *record)
{
    scan->state->sequence_next = record->sequence + 1;
    if (record->epoch > scan->found->epoch_highest) {
        scan->found->epoch_highest = record->epoch;
    }
    if (record->kind == RECORD_COMMIT && commit_payload_read(record->payload, &scan->commit)) {
        scan->has_commit = true;
        scan->commit_sequence = record->sequence;
        scan->unfounded.sequence = 0;
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
        if (scan->state->stream == STREAM_SAID && segment->file >= 0 &&
            record.cause > scan->came_last && scan->unfounded.sequence == 0) {
            scan->unfounded.sequence = record.sequence;
            scan->unfounded.number = segment->number;
            scan->unfounded.at = at;
        }
        note(scan, &record);
        scan->records += segment->file >= 0;
        at += size;
    }
    return at;
}

static enum status zero_rest(struct scan *scan, struct segment *segment, size_t from)
{
    size_t end = mend_used_end(segment, from);
    if (end == from) {
        return STATUS_OK;
    }
    uint64_t beyond = mend_count(segment, from);
    scan->hole = true;
    scan->found->beyond_hole_records += beyond;
    scan->found->zeroed_size += end - from;
    return mend_zero(scan->journal, scan->state, segment, from, beyond > 0);
}

/* The oldest segments fall off the list of candidates for the next digest; a digest is never that far
 * behind unless the hub never committed. */
static void keep_segment(struct scan *scan, const struct segment *segment, size_t end)
{
    struct stream_state *state = scan->state;
    if (state->unsynced_count == UNSYNCED_MAX) {
        unsynced_drop(state, 1);
    }
    state->unsynced[state->unsynced_count] = *segment;
    state->unsynced_used[state->unsynced_count++] = end;
    state->number_next = segment->number + 1;
}

static bool of_this_area(const struct journal *journal, const struct segment_header *header)
{
    return journal->area[0] == '\0' || header->area[0] == '\0' ||
           strcmp(journal->area, header->area) == 0;
}

static bool follows_on(const struct scan *scan, const struct segment_header *header)
{
    return !scan->begun ||
           (header->number == scan->state->number_next &&
               (header->first_sequence == scan->state->sequence_next ||
                   (header->after_loss && header->first_sequence > scan->state->sequence_next)));
}

static void enter(struct scan *scan, const struct segment_header *header)
{
    scan->begun = true;
    scan->state->sequence_next = header->first_sequence;
    if (header->epoch > scan->found->epoch_highest) {
        scan->found->epoch_highest = header->epoch;
    }
}

static enum status scan_mapped(struct scan *scan, struct segment *segment)
{
    struct segment_header header;
    bool fine = segment_header_read(slice_from(segment->bytes, segment->size), &header);
    if (!fine && mend_used_end(segment, 0) == 0) {
        return mend_adopt(scan->journal, scan->state, segment);
    }
    if (fine && !of_this_area(scan->journal, &header)) {
        segment_close(segment);
        return STATUS_REFUSED;
    }
    if (scan->hole || !fine || header.number != segment->number || !follows_on(scan, &header)) {
        scan->hole = true;
        scan->found->beyond_hole_records += mend_count(segment, SEGMENT_HEADER_SIZE);
        segment_close(segment);
        return mend_set_aside(scan->journal, scan->state, segment->number);
    }
    enter(scan, &header);
    size_t end = scan_records(scan, segment);
    keep_segment(scan, segment, end);
    return zero_rest(scan, segment, end);
}

/* Numbers have no gaps: a reader goes from each file to the next. So what is removed or set aside
 * gives its number back. */
static enum status scan_plain(struct scan *scan, uint32_t number)
{
    struct segment segment;
    char sealed[SEGMENT_PATH_SIZE];
    segment_path(scan->journal->directory, scan->state->stream, number, SEGMENT_SEALED, sealed);
    if (access(sealed, F_OK) == 0) {
        return mend_remove(scan->journal, scan->state, number); /* a kill while it was sealed */
    }
    enum status status =
        segment_open(scan->journal->directory, scan->state->stream, number, true, &segment);
    if (status == STATUS_CORRUPT) {
        return mend_remove(scan->journal, scan->state, number); /* a kill while it was made */
    }
    return status == STATUS_OK ? scan_mapped(scan, &segment) : status;
}

/* A commit in an older sealed segment, for a stream whose newest ones hold none. */
static enum status find_commit(struct scan *scan, const uint32_t *numbers, size_t count)
{
    struct scan older = *scan;
    uint64_t sequence_next = scan->state->sequence_next;
    enum status status = STATUS_OK;
    for (size_t i = count; i > 0 && !older.has_commit && status == STATUS_OK; i--) {
        struct segment segment;
        struct segment_header header;
        status =
            segment_unpack(scan->journal->directory, scan->state->stream, numbers[i - 1], &segment);
        if (status == STATUS_OK) {
            if (segment_header_read(slice_from(segment.bytes, segment.size), &header)) {
                scan->state->sequence_next = header.first_sequence;
                scan_records(&older, &segment);
            }
            segment_close(&segment);
        }
    }
    scan->state->sequence_next = sequence_next;
    scan->has_commit = older.has_commit;
    scan->commit = older.commit;
    scan->commit_sequence = older.commit_sequence;
    return status;
}

/* Where the sealed segments end: what is plain has to follow on from there. */
static enum status scan_sealed(struct scan *scan, const uint32_t *numbers, size_t count)
{
    struct segment segment;
    struct segment_header header;
    if (count == 0) {
        return STATUS_OK;
    }
    if (numbers[count - 1] - numbers[0] != count - 1) {
        log_event(LOG_ERROR, "segment-missing", "stream=%s first=%u last=%u there=%zu",
            stream_name(scan->state->stream), numbers[0], numbers[count - 1], count);
    }
    uint32_t last = numbers[count - 1];
    enum status status =
        segment_unpack(scan->journal->directory, scan->state->stream, last, &segment);
    if (status != STATUS_OK) {
        return status;
    }
    if (!segment_header_read(slice_from(segment.bytes, segment.size), &header)) {
        status = STATUS_CORRUPT;
    } else if (!of_this_area(scan->journal, &header)) {
        status = STATUS_REFUSED;
    } else {
        enter(scan, &header);
        scan_records(scan, &segment);
        scan->state->number_next = last + 1;
    }
    segment_close(&segment);
    return status;
}

static enum status scan_stream(struct scan *scan)
{
    const char *directory = scan->journal->directory;
    uint32_t *sealed, *plain = NULL;
    size_t sealed_count, plain_count = 0;
    enum status status =
        segment_list(directory, scan->state->stream, SEGMENT_SEALED, &sealed, &sealed_count);
    if (status == STATUS_OK) {
        status = segment_list(directory, scan->state->stream, SEGMENT_PLAIN, &plain, &plain_count);
    }
    if (status == STATUS_OK) {
        status = scan_sealed(scan, sealed, sealed_count);
    }
    for (size_t i = 0; i < plain_count && status == STATUS_OK; i++) {
        status = scan_plain(scan, plain[i]);
    }
    if (status == STATUS_OK && scan->state->stream == STREAM_SAID && !scan->has_commit) {
        status = find_commit(scan, sealed, sealed_count);
    }
    free(sealed);
    free(plain);
    return status;
}

/* Segments behind this one go, those of the reserve too: their numbers are to be given again. */
static enum status drop_behind(struct scan *scan, uint32_t number)
{
    struct stream_state *state = scan->state;
    enum status status = STATUS_OK;
    while (state->prepared_count > 0 && status == STATUS_OK) {
        struct segment *segment = &state->prepared[--state->prepared_count];
        segment_close(segment);
        status = mend_remove(scan->journal, state, segment->number);
    }
    while (state->unsynced[state->unsynced_count - 1].number > number && status == STATUS_OK) {
        struct segment *segment = &state->unsynced[--state->unsynced_count];
        assert(state->unsynced_count > 0);
        segment_close(segment);
        status = mend_remove(scan->journal, state, segment->number);
    }
    state->number_next = number + 1;
    return status;
}

/* A power cut may keep pages of what was said and lose those of what it was said about: neither was
 * committed, so nobody has heard of it, and it will be said again. */
static enum status drop_unfounded(struct scan *scan)
{
    struct stream_state *state = scan->state;
    if (scan->unfounded.sequence == 0) {
        return STATUS_OK;
    }
    scan->found->unfounded_records = state->sequence_next - scan->unfounded.sequence;
    state->sequence_next = scan->unfounded.sequence;
    enum status status = drop_behind(scan, scan->unfounded.number);
    size_t newest = state->unsynced_count - 1;
    state->unsynced_used[newest] = scan->unfounded.at;
    return status != STATUS_OK ? status
                               : mend_zero(scan->journal, state, &state->unsynced[newest],
                                     scan->unfounded.at, false);
}

/* Let go of the segments that the last digest covers whole, and find where the next one begins. */
static void place_digest(struct stream_state *state, uint64_t first)
{
    while (state->unsynced_count > 0) {
        const struct segment *segment = &state->unsynced[0];
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
            state->digest_sequence = record.sequence;
            return;
        }
        unsynced_drop(state, 1);
    }
    state->digest_from = SEGMENT_HEADER_SIZE;
    state->digest_sequence = state->sequence_next;
}

/* The sequences of what was committed are never given again, whatever the disk has lost of them. */
static void skip_lost(struct scan *came, const struct scan *said)
{
    if (said->commit.came_last >= came->state->sequence_next) {
        came->found->lost_records = said->commit.came_last + 1 - came->state->sequence_next;
        came->state->sequence_next = said->commit.came_last + 1;
        came->state->after_loss = true;
    }
}

enum status journal_recover(struct journal *journal, struct journal_recovery *found)
{
    struct scan scans[STREAM_COUNT] = {0};
    struct scan *came = &scans[STREAM_CAME], *said = &scans[STREAM_SAID];
    *found = (struct journal_recovery){0};
    for (int i = 0; i < STREAM_COUNT; i++) {
        scans[i] = (struct scan){.journal = journal, .state = &journal->streams[i], .found = found};
        scans[i].came_last = came->state->sequence_next - 1;
        enum status status = scan_stream(&scans[i]);
        if (status != STATUS_OK) {
            return status;
        }
    }
    enum status status = drop_unfounded(said);
    if (status != STATUS_OK) {
        return status;
    }
    found->came_records = came->records;
    found->said_records = said->records - found->unfounded_records;
    if (said->has_commit) {
        skip_lost(came, said);
        memcpy(journal->digest, said->commit.digest, sizeof journal->digest);
        atomic_store(&came->state->committed, said->commit.came_last);
        atomic_store(&said->state->committed, said->commit_sequence);
    }
    place_digest(came->state, said->has_commit ? said->commit.came_last + 1 : 1);
    place_digest(said->state, said->has_commit ? said->commit_sequence : 1);
    atomic_store(&came->state->appended, came->state->sequence_next - 1);
    atomic_store(&said->state->appended, said->state->sequence_next - 1);
    return STATUS_OK;
}
