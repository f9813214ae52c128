#include "journal/chain.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "journal/segment.h"

/* A reader that looks at a record before it takes it. */
struct peeked {
    struct journal_reader *reader;
    struct record record;
    bool held;
};

/* One reader of each stream hashes; one of SAID runs ahead and finds the commits. */
struct check {
    struct journal_reader *ahead;
    struct peeked said, came;
    EVP_MD_CTX *context;
    struct chain *chain;
    bool
        anchored; /* a commit has been checked whole, or is believed: from here on nothing is missing */
};

static bool is_commit(const struct record *record, struct commit_payload *commit)
{
    return record->kind == RECORD_COMMIT && commit_payload_read(record->payload, commit);
}

static void note(struct chain *chain, uint64_t sequence, const struct commit_payload *commit)
{
    chain->commit = sequence;
    chain->came_last = commit->came_last;
    memcpy(chain->digest, commit->digest, sizeof chain->digest);
}

/* The records first..last into the digest. *whole turns false when some are not there. */
static enum status hash_range(
    struct check *check, struct peeked *peeked, uint64_t first, uint64_t last, bool *whole)
{
    uint64_t due = first;
    while (due <= last) {
        if (!peeked->held && journal_reader_next(peeked->reader, &peeked->record) != STATUS_OK) {
            return STATUS_CORRUPT;
        }
        peeked->held = peeked->record.sequence > last;
        *whole = *whole && peeked->record.sequence <= due;
        if (peeked->held) {
            return STATUS_OK;
        }
        if (peeked->record.sequence >= due) {
            struct slice bytes = journal_reader_bytes(peeked->reader);
            int fine = EVP_DigestUpdate(check->context, bytes.ptr, bytes.size);
            assert(fine == 1);
            due = peeked->record.sequence + 1;
        }
    }
    return STATUS_OK;
}

static bool fits(const struct check *check, const struct commit_payload *commit, bool whole,
    const uint8_t digest[static JOURNAL_DIGEST_SIZE])
{
    const struct chain *chain = check->chain;
    bool follows =
        chain->commit == 0 || memcmp(commit->previous, chain->digest, sizeof chain->digest) == 0;
    return follows &&
           (whole ? memcmp(digest, commit->digest, JOURNAL_DIGEST_SIZE) == 0 : !check->anchored);
}

static enum status check_commit(
    struct check *check, uint64_t sequence, const struct commit_payload *commit)
{
    uint8_t digest[JOURNAL_DIGEST_SIZE];
    bool whole = true;
    const EVP_MD *kind = commit->algorithm == JOURNAL_SM3 ? EVP_sm3() : EVP_sha256();
    int fine = EVP_DigestInit_ex(check->context, kind, NULL) &&
               EVP_DigestUpdate(check->context, commit->previous, sizeof commit->previous);
    assert(fine == 1);
    enum status status =
        hash_range(check, &check->came, commit->came_first, commit->came_last, &whole);
    if (status == STATUS_OK) {
        status = hash_range(check, &check->said, commit->said_first, commit->said_last, &whole);
    }
    fine = EVP_DigestFinal_ex(check->context, digest, NULL);
    assert(fine == 1);
    if (status != STATUS_OK || !fits(check, commit, whole, digest)) {
        check->chain->fault = sequence;
        return STATUS_CORRUPT;
    }
    note(check->chain, sequence, commit);
    check->chain->commits += 1;
    check->anchored = check->anchored || whole;
    return STATUS_OK;
}

static enum status check_all(struct check *check)
{
    struct record record;
    struct commit_payload commit;
    enum status status = STATUS_OK;
    while (
        status == STATUS_OK && (status = journal_reader_next(check->ahead, &record)) == STATUS_OK) {
        if (is_commit(&record, &commit)) {
            status = check_commit(check, record.sequence, &commit);
        }
    }
    if (status != STATUS_ABSENT) {
        return status;
    }
    return check->chain->commit > 0 ? STATUS_OK : STATUS_ABSENT;
}

static enum status open_readers(struct check *check, const char *directory, uint64_t from)
{
    uint64_t came_from = check->chain->came_last + 1;
    enum status status = journal_reader_open(directory, STREAM_SAID, from + 1, &check->ahead);
    if (status == STATUS_OK) {
        status = journal_reader_open(directory, STREAM_SAID, from, &check->said.reader);
    }
    if (status == STATUS_OK) {
        status = journal_reader_open(directory, STREAM_CAME, came_from, &check->came.reader);
    }
    return status;
}

enum status chain_check(const char *directory, uint64_t from, struct chain *chain)
{
    struct check check = {.chain = chain, .context = EVP_MD_CTX_new(), .anchored = from > 0};
    enum status status = STATUS_OK;
    assert(check.context != NULL);
    *chain = (struct chain){0};
    if (from > 0) {
        status = chain_commit_at(directory, from, chain);
    }
    if (status == STATUS_OK) {
        status = open_readers(&check, directory, from);
    }
    if (status == STATUS_OK) {
        status = check_all(&check);
    }
    struct journal_reader *readers[] = {check.ahead, check.said.reader, check.came.reader};
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (readers[i] != NULL) {
            journal_reader_close(readers[i]);
        }
    }
    EVP_MD_CTX_free(check.context);
    return status;
}

enum status chain_commit_at(const char *directory, uint64_t sequence, struct chain *chain)
{
    struct journal_reader *reader;
    struct record record;
    struct commit_payload commit;
    *chain = (struct chain){0};
    enum status status = journal_reader_open(directory, STREAM_SAID, sequence, &reader);
    if (status != STATUS_OK) {
        return status;
    }
    status = journal_reader_next(reader, &record);
    if (status == STATUS_OK && (record.sequence != sequence || !is_commit(&record, &commit))) {
        status = STATUS_ABSENT;
    }
    if (status == STATUS_OK) {
        note(chain, sequence, &commit);
    }
    journal_reader_close(reader);
    return status;
}

/* The last commit from the beginning of this segment on. */
static enum status last_from(const char *directory, uint64_t from, struct chain *chain)
{
    struct journal_reader *reader;
    struct record record;
    struct commit_payload commit;
    enum status status = journal_reader_open(directory, STREAM_SAID, from, &reader);
    if (status != STATUS_OK) {
        return status;
    }
    while ((status = journal_reader_next(reader, &record)) == STATUS_OK) {
        if (is_commit(&record, &commit)) {
            note(chain, record.sequence, &commit);
        }
    }
    journal_reader_close(reader);
    return status == STATUS_ABSENT ? STATUS_OK : status;
}

enum status chain_end(const char *directory, struct chain *chain)
{
    uint32_t *numbers;
    size_t count;
    *chain = (struct chain){0};
    enum status status = segment_list_all(directory, STREAM_SAID, &numbers, &count);
    for (size_t i = count; status == STATUS_OK && i > 0 && chain->commit == 0; i--) {
        struct segment_header header;
        if (segment_peek(directory, STREAM_SAID, numbers[i - 1], &header)) {
            status = last_from(directory, header.first_sequence, chain);
        }
    }
    if (status == STATUS_OK) {
        free(numbers);
    }
    return status == STATUS_OK && chain->commit == 0 ? STATUS_ABSENT : status;
}
