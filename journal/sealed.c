#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "core/log.h"
#include "journal/segment.h"

/* The file's bytes as they are; free() them. */
static enum status read_packed(const char *path, uint8_t **bytes, size_t *size)
{
    struct stat info;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return errno == ENOENT ? STATUS_ABSENT : STATUS_IO;
    }
    *bytes = fstat(file, &info) == 0 ? malloc((size_t)info.st_size + 1) : NULL;
    *size = 0;
    ssize_t got = *bytes == NULL ? -1 : 0;
    while (got >= 0 && *size < (size_t)info.st_size) {
        got = read(file, *bytes + *size, (size_t)info.st_size - *size);
        if (got <= 0) {
            break;
        }
        *size += (size_t)got;
    }
    close(file);
    if (got < 0) {
        free(*bytes);
        return STATUS_IO;
    }
    return STATUS_OK;
}

enum status segment_unpack(
    const char *directory, enum stream stream, uint32_t number, struct segment *segment)
{
    char path[SEGMENT_PATH_SIZE];
    uint8_t *packed;
    size_t packed_size;
    segment_path(directory, stream, number, SEGMENT_SEALED, path);
    enum status status = read_packed(path, &packed, &packed_size);
    if (status != STATUS_OK) {
        return status;
    }
    unsigned long long size = ZSTD_getFrameContentSize(packed, packed_size);
    uint8_t *bytes = NULL;
    if (size >= SEGMENT_HEADER_SIZE && size <= (1ULL << 32)) {
        bytes = malloc((size_t)size);
        assert(bytes != NULL);
        if (ZSTD_decompress(bytes, (size_t)size, packed, packed_size) != size) {
            free(bytes);
            bytes = NULL;
        }
    }
    free(packed);
    if (bytes == NULL) {
        log_event(LOG_ERROR, "segment-unreadable", "file=%s reason=\"it does not unpack\"", path);
        return STATUS_CORRUPT;
    }
    *segment = (struct segment){.bytes = bytes, .size = (size_t)size, .file = -1, .number = number};
    return STATUS_OK;
}

/* The first bytes of a sealed segment: the beginning of its frame unpacks alone. */
static bool unpack_head(const char *path, uint8_t out[static SEGMENT_HEADER_SIZE])
{
    enum { ENOUGH = 256 * 1024 }; /* more than one block of a frame */
    int file = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t *packed = file < 0 ? NULL : malloc(ENOUGH);
    ZSTD_DStream *unpacker = packed == NULL ? NULL : ZSTD_createDStream();
    ssize_t size = unpacker == NULL ? 0 : read(file, packed, ENOUGH);
    ZSTD_inBuffer in = {packed, size > 0 ? (size_t)size : 0, 0};
    ZSTD_outBuffer head = {out, SEGMENT_HEADER_SIZE, 0};
    while (in.pos < in.size && head.pos < head.size &&
           !ZSTD_isError(ZSTD_decompressStream(unpacker, &head, &in))) {
    }
    ZSTD_freeDStream(unpacker);
    free(packed);
    if (file >= 0) {
        close(file);
    }
    return head.pos == head.size;
}

bool segment_peek(
    const char *directory, enum stream stream, uint32_t number, struct segment_header *header)
{
    char path[SEGMENT_PATH_SIZE];
    uint8_t head[SEGMENT_HEADER_SIZE] = {0};
    segment_path(directory, stream, number, SEGMENT_PLAIN, path);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        ssize_t size = read(file, head, sizeof head);
        close(file);
        return size == (ssize_t)sizeof head &&
               segment_header_read(slice_from(head, sizeof head), header);
    }
    segment_path(directory, stream, number, SEGMENT_SEALED, path);
    return unpack_head(path, head) && segment_header_read(slice_from(head, sizeof head), header);
}

enum status file_write(const char *path, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    bool fine = file >= 0;
    while (fine && size > 0) {
        ssize_t written = write(file, at, size);
        fine = written > 0;
        at += fine ? written : 0;
        size -= fine ? (size_t)written : 0;
    }
    fine = fine && fsync(file) == 0;
    enum status status = fine                                 ? STATUS_OK
                         : errno == ENOSPC || errno == EDQUOT ? STATUS_FULL
                                                              : STATUS_IO;
    if (file >= 0) {
        close(file);
    }
    return status;
}
