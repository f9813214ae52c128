#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "journal/journal_state.h"

/* A name beside the segment that is not taken: what was kept aside once is never written over. */
static enum status name_aside(const struct stream_state *state, const char *directory,
    uint32_t number, char out[static SEGMENT_PATH_SIZE])
{
    enum { TRIES = 100 };
    for (int i = 0; i < TRIES; i++) {
        char suffix[16];
        snprintf(suffix, sizeof suffix, i == 0 ? ".beyond" : ".beyond-%d", i);
        segment_path(directory, state->stream, number, suffix, out);
        if (access(out, F_OK) != 0) {
            return STATUS_OK;
        }
    }
    return STATUS_LIMIT;
}

size_t mend_used_end(const struct segment *segment, size_t from)
{
    static const uint8_t ZEROS[4096];
    size_t end = segment->size;
    while (end >= from + sizeof ZEROS &&
           memcmp(segment->bytes + end - sizeof ZEROS, ZEROS, sizeof ZEROS) == 0) {
        end -= sizeof ZEROS;
    }
    while (end > from && segment->bytes[end - 1] == 0) {
        end -= 1;
    }
    return end;
}

uint64_t mend_count(const struct segment *segment, size_t from)
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

enum status mend_zero(struct journal *journal, const struct stream_state *state,
    struct segment *segment, size_t from, bool keep)
{
    char aside[SEGMENT_PATH_SIZE];
    size_t end = mend_used_end(segment, from);
    enum status status = STATUS_OK;
    if (keep) {
        status = name_aside(state, journal->directory, segment->number, aside);
        status = status == STATUS_OK ? file_write(aside, segment->bytes, segment->size) : status;
    }
    if (status != STATUS_OK || end == from) {
        return status;
    }
    memset(segment->bytes + from, 0, end - from);
    return fdatasync(segment->file) == 0 ? STATUS_OK : STATUS_IO;
}

enum status mend_set_aside(
    struct journal *journal, const struct stream_state *state, uint32_t number)
{
    char from[SEGMENT_PATH_SIZE], to[SEGMENT_PATH_SIZE];
    segment_path(journal->directory, state->stream, number, SEGMENT_PLAIN, from);
    enum status status = name_aside(state, journal->directory, number, to);
    if (status == STATUS_OK && rename(from, to) != 0) {
        status = STATUS_IO;
    }
    log_event(LOG_WARN, "segment-set-aside", "file=%s status=%s", to, status_name(status));
    return status == STATUS_OK ? folder_sync(journal->directory) : status;
}

enum status mend_remove(struct journal *journal, const struct stream_state *state, uint32_t number)
{
    char path[SEGMENT_PATH_SIZE];
    segment_path(journal->directory, state->stream, number, SEGMENT_PLAIN, path);
    return unlink(path) == 0 ? STATUS_OK : STATUS_IO;
}

/* Asked for once more to the last byte: a power cut may have come before the first asking was safe. */
enum status mend_adopt(struct journal *journal, struct stream_state *state, struct segment *segment)
{
    bool wanted = state->prepared_count < journal->prepared_want &&
                  segment->size == journal->options.segment_size &&
                  segment->number == state->number_next;
    if (wanted && posix_fallocate(segment->file, 0, (off_t)segment->size) == 0 &&
        fsync(segment->file) == 0) {
        state->prepared[state->prepared_count++] = *segment;
        state->number_next += 1;
        return STATUS_OK;
    }
    segment_close(segment);
    return mend_remove(journal, state, segment->number);
}
