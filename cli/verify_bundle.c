#include <dirent.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/verify.h"

enum { PROOFS_MAX = 16, PATH_SIZE = 4096, LINE_SIZE = 4200, HEX_SIZE = 64 };

struct bundle {
    const char *directory;
    struct verifier proofs[PROOFS_MAX];
    size_t proof_count;
    uint64_t files, frames, said; /* that were looked at and agreed */
    char fault[600];
};

/* A path too long for the system is no path. */
static void join(const char *folder, const char *name, char out[static PATH_SIZE])
{
    int size = snprintf(out, PATH_SIZE, "%s/%s", folder, name);
    if (size < 0 || size >= PATH_SIZE) {
        out[0] = '\0';
    }
}

static void path_of(const struct bundle *bundle, const char *name, char out[static PATH_SIZE])
{
    join(bundle->directory, name, out);
}

bool verify_is_bundle(const char *directory)
{
    char path[PATH_SIZE];
    join(directory, "MANIFEST.sha256", path);
    return access(path, F_OK) == 0;
}

/* --- each file has the digest that the manifest says --- */

static bool digest_is(const uint8_t *bytes, size_t size, const char *hex)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    char text[HEX_SIZE + 1] = "";
    if (EVP_Digest(bytes, size, digest, &length, EVP_sha256(), NULL) != 1) {
        return false;
    }
    for (unsigned i = 0; i < length && 2 * i + 2 < sizeof text + 1; i++) {
        snprintf(text + (size_t)2 * i, 3, "%02x", digest[i]);
    }
    return strncmp(text, hex, HEX_SIZE) == 0;
}

static bool check_file(struct bundle *bundle, char *line)
{
    char path[PATH_SIZE];
    size_t size = 0, length = strcspn(line, "\n");
    line[length] = '\0';
    const char *name = length > HEX_SIZE + 2 ? line + HEX_SIZE + 2 : "";
    path_of(bundle, name, path);
    bool inside = name[0] != '\0' && name[0] != '/' && strstr(name, "..") == NULL;
    uint8_t *bytes = inside ? verify_read_file(path, &size) : NULL;
    bool fine = bytes != NULL && digest_is(bytes, size, line);
    if (!fine) {
        snprintf(bundle->fault, sizeof bundle->fault, "%.400s: %s", inside ? name : line,
            bytes == NULL ? "it is in the manifest and cannot be read" : "it was changed");
    }
    free(bytes);
    bundle->files += fine;
    return fine;
}

static bool check_manifest(struct bundle *bundle)
{
    char path[PATH_SIZE], line[LINE_SIZE];
    path_of(bundle, "MANIFEST.sha256", path);
    FILE *file = fopen(path, "r");
    bool fine = file != NULL;
    while (fine && fgets(line, sizeof line, file) != NULL) {
        fine = check_file(bundle, line);
    }
    if (file != NULL) {
        fclose(file);
    }
    return fine;
}

/* --- the journals in proof/ --- */

static bool check_proofs(struct bundle *bundle)
{
    char path[PATH_SIZE], name[PATH_SIZE];
    struct dirent *entry;
    path_of(bundle, "proof", path);
    DIR *folder = opendir(path);
    bool fine = true;
    while (fine && folder != NULL && (entry = readdir(folder)) != NULL &&
           bundle->proof_count < PROOFS_MAX) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        struct verifier *proof = &bundle->proofs[bundle->proof_count++];
        snprintf(name, sizeof name, "proof/%.200s", entry->d_name);
        path_of(bundle, name, path);
        fine = verify_journal(proof, path) && proof->commits > proof->expired;
        if (!fine) {
            snprintf(bundle->fault, sizeof bundle->fault, "%.200s: %s", name,
                proof->fault[0] == '\0' ? "no whole commit in it" : proof->fault);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return fine;
}

/* --- each frame and each said record is one of theirs --- */

static bool stands_in_proof(const struct bundle *bundle, unsigned stream, uint64_t sequence,
    const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < bundle->proof_count; i++) {
        size_t there = 0;
        const uint8_t *payload =
            verify_payload(&bundle->proofs[i].streams[stream], sequence, &there);
        if (payload != NULL) {
            return there == size && (size == 0 || memcmp(payload, bytes, size) == 0);
        }
    }
    return false;
}

static bool check_record(
    struct bundle *bundle, unsigned stream, const char *folder, const char *file)
{
    char name[PATH_SIZE], path[PATH_SIZE];
    size_t size = 0;
    snprintf(name, sizeof name, "%s/%.200s", folder, file);
    path_of(bundle, name, path);
    uint8_t *bytes = verify_read_file(path, &size);
    bool fine = bytes != NULL &&
                (bundle->proof_count == 0 ||
                    stands_in_proof(bundle, stream, strtoull(file, NULL, 10), bytes, size));
    if (!fine) {
        snprintf(bundle->fault, sizeof bundle->fault,
            "%.300s: it is not the record of that number in proof/", name);
    }
    free(bytes);
    return fine;
}

static bool check_records(
    struct bundle *bundle, unsigned stream, const char *folder, uint64_t *count)
{
    char path[PATH_SIZE];
    struct dirent *entry;
    path_of(bundle, folder, path);
    DIR *files = opendir(path);
    bool fine = files != NULL;
    if (!fine) {
        snprintf(bundle->fault, sizeof bundle->fault, "%s: the folder is missing", folder);
    }
    while (fine && (entry = readdir(files)) != NULL) {
        if (entry->d_name[0] != '.') {
            fine = check_record(bundle, stream, folder, entry->d_name);
            *count += fine;
        }
    }
    if (files != NULL) {
        closedir(files);
    }
    return fine;
}

static void print_bundle(const struct bundle *bundle, bool whole, bool json)
{
    if (json) {
        printf("{\"whole\":%s,\"files\":%llu,\"frames\":%llu,\"said\":%llu,\"proofs\":%zu,"
               "\"fault\":\"%s\"}\n",
            whole ? "true" : "false", (unsigned long long)bundle->files,
            (unsigned long long)bundle->frames, (unsigned long long)bundle->said,
            bundle->proof_count, bundle->fault);
        return;
    }
    if (!whole) {
        printf("FAULT: %s\n", bundle->fault);
        return;
    }
    printf("%llu files as the manifest has them; %llu frames and %llu said records ",
        (unsigned long long)bundle->files, (unsigned long long)bundle->frames,
        (unsigned long long)bundle->said);
    puts(bundle->proof_count == 0
             ? "without proof/: whether they stand in the journal is not shown here"
             : "stand in the chain of proof/, unbroken");
}

int verify_bundle(const char *directory, bool json)
{
    struct bundle *bundle = calloc(1, sizeof *bundle);
    if (bundle == NULL) {
        return COULD_NOT;
    }
    bundle->directory = directory;
    bool whole = check_manifest(bundle) && check_proofs(bundle) &&
                 check_records(bundle, 0, "frames", &bundle->frames) &&
                 check_records(bundle, 1, "said", &bundle->said);
    print_bundle(bundle, whole, json);
    for (size_t i = 0; i < bundle->proof_count; i++) {
        verify_forget(&bundle->proofs[i]);
    }
    free(bundle);
    return whole ? FINE : FAULT;
}
