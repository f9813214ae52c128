#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/evidence.h"

void evidence_path(
    const struct evidence *evidence, const char *name, char out[static EVIDENCE_PATH_SIZE])
{
    snprintf(out, EVIDENCE_PATH_SIZE, "%s%s%s", evidence->target, name[0] == '\0' ? "" : "/", name);
}

bool evidence_make_folder(const struct evidence *evidence, const char *name)
{
    char path[EVIDENCE_PATH_SIZE];
    evidence_path(evidence, name, path);
    if (mkdir(path, 0750) != 0) {
        command_fail("evidence", "%s: %s", path, strerror(errno));
        return false;
    }
    return true;
}

bool evidence_note(struct evidence *evidence, const char *name)
{
    if (evidence->file_count == EVIDENCE_FILES_MAX) {
        command_fail("evidence", "more than %d files: ask for less time around the alarm",
            EVIDENCE_FILES_MAX);
        return false;
    }
    if (evidence->files == NULL) {
        evidence->files = calloc(EVIDENCE_FILES_MAX, sizeof *evidence->files);
        assert(evidence->files != NULL);
    }
    evidence->files[evidence->file_count++] = strdup(name);
    return true;
}

FILE *evidence_open(struct evidence *evidence, const char *name)
{
    char path[EVIDENCE_PATH_SIZE];
    evidence_path(evidence, name, path);
    FILE *file = evidence_note(evidence, name) ? fopen(path, "wx") : NULL;
    if (file == NULL) {
        command_fail("evidence", "%s: %s", path, strerror(errno));
    }
    return file;
}

bool evidence_close(FILE *file)
{
    bool fine = ferror(file) == 0;
    fine = fclose(file) == 0 && fine;
    if (!fine) {
        command_fail("evidence", "a file could not be written whole: %s", strerror(errno));
    }
    return fine;
}

bool evidence_put(struct evidence *evidence, const char *name, struct slice bytes)
{
    FILE *file = evidence_open(evidence, name);
    if (file == NULL) {
        return false;
    }
    if (bytes.size > 0) {
        fwrite(bytes.ptr, 1, bytes.size, file);
    }
    return evidence_close(file);
}

static bool digest_file(const char *path, uint8_t digest[static EVP_MAX_MD_SIZE], unsigned *size)
{
    uint8_t block[64 * 1024];
    size_t got;
    FILE *file = fopen(path, "rb");
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool fine =
        file != NULL && context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;
    while (fine && (got = fread(block, 1, sizeof block, file)) > 0) {
        fine = EVP_DigestUpdate(context, block, got) == 1;
    }
    fine = fine && ferror(file) == 0 && EVP_DigestFinal_ex(context, digest, size) == 1;
    EVP_MD_CTX_free(context);
    if (file != NULL) {
        fclose(file);
    }
    return fine;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* As sha256sum writes it, so that `sha256sum -c` checks it too. */
int evidence_write_manifest(struct evidence *evidence)
{
    char path[EVIDENCE_PATH_SIZE];
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    size_t count = evidence->file_count;
    qsort(evidence->files, count, sizeof *evidence->files, by_name);
    evidence_path(evidence, "MANIFEST.sha256", path);
    FILE *file = fopen(path, "wx");
    if (file == NULL) {
        return command_fail("evidence", "%s: %s", path, strerror(errno));
    }
    bool fine = true;
    for (size_t i = 0; i < count && fine; i++) {
        evidence_path(evidence, evidence->files[i], path);
        fine = digest_file(path, digest, &size);
        for (unsigned k = 0; k < size && fine; k++) {
            fprintf(file, "%02x", digest[k]);
        }
        fprintf(file, "  %s\n", evidence->files[i]);
    }
    if (!fine) {
        command_fail("evidence", "%s: %s", path, strerror(errno));
    }
    return evidence_close(file) && fine ? EXIT_FINE : EXIT_COULD_NOT;
}
