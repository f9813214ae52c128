/* verify -- is this journal, or this bundle of evidence, what was written? Made from docs/journal.md and
 * docs/evidence.md alone: hjhub-verify shares no code with the program that wrote it.
 *
 * Shape    DIR -> "records a-b, unbroken" and the chain's last digest; --json: one object. A bundle holds
 *          journals in proof/, and each of its frames must be a record of one of them.
 * Memory   all records of what is looked at.
 * Errors   exit status 0 whole, 1 a fault was found and named, 2 could not read.
 * Threads  one thread.
 */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FINE = 0,
    FAULT = 1,
    COULD_NOT = 2,
    SEGMENT_HEADER = 64,
    RECORD_HEADER = 72,
    COMMIT_KIND = 31,
    COMMIT_SIZE = 112,
    DIGEST = 32,
    FILES_MAX = 65536,
};

/* One record: where its bytes are. */
struct entry {
    const uint8_t *bytes;
    uint32_t size;
    uint64_t sequence;
};

struct stream {
    const char *name;
    uint8_t **files; /* whole segments, owned */
    size_t file_count;
    struct entry *entries;
    size_t count, capacity;
};

struct verifier {
    struct stream streams[2];
    char fault[300];
    uint64_t commits, covered_came, covered_said;
    uint64_t commit_at; /* sequence of the newest commit */
    uint64_t expired;   /* commits over records that are no longer here */
    uint8_t digest[DIGEST];
};

uint64_t verify_get(const uint8_t *at, size_t size);       /* little endian */
uint8_t *verify_read_file(const char *path, size_t *size); /* NULL: cannot be read; free() it */

/* The journal in this folder: its records, its commits. false: fault says what. */
bool verify_journal(struct verifier *verifier, const char *directory);
void verify_forget(struct verifier *verifier);

/* The payload of a record; NULL: it is not there. */
const uint8_t *verify_payload(const struct stream *stream, uint64_t sequence, size_t *size);

/* A bundle of evidence: files, digests, frames and what was said. */
bool verify_is_bundle(const char *directory);
int verify_bundle(const char *directory, bool json);

#endif
