#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/journal_state.h"

enum { MIB = 1024 * 1024, DEFAULT_SIZE = 64 * MIB };

enum status journal_prepare(struct journal *journal)
{
    journal->whole = false;
    for (int i = 0; i < STREAM_COUNT; i++) {
        struct stream_state *state = &journal->streams[i];
        for (;;) {
            struct segment made;
            pthread_mutex_lock(&state->lock);
            bool enough = state->prepared_count >= journal->prepared_want;
            pthread_mutex_unlock(&state->lock);
            if (enough) {
                break;
            }
            enum status status = segment_create(journal->directory, state->stream,
                state->number_next, journal->options.segment_size, &made);
            if (status != STATUS_OK) {
                return status;
            }
            state->number_next += 1;
            pthread_mutex_lock(&state->lock);
            state->prepared[state->prepared_count++] = made;
            pthread_mutex_unlock(&state->lock);
        }
    }
    journal->whole = true;
    return STATUS_OK;
}

static void fill_defaults(struct journal_options *options)
{
    options->segment_size = options->segment_size == 0 ? DEFAULT_SIZE : options->segment_size;
    options->reserve_size = options->reserve_size == 0 ? DEFAULT_SIZE : options->reserve_size;
    options->retention_ms =
        options->retention_ms == 0 ? INT64_C(1827) * DAY_MS : options->retention_ms;
}

/* The folder and those above it that are missing. */
static enum status make_folder(const char *directory)
{
    char path[SEGMENT_PATH_SIZE];
    size_t size = strlen(directory);
    if (size >= sizeof path - 64) {
        return STATUS_LIMIT;
    }
    for (size_t i = 1; i <= size; i++) {
        if (i == size || directory[i] == '/') {
            memcpy(path, directory, i);
            path[i] = '\0';
            mkdir(path, 0750); /* that it is there already is what is wanted */
        }
    }
    struct stat info;
    return stat(directory, &info) == 0 && S_ISDIR(info.st_mode) ? STATUS_OK : STATUS_IO;
}

/* The lock is the folder's own, so it leaves nothing behind and a reader needs no right to write. */
static enum status lock_folder(struct journal *journal)
{
    journal->folder = open(journal->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (journal->folder < 0) {
        return STATUS_IO;
    }
    if (flock(journal->folder, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? STATUS_BUSY : STATUS_IO;
    }
    return STATUS_OK;
}

static bool can_begin(const struct journal *journal)
{
    return journal->streams[STREAM_CAME].prepared_count > 0 &&
           journal->streams[STREAM_SAID].prepared_count > 0;
}

enum status journal_open(
    const struct journal_options *options, struct journal **journal, struct journal_recovery *found)
{
    struct journal *made = calloc(1, sizeof *made);
    assert(made != NULL);
    made->options = *options;
    fill_defaults(&made->options);
    made->directory = strdup(options->directory);
    made->options.directory = made->directory;
    if (options->area != NULL) {
        memcpy(made->area, options->area, strnlen(options->area, AREA_DIGITS_MAX));
    }
    made->options.area = made->area;
    size_t segments =
        (made->options.reserve_size + made->options.segment_size - 1) / made->options.segment_size;
    made->prepared_want = segments < PREPARED_MAX ? segments : PREPARED_MAX;
    made->folder = -1;
    for (int i = 0; i < STREAM_COUNT; i++) {
        made->streams[i].stream = (enum stream)i;
        made->streams[i].number_next = 1;
        made->streams[i].sequence_next = 1;
        made->streams[i].digest_sequence = 1;
        made->streams[i].digest_from = SEGMENT_HEADER_SIZE;
        pthread_mutex_init(&made->streams[i].lock, NULL);
    }
    *found = (struct journal_recovery){0};
    errno = 0;
    enum status status = make_folder(made->directory);
    if (status == STATUS_OK) {
        status = lock_folder(made);
    }
    if (status == STATUS_OK) {
        status = journal_recover(made, found);
    }
    if (status == STATUS_OK) {
        status = journal_prepare(made);
        /* A start on a full disk: what is left of the reserve is enough to begin, and to wait with. */
        status = status == STATUS_FULL && can_begin(made) ? STATUS_OK : status;
    }
    if (status != STATUS_OK) {
        found->error = errno;
        journal_close(made);
        return status;
    }
    *journal = made;
    return STATUS_OK;
}

void journal_close(struct journal *journal)
{
    for (int i = 0; i < STREAM_COUNT; i++) {
        struct stream_state *state = &journal->streams[i];
        for (size_t k = 0; k < state->prepared_count; k++) {
            segment_close(&state->prepared[k]); /* the reserve stays, for the next start */
        }
        segment_close(&state->current);
        for (size_t k = 0; k < state->unsynced_count; k++) {
            segment_close(&state->unsynced[k]);
        }
        pthread_mutex_destroy(&state->lock);
    }
    if (journal->folder >= 0) {
        close(journal->folder);
    }
    free(journal->directory);
    free(journal);
}

void unsynced_drop(struct stream_state *state, size_t count)
{
    assert(count <= state->unsynced_count);
    for (size_t i = 0; i < count; i++) {
        segment_close(&state->unsynced[i]);
    }
    state->unsynced_count -= count;
    memmove(state->unsynced, state->unsynced + count,
        state->unsynced_count * sizeof state->unsynced[0]);
    memmove(state->unsynced_used, state->unsynced_used + count,
        state->unsynced_count * sizeof state->unsynced_used[0]);
}

/* Under the lock: leave the current segment for the first prepared one. */
static enum status switch_segment(
    const struct journal *journal, struct stream_state *state, uint32_t epoch)
{
    if (state->prepared_count == 0 || state->unsynced_count == UNSYNCED_MAX) {
        return STATUS_FULL;
    }
    if (state->current.bytes != NULL) {
        state->unsynced[state->unsynced_count] = state->current;
        state->unsynced_used[state->unsynced_count++] = state->used_size;
    }
    state->current = state->prepared[0];
    state->prepared_count -= 1;
    memmove(
        state->prepared, state->prepared + 1, state->prepared_count * sizeof state->prepared[0]);
    state->used_size = SEGMENT_HEADER_SIZE;
    struct segment_header header = {
        .stream = state->stream,
        .number = state->current.number,
        .epoch = epoch,
        .first_sequence = state->sequence_next,
        .size = state->current.size,
        .after_loss = state->after_loss,
    };
    state->after_loss = false;
    memcpy(header.area, journal->area, sizeof header.area);
    segment_header_write(state->current.bytes, &header);
    return STATUS_OK;
}

enum status journal_append(
    struct journal *journal, enum stream stream, const struct record *record, uint64_t *sequence)
{
    struct stream_state *state = &journal->streams[stream];
    enum status status = STATUS_OK;
    struct record kept = *record;
    size_t size = record_size(record);
    if (size == 0 || size > journal->options.segment_size - SEGMENT_HEADER_SIZE) {
        return STATUS_LIMIT;
    }
    pthread_mutex_lock(&state->lock);
    if (state->current.bytes == NULL || state->current.size - state->used_size < size) {
        status = switch_segment(journal, state, record->epoch);
    }
    if (status == STATUS_OK) {
        kept.sequence = state->sequence_next++;
        record_write(state->current.bytes + state->used_size, &kept, size);
        state->used_size += size;
        atomic_store(&state->appended, kept.sequence);
        *sequence = kept.sequence;
    }
    pthread_mutex_unlock(&state->lock);
    return status;
}

/* A stretch of a stream that the next digest is to cover, and the segments to sync. */
struct batch {
    struct segment segments[UNSYNCED_MAX + 1];
    size_t ends[UNSYNCED_MAX + 1];
    size_t count;
    uint64_t first, last;
};

/* What has been appended since the last digest; under the lock only for the look. */
static struct batch gather(struct stream_state *state)
{
    struct batch batch = {.first = state->digest_sequence};
    pthread_mutex_lock(&state->lock);
    for (size_t i = 0; i < state->unsynced_count; i++) {
        batch.segments[batch.count] = state->unsynced[i];
        batch.ends[batch.count++] = state->unsynced_used[i];
    }
    if (state->current.bytes != NULL) {
        batch.segments[batch.count] = state->current;
        batch.ends[batch.count++] = state->used_size;
    }
    batch.last = state->sequence_next - 1;
    pthread_mutex_unlock(&state->lock);
    return batch;
}

static void digest_batch(EVP_MD_CTX *context, const struct batch *batch, size_t from)
{
    for (size_t i = 0; i < batch->count; i++) {
        int fine =
            EVP_DigestUpdate(context, batch->segments[i].bytes + from, batch->ends[i] - from);
        assert(fine == 1);
        from = SEGMENT_HEADER_SIZE;
    }
}

/* The new digest; the old one stays in journal->digest until the batch is safe. */
static void digest_both(struct journal *journal, const struct batch batches[static STREAM_COUNT],
    uint8_t out[static JOURNAL_DIGEST_SIZE])
{
    const EVP_MD *kind = journal->options.digest == JOURNAL_SM3 ? EVP_sm3() : EVP_sha256();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert(context != NULL);
    int fine = EVP_DigestInit_ex(context, kind, NULL) &&
               EVP_DigestUpdate(context, journal->digest, sizeof journal->digest);
    assert(fine == 1);
    for (int i = 0; i < STREAM_COUNT; i++) {
        digest_batch(context, &batches[i], journal->streams[i].digest_from);
    }
    fine = EVP_DigestFinal_ex(context, out, NULL);
    assert(fine == 1);
    EVP_MD_CTX_free(context);
}

static enum status sync_batch(const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        if (fdatasync(batch->segments[i].file) != 0) {
            return STATUS_IO;
        }
    }
    return STATUS_OK;
}

/* What was left behind full is synced now and can be let go; the next digest begins at `end`. */
static void settle(struct stream_state *state, const struct batch *batch)
{
    pthread_mutex_lock(&state->lock);
    size_t gone = 0;
    while (gone < state->unsynced_count && gone + 1 < batch->count &&
           state->unsynced[gone].number == batch->segments[gone].number) {
        gone += 1;
    }
    unsynced_drop(state, gone);
    pthread_mutex_unlock(&state->lock);
    if (batch->count > 0) {
        state->digest_from = batch->ends[batch->count - 1];
    }
    state->digest_sequence = batch->last + 1;
}

/* CAME is durable before the commit that covers it is even written: a commit found after a power cut
 * speaks of records that are there. */
static enum status commit_batch(struct journal *journal, const struct record *commit,
    const struct batch batches[static STREAM_COUNT])
{
    uint8_t bytes[COMMIT_PAYLOAD_SIZE];
    uint64_t sequence;
    struct commit_payload payload = {
        .algorithm = journal->options.digest,
        .came_first = batches[STREAM_CAME].first,
        .came_last = batches[STREAM_CAME].last,
        .said_first = batches[STREAM_SAID].first,
        .said_last = batches[STREAM_SAID].last,
    };
    struct record record = *commit;
    memcpy(payload.previous, journal->digest, sizeof payload.previous);
    digest_both(journal, batches, payload.digest);
    commit_payload_write(bytes, &payload);
    record.kind = RECORD_COMMIT;
    record.payload = slice_from(bytes, sizeof bytes);
    enum status status = sync_batch(&batches[STREAM_CAME]);
    if (status == STATUS_OK) {
        status = journal_append(journal, STREAM_SAID, &record, &sequence);
    }
    if (status == STATUS_OK) {
        struct batch said = gather(&journal->streams[STREAM_SAID]);
        status = sync_batch(&said);
    }
    if (status == STATUS_OK) {
        memcpy(journal->digest, payload.digest, sizeof journal->digest);
        atomic_store(&journal->streams[STREAM_CAME].committed, batches[STREAM_CAME].last);
        atomic_store(&journal->streams[STREAM_SAID].committed, sequence);
    }
    return status;
}

enum status journal_commit(struct journal *journal, const struct record *commit)
{
    struct batch batches[STREAM_COUNT];
    if (journal->failed) {
        return STATUS_IO;
    }
    for (int i = 0; i < STREAM_COUNT; i++) {
        batches[i] = gather(&journal->streams[i]);
    }
    bool news = batches[STREAM_CAME].last >= batches[STREAM_CAME].first ||
                batches[STREAM_SAID].last > batches[STREAM_SAID].first;
    if (!news) {
        return STATUS_OK;
    }
    enum status status = commit_batch(journal, commit, batches);
    if (status != STATUS_OK) {
        journal->failed = true; /* a sync that is tried again can report success over lost pages */
        return STATUS_IO;
    }
    settle(&journal->streams[STREAM_CAME], &batches[STREAM_CAME]);
    settle(&journal->streams[STREAM_SAID], &batches[STREAM_SAID]);
    status = journal_prepare(journal);
    return status == STATUS_FULL ? STATUS_OK : status;
}

uint64_t journal_appended(const struct journal *journal, enum stream stream)
{
    return atomic_load(&journal->streams[stream].appended);
}

uint64_t journal_committed(const struct journal *journal, enum stream stream)
{
    return atomic_load(&journal->streams[stream].committed);
}

bool journal_has_room(struct journal *journal)
{
    return journal->whole || journal_prepare(journal) == STATUS_OK;
}
