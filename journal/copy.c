#include "journal/copy.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "core/log.h"
#include "journal/checkpoint.h"
#include "journal/segment.h"

struct copy {
    const char *from, *to;
    struct chain upto; /* the commit that ends the copy */
    struct chain have; /* the commit that ends what the target holds; commit 0: it is empty */
    struct copy_result *result;
};

static enum status refuse(struct copy_result *result, const char *reason)
{
    result->reason = reason;
    return STATUS_REFUSED;
}

/* Behind the last record of a segment that belongs to the copy: *end; 0: none does. */
static enum status find_end(const struct copy *copy, enum stream stream,
    const struct segment *segment, uint64_t last, size_t *end)
{
    size_t at = SEGMENT_HEADER_SIZE, size;
    struct record record;
    enum format_outcome outcome;
    while ((outcome = record_read(slice_from(segment->bytes + at, segment->size - at), &record,
                &size)) == FORMAT_RECORD &&
           record.sequence <= last) {
        at += size;
    }
    *end = at == SEGMENT_HEADER_SIZE ? 0 : at;
    if (outcome == FORMAT_BAD) {
        log_event(LOG_ERROR, "record-unreadable", "directory=%s stream=%s number=%u at=%zu",
            copy->from, stream_name(stream), segment->number, at);
        return STATUS_CORRUPT;
    }
    return STATUS_OK;
}

/* A segment of this size with these first bytes and zeros behind them, packed, under its sealed name. */
static enum status write_sealed(
    struct copy *copy, enum stream stream, const struct segment *segment, size_t end)
{
    char made[SEGMENT_PATH_SIZE], path[SEGMENT_PATH_SIZE];
    enum { LEVEL = 3 };
    segment_path(copy->to, stream, segment->number, SEGMENT_SEALED ".new", made);
    segment_path(copy->to, stream, segment->number, SEGMENT_SEALED, path);
    size_t room = ZSTD_compressBound(segment->size);
    uint8_t *whole = calloc(1, segment->size), *packed = malloc(room);
    assert(whole != NULL && packed != NULL);
    memcpy(whole, segment->bytes, end);
    size_t size = ZSTD_compress(packed, room, whole, segment->size, LEVEL);
    enum status status = ZSTD_isError(size) ? STATUS_IO : file_write(made, packed, size);
    if (status == STATUS_OK && rename(made, path) != 0) {
        status = STATUS_IO;
    }
    free(whole);
    free(packed);
    copy->result->segments += status == STATUS_OK;
    return status;
}

/* Retention counts from the time of a sealed file: a copy is as old as what it was made from. */
static void keep_time(struct copy *copy, enum stream stream, uint32_t number)
{
    char from[SEGMENT_PATH_SIZE], to[SEGMENT_PATH_SIZE];
    struct stat info;
    segment_path(copy->from, stream, number, SEGMENT_SEALED, from);
    segment_path(copy->to, stream, number, SEGMENT_SEALED, to);
    if (stat(from, &info) == 0) {
        struct timespec times[2] = {info.st_atim, info.st_mtim};
        utimensat(AT_FDCWD, to, times, 0); /* younger than it is: kept for longer, no harm */
    }
}

static enum status copy_segment(
    struct copy *copy, enum stream stream, uint32_t number, uint64_t last)
{
    struct segment segment;
    enum status status = segment_open(copy->from, stream, number, false, &segment);
    if (status == STATUS_ABSENT) {
        status = segment_unpack(copy->from, stream, number, &segment);
    }
    if (status != STATUS_OK) {
        return status;
    }
    size_t end;
    status = find_end(copy, stream, &segment, last, &end);
    if (status == STATUS_OK && end > 0) {
        status = write_sealed(copy, stream, &segment, end);
        keep_time(copy, stream, number);
    }
    segment_close(&segment);
    return status;
}

/* The highest number that the target has of a stream; 0: none. */
static uint32_t highest(const char *directory, enum stream stream)
{
    uint32_t *numbers, number = 0;
    size_t count;
    if (segment_list_all(directory, stream, &numbers, &count) == STATUS_OK) {
        number = count > 0 ? numbers[count - 1] : 0;
        free(numbers);
    }
    return number;
}

/* From the last segment that the target has on: that one may have been cut at an earlier commit. */
static enum status copy_stream(struct copy *copy, enum stream stream, uint64_t last)
{
    uint32_t *numbers;
    size_t count;
    uint32_t from = highest(copy->to, stream);
    enum status status = segment_list_all(copy->from, stream, &numbers, &count);
    if (status != STATUS_OK) {
        return status;
    }
    if (from > 0 && count > 0 && numbers[0] > from + 1) {
        status = refuse(
            copy->result, "retention has taken what came after that backup: begin a new one");
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        if (numbers[i] >= from) {
            status = copy_segment(copy, stream, numbers[i], last);
        }
    }
    free(numbers);
    return status;
}

static enum status copy_checkpoint(struct copy *copy)
{
    struct checkpoint checkpoint;
    enum status status =
        checkpoint_read(copy->from, copy->upto.came_last, copy->upto.commit, &checkpoint);
    if (status != STATUS_OK) {
        return status == STATUS_ABSENT ? STATUS_OK : status; /* a start replays more, that is all */
    }
    status = checkpoint_write(copy->to, &checkpoint);
    checkpoint_free(&checkpoint);
    copy->result->checkpoint = status == STATUS_OK;
    return status;
}

/* What came is whole before the first commit that speaks of it is there. */
static enum status copy_all(struct copy *copy)
{
    enum status status = copy_stream(copy, STREAM_CAME, copy->upto.came_last);
    if (status == STATUS_OK) {
        status = copy_stream(copy, STREAM_SAID, copy->upto.commit);
    }
    if (status == STATUS_OK) {
        status = copy_checkpoint(copy);
    }
    if (status == STATUS_OK) {
        status = folder_sync(copy->to);
    }
    if (status == STATUS_OK) {
        status = chain_check(copy->to, copy->have.commit, &copy->result->chain);
    }
    return status;
}

static bool is_empty(const char *directory)
{
    DIR *folder = opendir(directory);
    struct dirent *entry;
    bool empty = true;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return empty;
}

/* What the target holds must be the beginning of this journal: the commit that ends it stands here too. */
static enum status look_at_target(struct copy *copy)
{
    struct chain here;
    if (is_empty(copy->to)) {
        return STATUS_OK;
    }
    enum status status = chain_end(copy->to, &copy->have);
    if (status == STATUS_ABSENT) {
        return refuse(copy->result, "it is not empty, and holds no backup");
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = chain_commit_at(copy->from, copy->have.commit, &here);
    bool same = status == STATUS_OK && here.came_last == copy->have.came_last &&
                memcmp(here.digest, copy->have.digest, sizeof here.digest) == 0;
    return same ? STATUS_OK : refuse(copy->result, "it holds a backup of another journal");
}

enum status copy_backup(const char *directory, const char *target, struct copy_result *result)
{
    struct copy copy = {.from = directory, .to = target, .result = result};
    *result = (struct copy_result){0};
    enum status status = chain_end(directory, &copy.upto);
    if (status != STATUS_OK) {
        return status;
    }
    if (mkdir(target, 0750) != 0 && errno != EEXIST) {
        return errno == ENOSPC ? STATUS_FULL : STATUS_IO;
    }
    status = look_at_target(&copy);
    return status == STATUS_OK ? copy_all(&copy) : status;
}

enum status copy_restore(const char *backup, const char *directory, struct copy_result *result)
{
    char beside[SEGMENT_PATH_SIZE];
    struct copy copy = {.from = backup, .to = beside, .result = result};
    *result = (struct copy_result){0};
    size_t size = strlen(directory);
    while (size > 1 && directory[size - 1] == '/') {
        size -= 1;
    }
    if (size > sizeof beside - 100) {
        return STATUS_LIMIT;
    }
    snprintf(beside, sizeof beside, "%.*s.restoring", (int)size, directory);
    if (!is_empty(directory)) {
        return refuse(result, "it is not empty");
    }
    if (!is_empty(beside)) {
        return refuse(result, "an earlier restore did not end: remove the folder beside it, "
                              "which has the same name with .restoring");
    }
    enum status status = chain_end(backup, &copy.upto);
    if (status == STATUS_OK && mkdir(beside, 0750) != 0 && errno != EEXIST) {
        status = STATUS_IO;
    }
    if (status == STATUS_OK) {
        status = copy_all(&copy);
    }
    if (status == STATUS_OK && rename(beside, directory) != 0) {
        return STATUS_IO;
    }
    snprintf(beside, sizeof beside, "%.*s/..", (int)size, directory);
    return status == STATUS_OK ? folder_sync(beside) : status;
}
