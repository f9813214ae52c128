#include <stdio.h>
#include <string.h>

#include "cli/replay.h"
#include "core/flat_json.h"
#include "journal/journal.h"
#include "validators/registry_csv.h"

/* Compares what is said now with what was said then, effect by effect. */
struct comparison {
    struct journal_reader *said;
    uint64_t cause;
    uint64_t compared;
    bool differs;
};

static bool next_said(struct comparison *comparison, struct record *record)
{
    while (journal_reader_next(comparison->said, record) == STATUS_OK) {
        if (record_is_effect(record->kind)) {
            return true;
        }
    }
    return false;
}

enum record_kind replay_kind_of(enum effect_kind kind)
{
    static const enum record_kind KINDS[] = {
        [EFFECT_VERDICT] = RECORD_VERDICT,
        [EFFECT_TRANSITION] = RECORD_TRANSITION,
        [EFFECT_QUARANTINE] = RECORD_QUARANTINE,
        [EFFECT_RESULT] = RECORD_RESULT,
        [EFFECT_JOINED] = RECORD_JOINED,
        [EFFECT_FIGURES] = RECORD_FIGURES,
    };
    return KINDS[kind];
}

static void name_difference(
    const struct comparison *comparison, const struct effect *effect, const struct record *then)
{
    printf("{\"difference\":{\"cause\":%llu,\"index\":%u,\"now_kind\":%d,\"then_kind\":%d,"
           "\"then_cause\":%llu,\"then_index\":%u}}\n",
        (unsigned long long)comparison->cause, effect->index, (int)replay_kind_of(effect->kind),
        (int)then->kind, (unsigned long long)then->cause, then->index);
    fprintf(stderr, "now:  %.*s\nthen: %.*s\n", (int)effect->payload.size,
        (const char *)effect->payload.ptr, (int)then->payload.size,
        (const char *)then->payload.ptr);
}

static void compare(void *context, const struct effect *effect)
{
    struct comparison *comparison = context;
    struct record then = {0};
    if (effect->kind == EFFECT_ANSWER || effect->kind == EFFECT_REQUEST || comparison->differs) {
        return;
    }
    if (!next_said(comparison, &then)) {
        return; /* came, but the hub ended before it said anything of it */
    }
    comparison->compared += 1;
    if (then.kind != replay_kind_of(effect->kind) || then.cause != comparison->cause ||
        then.index != effect->index || !slice_equal(then.payload, effect->payload) ||
        !slice_equal(then.topic, effect->topic)) {
        comparison->differs = true;
        name_difference(comparison, effect, &then);
    }
}

/* The area is told by the first start of the program in the journal. */
static enum status begin(struct replay *replay, const struct record *record)
{
    struct flat_json json;
    if (replay->area.size == 0) {
        if (record->kind != RECORD_START || !flat_json_read(&json, record->payload)) {
            return STATUS_CORRUPT;
        }
        replay->area = arena_copy(&replay->arena, flat_json_string(&json, "area"));
    }
    replay->pipeline = pipeline_new(replay->area);
    return STATUS_OK;
}

static enum status run(
    struct replay *replay, struct journal_reader *came, struct comparison *comparison)
{
    struct record record;
    enum status status;
    while ((status = journal_reader_next(came, &record)) == STATUS_OK) {
        comparison->cause = record.sequence;
        if (replay->pipeline == NULL) {
            status = begin(replay, &record);
        }
        if (status == STATUS_OK) {
            status = replay_step(replay, &record);
        }
        if (status != STATUS_OK || comparison->differs) {
            break;
        }
    }
    return status == STATUS_ABSENT ? STATUS_OK : status;
}

enum status replay_journal(struct replay *replay, const char *directory, bool verify)
{
    struct journal_reader *came = NULL;
    struct comparison comparison = {0};
    enum status status = journal_reader_open(directory, STREAM_CAME, 1, &came);
    if (status == STATUS_OK && verify) {
        status = journal_reader_open(directory, STREAM_SAID, 1, &comparison.said);
        replay->effect = compare;
        replay->context = &comparison;
    }
    if (status == STATUS_OK) {
        status = run(replay, came, &comparison);
    }
    if (status == STATUS_OK && verify) {
        printf("{\"verified\":%s,\"effects\":%llu}\n", comparison.differs ? "false" : "true",
            (unsigned long long)comparison.compared);
        status = comparison.differs ? STATUS_REFUSED : STATUS_OK;
    }
    if (comparison.said != NULL) {
        journal_reader_close(comparison.said);
    }
    if (came != NULL) {
        journal_reader_close(came);
    }
    return status;
}
