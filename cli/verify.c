#include "cli/verify.h"

#include <dirent.h>
#include <isa-l/crc.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

uint64_t verify_get(const uint8_t *at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value |= (uint64_t)at[i] << (8 * i);
    }
    return value;
}

static uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t size)
{
    return crc32_iscsi((uint8_t *)(uintptr_t)bytes, (int)size, crc);
}

uint8_t *verify_read_file(const char *path, size_t *size)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    if (file != NULL && fstat(fileno(file), &info) == 0) {
        bytes = malloc((size_t)info.st_size + 1);
        *size = bytes == NULL ? 0 : fread(bytes, 1, (size_t)info.st_size, file);
    }
    if (file != NULL) {
        fclose(file);
    }
    return bytes;
}

static uint8_t *read_segment(const char *path, bool sealed, size_t *size)
{
    uint8_t *bytes = verify_read_file(path, size);
    if (bytes == NULL || !sealed) {
        return bytes;
    }
    unsigned long long whole = ZSTD_getFrameContentSize(bytes, *size);
    uint8_t *unpacked = whole > (1ULL << 32) ? NULL : malloc((size_t)whole + 1);
    if (unpacked != NULL &&
        ZSTD_decompress(unpacked, (size_t)whole, bytes, *size) != (size_t)whole) {
        free(unpacked);
        unpacked = NULL;
    }
    free(bytes);
    *size = (size_t)whole;
    return unpacked;
}

static bool add_entry(struct verifier *verifier, struct stream *stream, struct entry entry)
{
    uint64_t expected =
        stream->count == 0 ? entry.sequence : stream->entries[stream->count - 1].sequence + 1;
    if (entry.sequence != expected) {
        snprintf(verifier->fault, sizeof verifier->fault,
            "%s: record %llu follows where %llu is due: records were taken out, put in or swapped",
            stream->name, (unsigned long long)entry.sequence, (unsigned long long)expected);
        return false;
    }
    if (stream->count == stream->capacity) {
        stream->capacity = stream->capacity * 2 + 1024;
        stream->entries = realloc(stream->entries, stream->capacity * sizeof *stream->entries);
        if (stream->entries == NULL) {
            return false;
        }
    }
    stream->entries[stream->count++] = entry;
    return true;
}

/* The records of one segment; behind the last there are zeros. */
static bool read_records(struct verifier *verifier, struct stream *stream, const char *name,
    const uint8_t *bytes, size_t size)
{
    size_t at = SEGMENT_HEADER;
    while (at + RECORD_HEADER <= size && verify_get(bytes + at, 4) != 0) {
        uint32_t length = (uint32_t)verify_get(bytes + at, 4);
        bool fits = length >= RECORD_HEADER && length % 8 == 0 && length <= size - at &&
                    memcmp(bytes + at + 4, "HJR1", 4) == 0;
        uint32_t crc = fits ? crc32c(UINT32_MAX, bytes + at, 4) : 0;
        crc = fits ? crc32c(crc, bytes + at + 12, length - 12) ^ UINT32_MAX : 0;
        if (!fits || crc != verify_get(bytes + at + 8, 4)) {
            snprintf(verifier->fault, sizeof verifier->fault,
                "%s: the record at byte %zu does not check: it was changed", name, at);
            return false;
        }
        struct entry entry = {bytes + at, length, verify_get(bytes + at + 16, 8)};
        if (!add_entry(verifier, stream, entry)) {
            return false;
        }
        at += length;
    }
    for (; at < size; at++) {
        if (bytes[at] != 0) {
            snprintf(verifier->fault, sizeof verifier->fault,
                "%s: something stands behind the last record, at byte %zu", name, at);
            return false;
        }
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "<stream>-<8 digits>.hjj" or that with .zst, ascending. */
static char **list_files(const char *directory, const char *stream, size_t *count)
{
    DIR *folder = opendir(directory);
    char **names = calloc(FILES_MAX, sizeof *names);
    struct dirent *entry;
    *count = 0;
    while (folder != NULL && names != NULL && (entry = readdir(folder)) != NULL &&
           *count < FILES_MAX) {
        size_t size = strlen(entry->d_name);
        bool plain = size == 17 && strcmp(entry->d_name + 13, ".hjj") == 0;
        bool sealed = size == 21 && strcmp(entry->d_name + 13, ".hjj.zst") == 0;
        if ((plain || sealed) && strncmp(entry->d_name, stream, 4) == 0) {
            names[(*count)++] = strdup(entry->d_name);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    if (names != NULL) {
        qsort(names, *count, sizeof *names, by_name);
    }
    return names;
}

static bool read_one(
    struct verifier *verifier, struct stream *stream, const char *directory, const char *name)
{
    char path[4096];
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    uint8_t *bytes = read_segment(path, strlen(name) == 21, &size);
    if (bytes == NULL || size < SEGMENT_HEADER) {
        snprintf(verifier->fault, sizeof verifier->fault, "%s: cannot be read whole", name);
        free(bytes);
        return false;
    }
    stream->files[stream->file_count++] = bytes;
    if (verify_get(bytes, 8) == 0) {
        return true; /* prepared, not begun */
    }
    if (memcmp(bytes, "HJJSEG01", 8) != 0 ||
        (crc32c(UINT32_MAX, bytes, 60) ^ UINT32_MAX) != verify_get(bytes + 60, 4)) {
        snprintf(verifier->fault, sizeof verifier->fault, "%s: its header was changed", name);
        return false;
    }
    return read_records(verifier, stream, name, bytes, size);
}

static bool read_stream(struct verifier *verifier, struct stream *stream, const char *directory)
{
    size_t count;
    bool fine = true;
    char **names = list_files(directory, stream->name, &count);
    stream->files = calloc(count + 1, sizeof *stream->files);
    for (size_t i = 0; i < count; i++) {
        fine = fine && read_one(verifier, stream, directory, names[i]);
        free(names[i]);
    }
    free(names);
    return fine;
}

static const struct entry *find(const struct stream *stream, uint64_t sequence)
{
    if (stream->count == 0 || sequence < stream->entries[0].sequence ||
        sequence > stream->entries[stream->count - 1].sequence) {
        return NULL;
    }
    return &stream->entries[sequence - stream->entries[0].sequence];
}

struct range {
    const struct stream *stream;
    uint64_t first, last; /* first > last: none */
};

/* Whether it begins with records that are past their retention: what is left of it proves nothing. */
static bool gone(const struct range *range)
{
    return range->first <= range->last && range->stream->count > 0 &&
           range->first < range->stream->entries[0].sequence;
}

static bool digest_range(EVP_MD_CTX *context, const struct range *range)
{
    for (uint64_t sequence = range->first; sequence <= range->last; sequence++) {
        const struct entry *entry = find(range->stream, sequence);
        if (entry == NULL || EVP_DigestUpdate(context, entry->bytes, entry->size) != 1) {
            return false;
        }
    }
    return true;
}

static bool digest_fits(const uint8_t *commit, const struct range ranges[static 2])
{
    uint8_t digest[DIGEST];
    const EVP_MD *kind = verify_get(commit, 4) == 1 ? EVP_sm3() : EVP_sha256();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool fine = context != NULL && EVP_DigestInit_ex(context, kind, NULL) == 1 &&
                EVP_DigestUpdate(context, commit + 48, DIGEST) == 1 &&
                digest_range(context, &ranges[0]) && digest_range(context, &ranges[1]) &&
                EVP_DigestFinal_ex(context, digest, NULL) == 1 &&
                memcmp(digest, commit + 80, DIGEST) == 0;
    EVP_MD_CTX_free(context);
    return fine;
}

/* What was said goes on with the commit before. Behind a restored backup, all of whose segments are
 * sealed, it goes on behind that: then its digest alone is bound, as the digest before. */
static bool follows_on(const struct verifier *verifier, uint64_t first)
{
    bool at_once = first == verifier->covered_said + 1;
    bool behind_commit =
        first == verifier->covered_said + 2 && verifier->commit_at == verifier->covered_said + 1;
    return at_once || behind_commit;
}

/* One commit: it must follow the one before, begin where that one left off, and its digest must be that
 * of what it covers. */
static bool check_commit(struct verifier *verifier, const struct entry *entry)
{
    const uint8_t *at = entry->bytes;
    size_t skip = verify_get(at + 56, 2) + verify_get(at + 58, 2) + verify_get(at + 60, 2);
    const uint8_t *commit = at + RECORD_HEADER + skip;
    if (verify_get(at + 64, 4) != COMMIT_SIZE) {
        return false;
    }
    const struct range ranges[2] = {
        {&verifier->streams[0], verify_get(commit + 8, 8), verify_get(commit + 16, 8)},
        {&verifier->streams[1], verify_get(commit + 24, 8), verify_get(commit + 32, 8)},
    };
    bool nothing_before = verifier->commits == 0 && find(ranges[1].stream, 1) == NULL;
    bool fine = nothing_before || (memcmp(commit + 48, verifier->digest, DIGEST) == 0 &&
                                      ranges[0].first == verifier->covered_came + 1 &&
                                      follows_on(verifier, ranges[1].first));
    bool expired = gone(&ranges[0]) || gone(&ranges[1]);
    fine = fine && (expired || digest_fits(commit, ranges));
    memcpy(verifier->digest, commit + 80, DIGEST);
    verifier->commits += 1;
    verifier->expired += expired ? 1 : 0;
    verifier->covered_came = ranges[0].last;
    verifier->covered_said = ranges[1].last;
    verifier->commit_at = entry->sequence;
    return fine;
}

static bool check_chain(struct verifier *verifier)
{
    const struct stream *said = &verifier->streams[1];
    for (size_t i = 0; i < said->count; i++) {
        if (verify_get(said->entries[i].bytes + 12, 2) == COMMIT_KIND &&
            !check_commit(verifier, &said->entries[i])) {
            snprintf(verifier->fault, sizeof verifier->fault,
                "said: the commit in record %llu does not fit what it covers: something before it "
                "was changed",
                (unsigned long long)said->entries[i].sequence);
            return false;
        }
    }
    return true;
}

static void print_hex(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        printf("%02x", bytes[i]);
    }
}

static void print_result(const struct verifier *verifier, bool whole, bool json)
{
    const struct stream *came = &verifier->streams[0];
    uint64_t first = came->count == 0 ? 0 : came->entries[0].sequence;
    uint64_t last = came->count == 0 ? 0 : came->entries[came->count - 1].sequence;
    if (json) {
        printf("{\"whole\":%s,\"first\":%llu,\"last\":%llu,\"commits\":%llu,\"covered\":%llu,"
               "\"expired\":%llu,\"digest\":\"",
            whole ? "true" : "false", (unsigned long long)first, (unsigned long long)last,
            (unsigned long long)verifier->commits, (unsigned long long)verifier->covered_came,
            (unsigned long long)verifier->expired);
        print_hex(verifier->digest, DIGEST);
        printf("\",\"fault\":\"%s\"}\n", verifier->fault);
        return;
    }
    if (!whole) {
        printf("FAULT: %s\n", verifier->fault);
        return;
    }
    printf("records %llu-%llu, unbroken; %llu commits, the last covers up to record %llu; %llu of "
           "them speak of records past their retention\n"
           "digest of the chain: ",
        (unsigned long long)first, (unsigned long long)last, (unsigned long long)verifier->commits,
        (unsigned long long)verifier->covered_came, (unsigned long long)verifier->expired);
    print_hex(verifier->digest, DIGEST);
    puts("\nThis shows that nothing inside was changed. That the whole was not replaced is shown "
         "by an\n"
         "anchor outside: compare the digest with one that was lodged elsewhere.");
}

void verify_forget(struct verifier *verifier)
{
    for (int i = 0; i < 2; i++) {
        for (size_t k = 0; k < verifier->streams[i].file_count; k++) {
            free(verifier->streams[i].files[k]);
        }
        free(verifier->streams[i].files);
        free(verifier->streams[i].entries);
    }
}

bool verify_journal(struct verifier *verifier, const char *directory)
{
    *verifier = (struct verifier){.streams = {{.name = "came"}, {.name = "said"}}};
    return read_stream(verifier, &verifier->streams[0], directory) &&
           read_stream(verifier, &verifier->streams[1], directory) && check_chain(verifier);
}

const uint8_t *verify_payload(const struct stream *stream, uint64_t sequence, size_t *size)
{
    const struct entry *entry = find(stream, sequence);
    if (entry == NULL) {
        return NULL;
    }
    const uint8_t *at = entry->bytes;
    *size = (size_t)verify_get(at + 64, 4);
    return at + RECORD_HEADER + verify_get(at + 56, 2) + verify_get(at + 58, 2) +
           verify_get(at + 60, 2);
}

static int verify(const char *directory, bool json)
{
    struct verifier verifier;
    bool whole = verify_journal(&verifier, directory);
    bool there = !whole || verifier.streams[0].file_count > 0;
    if (there) {
        print_result(&verifier, whole, json);
    } else {
        fprintf(stderr, "hjhub-verify: %s: no journal there\n", directory);
    }
    verify_forget(&verifier);
    return !there ? COULD_NOT : whole ? FINE : FAULT;
}

int main(int argc, char **argv)
{
    static const char USAGE[] = "usage: hjhub-verify [--json] JOURNAL|BUNDLE | --help | --version\n"
                                "exit status: 0 whole, 1 a fault, 2 could not read\n";
    const char *directory = NULL;
    bool json = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(USAGE, stdout);
            return FINE;
        }
        if (strcmp(argv[i], "--version") == 0) {
            puts("hjhub-verify " HJHUB_VERSION);
            return FINE;
        }
        if (strcmp(argv[i], "--json") == 0) {
            json = true;
        } else if (argv[i][0] == '-' || directory != NULL) {
            directory = NULL;
            break;
        } else {
            directory = argv[i];
        }
    }
    if (directory == NULL) {
        fputs(USAGE, stderr);
        return COULD_NOT;
    }
    return verify_is_bundle(directory) ? verify_bundle(directory, json) : verify(directory, json);
}
