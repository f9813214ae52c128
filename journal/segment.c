#include "journal/segment.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const char *stream_name(enum stream stream)
{
    return stream == STREAM_CAME ? "came" : "said";
}

void segment_path(const char *directory, enum stream stream, uint32_t number, const char *suffix,
    char out[static SEGMENT_PATH_SIZE])
{
    int size = snprintf(
        out, SEGMENT_PATH_SIZE, "%s/%s-%08u%s", directory, stream_name(stream), number, suffix);
    assert(size > 0 && size < SEGMENT_PATH_SIZE);
}

enum status folder_sync(const char *directory)
{
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return STATUS_IO;
    }
    int failed = fsync(folder);
    close(folder);
    return failed == 0 ? STATUS_OK : STATUS_IO;
}

static enum status map(struct segment *segment, bool writable)
{
    int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    void *bytes = mmap(NULL, segment->size, protection, MAP_SHARED, segment->file, 0);
    if (bytes == MAP_FAILED) {
        close(segment->file);
        segment->bytes = NULL;
        return STATUS_IO;
    }
    segment->bytes = bytes;
    return STATUS_OK;
}

enum status segment_create(const char *directory, enum stream stream, uint32_t number, size_t size,
    struct segment *segment)
{
    char path[SEGMENT_PATH_SIZE];
    segment_path(directory, stream, number, SEGMENT_PLAIN, path);
    *segment = (struct segment){.size = size, .number = number};
    segment->file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (segment->file < 0) {
        return errno == ENOSPC || errno == EDQUOT ? STATUS_FULL : STATUS_IO;
    }
    int error = posix_fallocate(segment->file, 0, (off_t)size);
    if (error != 0) {
        close(segment->file);
        unlink(path);
        return error == ENOSPC || error == EDQUOT ? STATUS_FULL : STATUS_IO;
    }
    if (fsync(segment->file) != 0 || folder_sync(directory) != STATUS_OK) {
        close(segment->file);
        return STATUS_IO;
    }
    return map(segment, true);
}

enum status segment_open(const char *directory, enum stream stream, uint32_t number, bool writable,
    struct segment *segment)
{
    char path[SEGMENT_PATH_SIZE];
    struct stat info;
    segment_path(directory, stream, number, SEGMENT_PLAIN, path);
    *segment = (struct segment){.number = number};
    segment->file = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (segment->file < 0) {
        return errno == ENOENT ? STATUS_ABSENT : STATUS_IO;
    }
    if (fstat(segment->file, &info) != 0 || info.st_size < SEGMENT_HEADER_SIZE) {
        close(segment->file);
        return STATUS_CORRUPT;
    }
    segment->size = (size_t)info.st_size;
    return map(segment, writable);
}

void segment_close(struct segment *segment)
{
    if (segment->bytes != NULL && segment->file < 0) {
        free(segment->bytes);
    } else if (segment->bytes != NULL) {
        munmap(segment->bytes, segment->size);
        close(segment->file);
    }
    segment->bytes = NULL;
}

static int by_number(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* "<stream>-<8 digits><suffix>" and nothing else. */
static bool name_fits(const char *name, enum stream stream, const char *suffix, uint32_t *number)
{
    struct slice rest = slice_of(name);
    uint64_t parsed;
    if (!slice_starts(rest, stream_name(stream)) || rest.size < 13 || rest.ptr[4] != '-' ||
        !slice_to_uint(slice_head(slice_tail(rest, 5), 8), UINT32_MAX, &parsed)) {
        return false;
    }
    *number = (uint32_t)parsed;
    return slice_is(slice_tail(rest, 13), suffix);
}

enum status segment_list(const char *directory, enum stream stream, const char *suffix,
    uint32_t **numbers, size_t *count)
{
    DIR *folder = opendir(directory);
    struct dirent *entry;
    size_t capacity = 0;
    uint32_t number;
    *numbers = NULL;
    *count = 0;
    if (folder == NULL) {
        return errno == ENOENT ? STATUS_ABSENT : STATUS_IO;
    }
    while ((entry = readdir(folder)) != NULL) {
        if (!name_fits(entry->d_name, stream, suffix, &number)) {
            continue;
        }
        if (*count == capacity) {
            capacity = capacity * 2 + 16;
            *numbers = realloc(*numbers, capacity * sizeof **numbers);
            assert(*numbers != NULL);
        }
        (*numbers)[(*count)++] = number;
    }
    closedir(folder);
    if (*count > 0) {
        qsort(*numbers, *count, sizeof **numbers, by_number);
    }
    return STATUS_OK;
}

enum status segment_list_all(
    const char *directory, enum stream stream, uint32_t **numbers, size_t *count)
{
    uint32_t *plain, *sealed;
    size_t plain_count, sealed_count;
    enum status status = segment_list(directory, stream, SEGMENT_SEALED, &sealed, &sealed_count);
    if (status != STATUS_OK) {
        return status;
    }
    status = segment_list(directory, stream, SEGMENT_PLAIN, &plain, &plain_count);
    *numbers = malloc((sealed_count + plain_count + 1) * sizeof **numbers);
    assert(*numbers != NULL);
    *count = 0;
    /* Sealed ones are always older; while one is being replaced both names exist for a moment. */
    for (size_t i = 0; i < sealed_count; i++) {
        (*numbers)[(*count)++] = sealed[i];
    }
    for (size_t i = 0; i < plain_count; i++) {
        if (*count == 0 || plain[i] > (*numbers)[*count - 1]) {
            (*numbers)[(*count)++] = plain[i];
        }
    }
    free(sealed);
    free(plain);
    return status;
}
