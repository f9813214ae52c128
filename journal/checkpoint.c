#include "journal/checkpoint.h"

#include <assert.h>
#include <dirent.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "journal/segment.h"

enum { HEAD_SIZE = 48, ENTRY_SIZE = CHECKPOINT_NAME_SIZE + 8, DIGEST_SIZE = 32, KEPT = 2 };

static const char MAGIC[8] = {'H', 'J', 'C', 'H', 'E', 'C', 'K', '1'};

static void path_of(const char *directory, uint64_t sequence, const char *suffix,
    char out[static SEGMENT_PATH_SIZE])
{
    int size = snprintf(out, SEGMENT_PATH_SIZE, "%s/checkpoint-%020llu.hjc%s", directory,
        (unsigned long long)sequence, suffix);
    assert(size > 0 && size < SEGMENT_PATH_SIZE);
}

struct output {
    FILE *file;
    EVP_MD_CTX *digest;
    bool failed;
};

static void emit(struct output *output, const void *bytes, size_t size)
{
    output->failed |= size > 0 && fwrite(bytes, 1, size, output->file) != size;
    output->failed |= EVP_DigestUpdate(output->digest, bytes, size) != 1;
}

static void emit_all(struct output *output, const struct checkpoint *checkpoint)
{
    uint8_t head[HEAD_SIZE] = {0};
    uint64_t numbers[4] = {checkpoint->version, checkpoint->came_sequence,
        checkpoint->said_sequence, checkpoint->section_count};
    memcpy(head, MAGIC, sizeof MAGIC);
    memcpy(head + 8, numbers, sizeof numbers); /* little-endian machines only, as the journal */
    emit(output, head, sizeof head);
    for (size_t i = 0; i < checkpoint->section_count; i++) {
        uint64_t size = checkpoint->sections[i].bytes.size;
        emit(output, checkpoint->sections[i].name, CHECKPOINT_NAME_SIZE);
        emit(output, &size, sizeof size);
    }
    for (size_t i = 0; i < checkpoint->section_count; i++) {
        emit(output, checkpoint->sections[i].bytes.ptr, checkpoint->sections[i].bytes.size);
    }
}

static enum status write_file(const char *path, const struct checkpoint *checkpoint)
{
    uint8_t digest[DIGEST_SIZE];
    struct output output = {.file = fopen(path, "wb"), .digest = EVP_MD_CTX_new()};
    assert(output.digest != NULL);
    if (output.file == NULL) {
        EVP_MD_CTX_free(output.digest);
        return STATUS_IO;
    }
    output.failed = EVP_DigestInit_ex(output.digest, EVP_sha256(), NULL) != 1;
    emit_all(&output, checkpoint);
    output.failed |= EVP_DigestFinal_ex(output.digest, digest, NULL) != 1;
    output.failed |= fwrite(digest, 1, sizeof digest, output.file) != sizeof digest;
    output.failed |= fflush(output.file) != 0 || fsync(fileno(output.file)) != 0;
    output.failed |= fclose(output.file) != 0;
    EVP_MD_CTX_free(output.digest);
    return output.failed ? STATUS_IO : STATUS_OK;
}

static int by_sequence(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* The came sequences of the files there are, ascending. */
static size_t list(const char *directory, uint64_t **sequences)
{
    enum { FILES_MAX = 1024, PREFIX = 11, DIGITS = 20 };
    DIR *folder = opendir(directory);
    struct dirent *entry;
    size_t count = 0;
    *sequences = calloc(FILES_MAX, sizeof **sequences);
    assert(*sequences != NULL);
    while (folder != NULL && (entry = readdir(folder)) != NULL && count < FILES_MAX) {
        struct slice name = slice_of(entry->d_name);
        uint64_t sequence;
        if (slice_starts(name, "checkpoint-") &&
            slice_is(slice_tail(name, PREFIX + DIGITS), ".hjc") &&
            slice_to_uint(slice_head(slice_tail(name, PREFIX), DIGITS), UINT64_MAX, &sequence)) {
            (*sequences)[count++] = sequence;
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    qsort(*sequences, count, sizeof **sequences, by_sequence);
    return count;
}

static void drop_old(const char *directory)
{
    char path[SEGMENT_PATH_SIZE];
    uint64_t *sequences;
    size_t count = list(directory, &sequences);
    for (size_t i = 0; i + KEPT < count; i++) {
        path_of(directory, sequences[i], "", path);
        unlink(path);
    }
    free(sequences);
}

enum status checkpoint_write(const char *directory, const struct checkpoint *checkpoint)
{
    char made[SEGMENT_PATH_SIZE], path[SEGMENT_PATH_SIZE];
    path_of(directory, checkpoint->came_sequence, ".new", made);
    path_of(directory, checkpoint->came_sequence, "", path);
    enum status status = write_file(made, checkpoint);
    if (status == STATUS_OK && rename(made, path) != 0) {
        status = STATUS_IO;
    }
    if (status == STATUS_OK) {
        status = folder_sync(directory);
    }
    if (status == STATUS_OK) {
        drop_old(directory);
    } else {
        unlink(made);
    }
    return status;
}

static uint8_t *read_file(const char *path, size_t *size)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    uint8_t *bytes = fstat(fileno(file), &info) == 0 ? malloc((size_t)info.st_size + 1) : NULL;
    *size = bytes == NULL ? 0 : fread(bytes, 1, (size_t)info.st_size, file);
    fclose(file);
    return bytes;
}

static bool parse(uint8_t *bytes, size_t size, struct checkpoint *checkpoint)
{
    uint64_t numbers[4];
    uint8_t digest[DIGEST_SIZE];
    if (size < HEAD_SIZE + DIGEST_SIZE || memcmp(bytes, MAGIC, sizeof MAGIC) != 0 ||
        EVP_Digest(bytes, size - DIGEST_SIZE, digest, NULL, EVP_sha256(), NULL) != 1 ||
        memcmp(digest, bytes + size - DIGEST_SIZE, DIGEST_SIZE) != 0) {
        return false;
    }
    memcpy(numbers, bytes + 8, sizeof numbers);
    if (numbers[0] != CHECKPOINT_VERSION || numbers[3] > CHECKPOINT_SECTIONS_MAX) {
        return false;
    }
    *checkpoint = (struct checkpoint){
        .version = CHECKPOINT_VERSION,
        .came_sequence = numbers[1],
        .said_sequence = numbers[2],
        .section_count = (size_t)numbers[3],
        .block = bytes,
    };
    size_t at = HEAD_SIZE + checkpoint->section_count * ENTRY_SIZE;
    size_t end = size - DIGEST_SIZE;
    for (size_t i = 0; i < checkpoint->section_count; i++) {
        const uint8_t *entry = bytes + HEAD_SIZE + i * ENTRY_SIZE;
        uint64_t length;
        memcpy(checkpoint->sections[i].name, entry, CHECKPOINT_NAME_SIZE);
        memcpy(&length, entry + CHECKPOINT_NAME_SIZE, sizeof length);
        if (at > end || length > end - at) {
            return false;
        }
        checkpoint->sections[i].bytes = slice_from(bytes + at, (size_t)length);
        at += (size_t)length;
    }
    return at == end;
}

enum status checkpoint_read(const char *directory, uint64_t came_highest, uint64_t said_highest,
    struct checkpoint *checkpoint)
{
    char path[SEGMENT_PATH_SIZE];
    uint64_t *sequences;
    enum status status = STATUS_ABSENT;
    size_t count = list(directory, &sequences);
    for (size_t i = count; i > 0 && status == STATUS_ABSENT; i--) {
        size_t size;
        path_of(directory, sequences[i - 1], "", path);
        uint8_t *bytes = read_file(path, &size);
        if (bytes != NULL && parse(bytes, size, checkpoint) &&
            checkpoint->came_sequence <= came_highest &&
            checkpoint->said_sequence <= said_highest) {
            status = STATUS_OK;
        } else {
            log_event(LOG_WARN, "checkpoint-skipped", "file=%s", path);
            free(bytes);
        }
    }
    free(sequences);
    return status;
}

void checkpoint_free(struct checkpoint *checkpoint)
{
    free(checkpoint->block);
    *checkpoint = (struct checkpoint){0};
}

struct slice checkpoint_section(const struct checkpoint *checkpoint, const char *name)
{
    for (size_t i = 0; i < checkpoint->section_count; i++) {
        if (strncmp(checkpoint->sections[i].name, name, CHECKPOINT_NAME_SIZE) == 0) {
            return checkpoint->sections[i].bytes;
        }
    }
    return (struct slice){0};
}
