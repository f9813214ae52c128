#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "journal/journal_state.h"

/* Packed beside it under another name, synced, renamed; only then the original goes. */
static enum status seal(struct journal *journal, enum stream stream, uint32_t number)
{
    char plain[SEGMENT_PATH_SIZE], made[SEGMENT_PATH_SIZE], sealed[SEGMENT_PATH_SIZE];
    struct segment segment;
    enum { LEVEL = 3 };
    enum status status = segment_open(journal->directory, stream, number, false, &segment);
    if (status != STATUS_OK) {
        return status;
    }
    segment_path(journal->directory, stream, number, SEGMENT_PLAIN, plain);
    segment_path(journal->directory, stream, number, SEGMENT_SEALED ".new", made);
    segment_path(journal->directory, stream, number, SEGMENT_SEALED, sealed);
    size_t room = ZSTD_compressBound(segment.size);
    uint8_t *packed = malloc(room);
    size_t size =
        packed == NULL ? 0 : ZSTD_compress(packed, room, segment.bytes, segment.size, LEVEL);
    segment_close(&segment);
    status = packed == NULL || ZSTD_isError(size) ? STATUS_IO : file_write(made, packed, size);
    free(packed);
    if (status == STATUS_OK && rename(made, sealed) != 0) {
        status = STATUS_IO;
    }
    if (status == STATUS_OK) {
        status = folder_sync(journal->directory);
    }
    if (status == STATUS_OK && unlink(plain) != 0) {
        status = STATUS_IO;
    }
    return status;
}

/* The number from which on segments are still written or not yet synced; 0: none is. */
static uint32_t busy_from(struct stream_state *state)
{
    pthread_mutex_lock(&state->lock);
    uint32_t number = state->current.bytes == NULL ? 0 : state->current.number;
    number = state->unsynced_count > 0 ? state->unsynced[0].number : number;
    pthread_mutex_unlock(&state->lock);
    return number;
}

/* Whether the whole segment is past its age and nothing in it is wanted any more: what follows it
 * begins at or before keep_from. Its age is that of its file. */
static bool expired(struct journal *journal, enum stream stream, uint32_t number,
    uint64_t keep_from, struct event_time now)
{
    char path[SEGMENT_PATH_SIZE];
    struct stat info;
    struct segment_header next;
    segment_path(journal->directory, stream, number, SEGMENT_SEALED, path);
    return stat(path, &info) == 0 &&
           (int64_t)info.st_mtime * SECOND_MS + journal->options.retention_ms <= now.ms &&
           segment_peek(journal->directory, stream, number + 1, &next) &&
           next.first_sequence <= keep_from;
}

static enum status tidy_stream(
    struct journal *journal, enum stream stream, uint64_t keep_from, struct event_time now)
{
    char path[SEGMENT_PATH_SIZE];
    uint32_t *numbers;
    size_t count;
    uint32_t busy = busy_from(&journal->streams[stream]);
    enum status status = segment_list(journal->directory, stream, SEGMENT_PLAIN, &numbers, &count);
    for (size_t i = 0; status == STATUS_OK && i < count && numbers[i] < busy; i++) {
        status = seal(journal, stream, numbers[i]);
    }
    free(numbers);
    if (status != STATUS_OK) {
        return status;
    }
    status = segment_list(journal->directory, stream, SEGMENT_SEALED, &numbers, &count);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        if (!expired(journal, stream, numbers[i], keep_from, now)) {
            break;
        }
        segment_path(journal->directory, stream, numbers[i], SEGMENT_SEALED, path);
        status = unlink(path) == 0 ? STATUS_OK : STATUS_IO;
    }
    free(numbers);
    return status;
}

enum status journal_tidy(
    struct journal *journal, const uint64_t keep_from[STREAM_COUNT], struct event_time now)
{
    enum status status = STATUS_OK;
    for (int i = 0; i < STREAM_COUNT && status == STATUS_OK; i++) {
        status = tidy_stream(journal, (enum stream)i, keep_from[i], now);
    }
    return status;
}

struct journal_figures journal_figures(const struct journal *journal)
{
    static const char *const SUFFIXES[] = {SEGMENT_PLAIN, SEGMENT_SEALED};
    struct journal_figures figures = {0};
    for (int i = 0; i < STREAM_COUNT * 2; i++) {
        enum stream stream = (enum stream)(i / 2);
        const char *suffix = SUFFIXES[i % 2];
        uint32_t *numbers;
        size_t count = 0;
        if (segment_list(journal->directory, stream, suffix, &numbers, &count) != STATUS_OK) {
            continue;
        }
        for (size_t k = 0; k < count; k++) {
            char path[SEGMENT_PATH_SIZE];
            struct stat info;
            segment_path(journal->directory, stream, numbers[k], suffix, path);
            figures.size += stat(path, &info) == 0 ? (uint64_t)info.st_size : 0;
        }
        free(numbers);
        *(i % 2 == 0 ? &figures.segments : &figures.sealed_segments) += count;
    }
    for (int i = 0; i < STREAM_COUNT; i++) {
        figures.reserve_size += journal->streams[i].prepared_count * journal->options.segment_size;
    }
    return figures;
}
