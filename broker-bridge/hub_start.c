#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/bundle.h"
#include "broker-bridge/hub_state.h"
#include "core/log.h"
#include "version.h"

struct slice hub_own(struct slice bytes)
{
    uint8_t *copy = malloc(bytes.size + 1);
    assert(copy != NULL);
    if (bytes.size > 0) {
        memcpy(copy, bytes.ptr, bytes.size);
    }
    return slice_from(copy, bytes.size);
}

void hub_replace(struct slice *own, struct slice bytes)
{
    struct slice copy = hub_own(bytes); /* first: the bytes may be the old ones */
    free((void *)(uintptr_t)own->ptr);
    *own = copy;
}

void hub_log_report(const struct report *report, const char *what)
{
    char words[600];
    for (size_t i = 0; i < report_kept(report); i++) {
        const struct finding *finding = &report->findings[i];
        log_event(LOG_ERROR, what, "file=%.*s line=%u column=%u reason=%s", (int)finding->file.size,
            (const char *)finding->file.ptr, finding->line, finding->column,
            log_quoted(finding->words, words, sizeof words));
    }
}

/* Where a checkpoint leaves off; all 0 without one. */
struct resume {
    uint64_t came, said;
};

/* The state of the newest checkpoint that this program can take. */
static struct resume restore(struct hub *hub, uint64_t came_highest, uint64_t said_highest)
{
    struct checkpoint checkpoint;
    struct resume resume = {0};
    if (checkpoint_read(hub->config->journal.directory, came_highest, said_highest, &checkpoint) !=
        STATUS_OK) {
        return resume;
    }
    struct slice registry = checkpoint_section(&checkpoint, "registry");
    struct slice rules = checkpoint_section(&checkpoint, "rules");
    struct revision *revision = NULL;
    struct report *report = calloc(1, sizeof *report);
    assert(report != NULL);
    report->accepted_before = true;
    if (revision_prepare(registry, rules, hub->area, &revision, report) == STATUS_OK &&
        pipeline_restore(hub->pipeline, revision, checkpoint_section(&checkpoint, "state")) ==
            STATUS_OK) {
        hub->registry_bundle = hub_own(registry);
        hub->rules_bundle = hub_own(rules);
        hub_keys_take(hub, checkpoint_section(&checkpoint, "keys"));
        struct slice published = checkpoint_section(&checkpoint, "published");
        if (published.size == sizeof hub->published) {
            memcpy(&hub->published, published.ptr, sizeof hub->published);
        }
        bool taken = ledger_restore(&hub->ledger, checkpoint_section(&checkpoint, "ledger"));
        assert(taken); /* its state was taken, so this program wrote it */
        resume = (struct resume){checkpoint.came_sequence, checkpoint.said_sequence};
        hub->stepped = resume.came;
        hub->checkpointed = resume.came;
    } else {
        revision_free(revision);
        log_event(LOG_WARN, "checkpoint-not-taken",
            "came=%llu reason=\"made by another version; the journal is replayed instead\"",
            (unsigned long long)checkpoint.came_sequence);
    }
    report_free(report);
    free(report);
    checkpoint_free(&checkpoint);
    return resume;
}

/* What was said of an alarm, from the event that said it. */
static void note_transition(struct hub *hub, const struct record *record)
{
    json_t *event = json_loadb((const char *)record->payload.ptr, record->payload.size, 0, NULL);
    const char *alarm = json_string_value(json_object_get(event, "subject"));
    const json_t *data = json_object_get(event, "data");
    const char *to = json_string_value(json_object_get(data, "to"));
    enum alarm_state state;
    if (alarm != NULL && strlen(alarm) == ALARM_ID_SIZE && to != NULL &&
        alarm_state_from(slice_of(to), &state)) {
        ledger_note(&hub->ledger, slice_of(alarm),
            alarm_state_open(state) && !json_is_true(json_object_get(data, "held_back")),
            record->sequence);
    }
    json_decref(event);
}

/* Where the said stream ends: which effect came last, what is open, what MQTT has acknowledged. */
static enum status read_said(struct hub *hub, uint64_t from)
{
    struct journal_reader *reader;
    struct record record;
    enum status status =
        journal_reader_open(hub->config->journal.directory, STREAM_SAID, from + 1, &reader);
    if (status != STATUS_OK) {
        return status == STATUS_ABSENT ? STATUS_OK : status;
    }
    while ((status = journal_reader_next(reader, &record)) == STATUS_OK) {
        if (record_is_effect(record.kind)) {
            hub->said = (struct said_mark){record.cause, record.index, true};
            if (record.kind == RECORD_TRANSITION) {
                note_transition(hub, &record);
            }
        } else if (record.kind == RECORD_PUBLISHED && record.payload.size == 8) {
            memcpy(&hub->published, record.payload.ptr, 8);
        }
    }
    journal_reader_close(reader);
    return status == STATUS_ABSENT ? STATUS_OK : status;
}

static enum status replay(struct hub *hub, uint64_t from)
{
    struct record record;
    enum status status = STATUS_OK;
    while (!hub->keys_missing && (status = journal_reader_next(hub->came, &record)) == STATUS_OK) {
        hub_step(hub, &record);
        hub->replayed += 1;
    }
    if (hub->keys_missing) {
        return STATUS_INVALID;
    }
    log_event(LOG_INFO, "journal-replayed", "from=%llu records=%llu digest=%016llx",
        (unsigned long long)from + 1, (unsigned long long)hub->replayed,
        (unsigned long long)pipeline_digest(hub->pipeline));
    return status == STATUS_ABSENT ? STATUS_OK : status;
}

enum status hub_append_start(struct hub *hub)
{
    char space[200];
    struct text json = text_in(space, sizeof space);
    text_add_byte(&json, '{');
    text_add_field(&json, "version", slice_of(HJHUB_VERSION));
    text_add_field_int(&json, "epoch", atomic_load(&hub->epoch));
    text_add_field(&json, "area", hub->area);
    text_add_byte(&json, '}');
    return hub_append(hub, RECORD_START, text_slice(&json));
}

/* A bundle is one record, and a record fits into one segment. */
static enum status append_bundle(struct hub *hub, enum record_kind kind, const char *name,
    struct slice bundle, struct report *report)
{
    enum status status = hub_append(hub, kind, bundle);
    if (status == STATUS_LIMIT) {
        report_say(report, slice_of(name), 0, 0,
            "it takes %zu bytes, more than one record of the journal may have: the bound is "
            "journal.segment_size, at most 16 MiB; split the area where that is not enough",
            bundle.size);
        status = STATUS_INVALID;
    }
    return status;
}

/* A changed registry, rule set or keyring becomes a record; an invalid one is reported and what runs goes on. */
enum status hub_load_files(struct hub *hub, struct report *report)
{
    struct arena arena = {0};
    struct slice registry = {0}, rules = {0}, keys = {0};
    struct revision *revision = NULL;
    enum status status = registry_dir_read(hub->config->registry, &arena, &registry, report);
    if (status == STATUS_OK) {
        status = rules_dir_read(hub->config->rules, &arena, &rules, report);
    }
    if (status == STATUS_OK) {
        status = revision_prepare(registry, rules, hub->area, &revision, report);
        revision_free(revision);
    }
    if (status == STATUS_OK) {
        status = hub_keys_read(hub, &arena, &keys, report);
    }
    if (status == STATUS_OK && !slice_equal(registry, hub->registry_bundle)) {
        log_event(LOG_INFO, "registry-changed", "size=%zu", registry.size);
        status = append_bundle(hub, RECORD_REGISTRY, hub->config->registry, registry, report);
    }
    if (status == STATUS_OK && !slice_equal(rules, hub->rules_bundle)) {
        log_event(LOG_INFO, "rules-changed", "size=%zu", rules.size);
        status = append_bundle(hub, RECORD_RULES, hub->config->rules, rules, report);
    }
    if (status == STATUS_OK && !slice_equal(keys, hub->keys_record)) {
        log_event(LOG_INFO, "keys-changed", "size=%zu", keys.size);
        status = append_bundle(hub, RECORD_KEYS, "keys", keys, report);
    }
    hub_keys_settle(hub, status == STATUS_OK); /* before the record is stepped */
    arena_free(&arena);
    return status;
}

static enum status load_first(struct hub *hub)
{
    struct report *report = calloc(1, sizeof *report);
    assert(report != NULL);
    enum status status = hub_load_files(hub, report);
    if (status != STATUS_OK) {
        hub_log_report(report, "load-refused");
        if (hub->registry_bundle.size > 0) {
            vitals_count(&hub->watch.vitals, HEALTH_RELOAD, (int64_t)report->count);
            log_event(LOG_WARN, "load-refused",
                "kept=\"the registry and rules of the journal\" next=\"mend the files, then "
                "reload\"");
            status = STATUS_OK;
        }
    }
    report_free(report);
    free(report);
    return status;
}

struct redis_target hub_redis_target(const struct config *config)
{
    return (struct redis_target){
        .host = config->redis.host,
        .port = (uint16_t)config->redis.port,
        .socket = config->redis.socket,
        .user = config->redis.user,
        .password_file = config->redis.password_file,
    };
}

/* design, "Growing past one machine": 1 + the highest in journal and Redis. Redis away: the journal's,
 * and the retained birth will tell. */
static uint32_t next_epoch(struct hub *hub, uint32_t journal_highest)
{
    struct redis_target target = hub_redis_target(hub->config);
    uint32_t epoch = 0;
    uint64_t position = 0;
    if (redis_sink_peek(&target, hub->area, &epoch, &position) != STATUS_OK) {
        log_event(LOG_WARN, "redis-not-asked", "next=\"the epoch is the journal's\"");
        epoch = 0;
    }
    return (epoch > journal_highest ? epoch : journal_highest) + 1;
}

static const char *why_not_opened(enum status status, int error)
{
    switch (status) {
    case STATUS_BUSY:
        return "another hub has this journal open";
    case STATUS_REFUSED:
        return "it is the journal of another area";
    case STATUS_FULL:
        return "no room on the disk, not even to begin";
    case STATUS_CORRUPT:
        return "a sealed segment is damaged; see hjhub-verify and restore a backup";
    case STATUS_OK:
    case STATUS_IO:
    case STATUS_LIMIT:
    case STATUS_ABSENT:
    case STATUS_CLOSED:
    case STATUS_INVALID:
        break;
    }
    return error == 0 ? "no reason given" : strerror(error);
}

enum status hub_start(struct hub *hub)
{
    struct journal_recovery found = {0};
    const struct config_journal *config = &hub->config->journal;
    struct journal_options options = {
        .directory = config->directory,
        .area = hub->config->area,
        .segment_size = config->segment_size,
        .reserve_size = config->reserve_size,
        .digest = strcmp(config->digest, "sm3") == 0 ? JOURNAL_SM3 : JOURNAL_SHA256,
        .retention_ms = (int64_t)config->retention_days * DAY_MS,
    };
    enum status status = journal_open(&options, &hub->journal, &found);
    if (status != STATUS_OK) {
        log_event(LOG_ERROR, "journal-not-opened", "directory=%s status=%s reason=\"%s\"",
            config->directory, status_name(status), why_not_opened(status, found.error));
        return status;
    }
    log_event(LOG_INFO, "journal-opened",
        "came=%llu said=%llu zeroed_size=%llu beyond_hole=%llu lost=%llu unfounded=%llu",
        (unsigned long long)found.came_records, (unsigned long long)found.said_records,
        (unsigned long long)found.zeroed_size, (unsigned long long)found.beyond_hole_records,
        (unsigned long long)found.lost_records, (unsigned long long)found.unfounded_records);
    status = hub_keys_begin(hub);
    if (status != STATUS_OK) {
        return status;
    }
    atomic_store(&hub->epoch, next_epoch(hub, found.epoch_highest));
    hub->session_expected = found.epoch_highest > 0;
    struct resume resume = restore(hub, journal_appended(hub->journal, STREAM_CAME),
        journal_appended(hub->journal, STREAM_SAID));
    status = read_said(hub, resume.said);
    if (status == STATUS_OK) {
        status = journal_reader_open(config->directory, STREAM_CAME, resume.came + 1, &hub->came);
    }
    if (status == STATUS_OK) {
        status = replay(hub, resume.came);
    }
    if (status == STATUS_OK) {
        status = hub_append_start(hub);
    }
    if (status == STATUS_OK) {
        status = load_first(hub);
    }
    return status;
}
