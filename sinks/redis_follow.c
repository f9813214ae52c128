#include "sinks/redis_follow.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/text.h"
#include "sinks/redis_rows.h"

enum {
    COMMANDS_MAX = 256, /* stack: pipelines of 64 to 256 get nearly everything */
    SCAN_MAX = 65536,   /* records looked at in one step */
    LATEST_MAX = 64,    /* devices in one batch */
    DEVICE_KEPT_S = 30 * 86400,
    HUB_KEPT_S = 60, /* six times its period: gone soon after the hub is */
};

void follow_init(struct follow *follow, const struct redis_sink_options *options)
{
    *follow = (struct follow){.options = *options, .epoch = options->epoch, .at = "?"};
    char *area = malloc(options->area.size + 1);
    assert(area != NULL);
    memcpy(area, options->area.ptr, options->area.size);
    follow->area = slice_from(area, options->area.size);
    follow->sink_key = redis_key(follow->sink_key_space, follow->area, "sink");
    follow->link.target = options->target;
    follow->latest = latest_new();
}

void follow_free(struct follow *follow)
{
    redis_link_close(&follow->link);
    redis_batch_free(&follow->batch);
    latest_free(follow->latest);
    if (follow->reader != NULL) {
        journal_reader_close(follow->reader);
    }
    free((void *)(uintptr_t)follow->area.ptr);
}

/* A change of what is wrong is a line in the log; its repetition is not. */
static void complain(struct follow *follow, const char *event, const char *words)
{
    char quoted[2 * REDIS_ERROR_SIZE];
    if (strcmp(follow->figures.error, words) != 0) {
        log_event(LOG_WARN, event, "reason=%s next=\"tried again; nothing is lost\"",
            log_quoted(slice_of(words), quoted, sizeof quoted));
        snprintf(follow->figures.error, sizeof follow->figures.error, "%s", words);
    }
    follow->figures.failures += 1;
}

/* Go on behind this position. What was taken of the latest values may be lost: send all of it again. */
static void go_to(struct follow *follow, uint64_t position)
{
    if (follow->reader != NULL) {
        journal_reader_close(follow->reader);
        follow->reader = NULL;
    }
    follow->has_held = false;
    follow->scanned = position;
    follow->figures.position = position;
    redis_batch_reset(&follow->batch);
    latest_again(follow->latest);
}

static void lose(struct follow *follow)
{
    redis_link_close(&follow->link);
    follow->figures.connected = false;
    snprintf(follow->at, sizeof follow->at, "?");
    redis_batch_reset(&follow->batch);
}

static enum follow_turn connect_now(struct follow *follow)
{
    if (redis_link_connect(&follow->link) != STATUS_OK) {
        complain(follow, "redis-away", follow->link.error);
        return FOLLOW_AWAY;
    }
    snprintf(follow->at, sizeof follow->at, "?");
    follow->batch.sha[0] = '\0'; /* perhaps another server */
    follow->figures.connects += 1;
    return FOLLOW_MORE;
}

/* Whether the journal has what Redis says it was given: at `position`, by a hub of `epoch`. Another
 * journal under the same area (the old one was lost) has not. */
static bool was_ours(struct follow *follow, uint64_t position, uint32_t epoch)
{
    struct journal_reader *reader;
    struct record record;
    if (position > journal_committed(follow->options.journal, STREAM_SAID)) {
        return false;
    }
    if (position == 0 || epoch >= follow->epoch) {
        return true;
    }
    if (journal_reader_open(follow->options.directory, STREAM_SAID, position, &reader) !=
        STATUS_OK) {
        return true; /* unreadable: the next step says so */
    }
    enum status status = journal_reader_next(reader, &record);
    bool ours = status != STATUS_OK || record.sequence > position || record.epoch <= epoch;
    journal_reader_close(reader);
    return ours;
}

/* Redis was filled from a journal that is not here: put its transitions aside (its readers may still
 * want them) and begin anew. The alarms of then stay as hashes, and are open no more. */
static void put_aside(struct follow *follow, const struct redis_result *found)
{
    char key[REDIS_KEY_SIZE], to[REDIS_KEY_SIZE], name[64];
    log_event(LOG_ERROR, "redis-of-another-journal",
        "position=%s epoch=%lu next=\"its transitions are renamed, ours are sent from the start\"",
        found->position, (unsigned long)found->epoch);
    snprintf(name, sizeof name, "alarms:transitions:of-epoch-%lu", (unsigned long)found->epoch);
    redis_batch_command(
        &follow->batch, "RENAME", redis_key(key, follow->area, "alarms:transitions"));
    redis_batch_add(&follow->batch, redis_key(to, follow->area, name));
    redis_batch_command(&follow->batch, "DEL", redis_key(key, follow->area, "alarms:open"));
    redis_batch_command(&follow->batch, "DEL", redis_key(key, follow->area, "alarms:held"));
    redis_batch_command(&follow->batch, "DEL", redis_key(key, follow->area, "quarantine"));
}

/* Redis stands elsewhere than thought: at the start, after FLUSHALL, after its power cut. */
static enum follow_turn adopt(struct follow *follow, const struct redis_result *found)
{
    uint64_t position = strtoull(found->position, NULL, 10);
    uint64_t committed = journal_committed(follow->options.journal, STREAM_SAID);
    snprintf(follow->at, sizeof follow->at, "%s", found->position);
    if (!was_ours(follow, position, found->epoch)) {
        if (found->epoch >= follow->epoch) {
            complain(
                follow, "redis-taken-over", "a hub of the same epoch is further than this one");
            follow->figures.taken_over = true;
            lose(follow);
            return FOLLOW_OVER;
        }
        go_to(follow, 0);
        put_aside(follow, found);
        return FOLLOW_MORE;
    }
    bool empty = found->position[0] == '\0';
    if (position < follow->written || (empty && committed > 0)) {
        follow->figures.rebuilds += 1;
        log_event(LOG_WARN, "redis-behind", "position=%" PRIu64 " committed=%" PRIu64 " empty=%s",
            position, committed, empty ? "yes" : "no");
    }
    follow->written = position;
    go_to(follow, position);
    return FOLLOW_MORE;
}

static void take(struct follow *follow, const struct record *record)
{
    if (!redis_rows_add(&follow->batch, follow->area, record) &&
        follow->figures.unreadable++ == 0) {
        log_event(LOG_ERROR, "said-unreadable", "sequence=%" PRIu64 " kind=%d", record->sequence,
            (int)record->kind);
    }
    follow->epoch = record->epoch > follow->epoch ? record->epoch : follow->epoch;
    follow->scanned = record->sequence;
}

/* Records up to the last commit, as commands. STATUS_OK: the batch is full, there are more;
 * STATUS_ABSENT: these were all. */
static enum status collect(struct follow *follow)
{
    uint64_t committed = journal_committed(follow->options.journal, STREAM_SAID);
    enum status status = STATUS_OK;
    if (follow->reader == NULL) {
        status = journal_reader_open(
            follow->options.directory, STREAM_SAID, follow->scanned + 1, &follow->reader);
    }
    for (size_t i = 0;
         i < SCAN_MAX && status == STATUS_OK && redis_batch_count(&follow->batch) < COMMANDS_MAX;
         i++) {
        if (!follow->has_held) {
            status = journal_reader_next(follow->reader, &follow->held);
            follow->has_held = status == STATUS_OK;
        }
        if (status == STATUS_OK && follow->held.sequence > committed) {
            status = STATUS_ABSENT; /* said, not committed: it stays held */
        } else if (status == STATUS_OK) {
            take(follow, &follow->held);
            follow->has_held = false;
        }
    }
    return status;
}

static void add_latest(struct follow *follow, const struct latest_words *words)
{
    char space[REDIS_KEY_SIZE], name[128];
    snprintf(name, sizeof name, "%.*s", (int)words->key.size, (const char *)words->key.ptr);
    struct slice key = redis_key(space, follow->area, name);
    redis_batch_command(&follow->batch, "HSET", key);
    for (size_t i = 0; i < words->count; i++) {
        redis_batch_add(&follow->batch, words->words[i]);
    }
    redis_batch_command(&follow->batch, "EXPIRE", key);
    redis_batch_add_int(&follow->batch, slice_is(words->key, "hub") ? HUB_KEPT_S : DEVICE_KEPT_S);
}

/* True: there may be more of them. */
static bool collect_latest(struct follow *follow)
{
    struct arena arena = {0};
    struct latest_words taken[LATEST_MAX];
    size_t count = latest_take(follow->latest,
        journal_committed(follow->options.journal, STREAM_SAID), &arena, taken, LATEST_MAX);
    for (size_t i = 0; i < count; i++) {
        add_latest(follow, &taken[i]);
    }
    arena_free(&arena);
    return count == LATEST_MAX;
}

static void done(struct follow *follow, const char *now)
{
    if (!follow->figures.connected || follow->figures.error[0] != '\0') {
        log_event(LOG_INFO, "redis-up", "position=%s epoch=%lu", now, (unsigned long)follow->epoch);
    }
    snprintf(follow->at, sizeof follow->at, "%s", now);
    follow->written = follow->scanned;
    follow->figures.batches += 1;
    follow->figures.commands += redis_batch_count(&follow->batch);
    follow->figures.error[0] = '\0';
    follow->figures.connected = true;
    follow->link.failures = 0;
    redis_batch_reset(&follow->batch);
}

static enum follow_turn send_batch(struct follow *follow, const char *now)
{
    struct redis_claim claim = {follow->sink_key, follow->epoch, follow->at, now};
    struct redis_result result = redis_batch_send(&follow->batch, &follow->link, &claim);
    switch (result.outcome) {
    case REDIS_DONE:
        done(follow, now);
        return FOLLOW_MORE;
    case REDIS_ELSEWHERE:
        return adopt(follow, &result);
    case REDIS_TAKEN:
        snprintf(result.error, sizeof result.error, "epoch %lu writes to Redis, this hub has %lu",
            (unsigned long)result.epoch, (unsigned long)follow->epoch);
        complain(follow, "redis-taken-over", result.error);
        follow->figures.taken_over = true;
        lose(follow);
        return FOLLOW_OVER;
    case REDIS_REFUSED:
        complain(follow, "redis-refused", result.error);
        follow->link.failures += follow->link.context != NULL ? 1 : 0;
        break;
    case REDIS_LOST:
        complain(follow, "redis-away", result.error);
        break;
    }
    lose(follow);
    return FOLLOW_AWAY;
}

static enum follow_turn give_up(struct follow *follow, enum status status)
{
    log_event(LOG_ERROR, "redis-journal-unreadable", "behind=%" PRIu64 " status=%s",
        follow->scanned, status_name(status));
    snprintf(follow->figures.error, sizeof follow->figures.error, "the journal is unreadable");
    lose(follow);
    return FOLLOW_OVER;
}

enum follow_turn follow_step(struct follow *follow)
{
    char now[POSITION_SIZE] = "?";
    if (follow->link.context == NULL) {
        enum follow_turn turn = connect_now(follow);
        if (turn != FOLLOW_MORE) {
            return turn;
        }
    }
    if (strcmp(follow->at, "?") == 0) {
        return send_batch(follow, now);
    }
    enum status status = collect(follow);
    if (status != STATUS_OK && status != STATUS_ABSENT) {
        return give_up(follow, status);
    }
    bool probe = follow->probe_due;
    follow->probe_due = probe && collect_latest(follow);
    bool more = status == STATUS_OK || follow->probe_due;
    if (probe || redis_batch_count(&follow->batch) > 0) {
        snprintf(now, sizeof now, "%" PRIu64, follow->scanned);
        enum follow_turn turn = send_batch(follow, now);
        if (turn != FOLLOW_MORE) {
            return turn;
        }
        more = more || strcmp(follow->at, now) != 0; /* Redis stood elsewhere */
    }
    follow->figures.position = follow->scanned;
    return more ? FOLLOW_MORE : FOLLOW_IDLE;
}
