#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/hub_state.h"
#include "core/clock.h"
#include "core/log.h"

enum {
    BATCH_RECORDS_MAX = 4096,
    ANSWER_ROOM = 512 * 1024,
    ANSWER_EXPIRY_S = 60,
    FRAME_SIZE = 1100
};

static struct record record_now(const struct hub *hub, enum record_kind kind)
{
    return (struct record){
        .kind = kind,
        .epoch = atomic_load(&hub->epoch),
        .wall = clock_wall(),
        .mono = clock_mono(),
        .clock_synchronised = clock_synchronised(),
        .session = hub->session == NULL ? SESSION_DOWN : session_state(hub->session),
    };
}

enum status hub_append(struct hub *hub, enum record_kind kind, struct slice payload)
{
    uint64_t sequence;
    struct record record = record_now(hub, kind);
    record.payload = payload;
    return journal_append(hub->journal, STREAM_CAME, &record, &sequence);
}

/* What cannot be said cannot be done: a hub that cannot journal must not go on. */
static uint64_t say(struct hub *hub, enum record_kind kind, const struct effect *effect)
{
    uint64_t sequence;
    struct record record = {
        .kind = kind,
        .epoch = atomic_load(&hub->epoch),
        .cause = hub->stepping->sequence,
        .index = effect->index,
        .wall = hub->stepping->wall,
        .mono = hub->stepping->mono,
        .topic = effect->topic,
        .correlation = effect->correlation,
        .payload = effect->payload,
    };
    enum status status = journal_append(hub->journal, STREAM_SAID, &record, &sequence);
    if (status != STATUS_OK) {
        log_event(LOG_ERROR, "journal-failed", "what=append-said status=%s", status_name(status));
        abort();
    }
    hub->said = (struct said_mark){record.cause, record.index, true};
    return sequence;
}

/* What operators count and Redis shows of a message; a replay at the start counts nothing again. */
static void show_message(struct hub *hub, const struct effect *effect, uint64_t said)
{
    const struct message *message = effect->message;
    if (hub->redis == NULL || hub->stepping->kind != RECORD_MESSAGE) {
        return;
    }
    counters_judged(&hub->watch.counters, &message->verdict);
    if (message->verdict.kind == VERDICT_ACCEPTED) {
        redis_sink_message(hub->redis, said, message, hub->stepping->wall);
    }
}

static struct slice keep(struct hub *hub, struct slice bytes)
{
    assert(hub->answer_used + bytes.size <= ANSWER_SPACE_SIZE);
    char *at = hub->answer_space + hub->answer_used;
    if (bytes.size > 0) {
        memcpy(at, bytes.ptr, bytes.size);
    }
    hub->answer_used += bytes.size;
    return slice_from(at, bytes.size);
}

static void keep_answer(struct hub *hub, const struct effect *effect)
{
    size_t size = effect->topic.size + effect->payload.size + effect->correlation.size;
    if (hub->answer_count == ANSWERS_MAX || size > ANSWER_SPACE_SIZE - hub->answer_used) {
        /* thousands of devices whose parts were lost at one instant: the journal tells it */
        counter_add(&hub->watch.counters, COUNTER_ANSWERS_DROPPED, 1);
        return;
    }
    hub->answers[hub->answer_count++] = (struct answer){
        .topic = keep(hub, effect->topic),
        .payload = keep(hub, effect->payload),
        .correlation = keep(hub, effect->correlation),
        .expiry_s = effect->kind == EFFECT_REQUEST ? effect->expiry_s : ANSWER_EXPIRY_S,
        .came = hub->stepping->mono,
    };
}

/* A joined message is none that was received: no verdict counts it. */
static void count_joined(struct hub *hub, const struct rule_set *broken)
{
    bool whole = !rule_set_has(broken, RULE_PARTS_MISSING);
    if (hub->redis == NULL) {
        return; /* a replay at the start counts nothing again */
    }
    counter_add(&hub->watch.counters, whole ? COUNTER_JOINED : COUNTER_JOINED_INCOMPLETE, 1);
    counters_broken(&hub->watch.counters, broken);
}

static void keep_request(struct hub *hub, const struct effect *effect)
{
    char space[FRAME_SIZE];
    struct text frame = text_in(space, sizeof space);
    struct effect sealed = *effect;
    if (effect->sealing != NULL) {
        if (!hub_keys_seal(hub, effect, &frame)) {
            return; /* it times out */
        }
        sealed.payload = text_slice(&frame);
    }
    keep_answer(hub, &sealed);
}

static bool said_before(const struct hub *hub, const struct effect *effect)
{
    uint64_t cause = hub->stepping->sequence;
    return hub->said.any && (cause < hub->said.cause ||
                                (cause == hub->said.cause && effect->index <= hub->said.index));
}

static void on_effect(void *context, const struct effect *effect)
{
    static const enum record_kind KINDS[] = {
        [EFFECT_VERDICT] = RECORD_VERDICT,
        [EFFECT_TRANSITION] = RECORD_TRANSITION,
        [EFFECT_QUARANTINE] = RECORD_QUARANTINE,
        [EFFECT_RESULT] = RECORD_RESULT,
        [EFFECT_JOINED] = RECORD_JOINED,
        [EFFECT_FIGURES] = RECORD_FIGURES,
    };
    struct hub *hub = context;
    if (effect->kind == EFFECT_ANSWER || effect->kind == EFFECT_REQUEST) {
        /* None in a replay at the start: the device has resent long ago, or will; a request is never sent again. */
        if (hub->session != NULL && effect->kind == EFFECT_REQUEST) {
            keep_request(hub, effect);
        } else if (hub->session != NULL) {
            keep_answer(hub, effect);
        }
    } else if (!said_before(hub, effect)) {
        uint64_t said = say(hub, KINDS[effect->kind], effect);
        hub->alarmed = hub->alarmed || effect->kind != EFFECT_VERDICT;
        if (effect->kind == EFFECT_VERDICT) {
            show_message(hub, effect, said);
        } else if (effect->kind == EFFECT_JOINED) {
            count_joined(hub, &effect->message->verdict.broken);
        } else if (effect->kind == EFFECT_TRANSITION) {
            counter_add(&hub->watch.counters, COUNTER_TRANSITIONS, 1);
            ledger_note(&hub->ledger, effect->alarm, effect->open, said);
        }
    }
}

/* A revision in the journal was whole when it was written; so it is whole now. */
static struct revision *revision_of(struct hub *hub, const struct record *record)
{
    struct revision *revision = NULL;
    struct report *report = calloc(1, sizeof *report);
    assert(report != NULL);
    report->accepted_before = true;
    hub_replace(record->kind == RECORD_REGISTRY ? &hub->registry_bundle : &hub->rules_bundle,
        record->payload);
    enum status status =
        revision_prepare(hub->registry_bundle, hub->rules_bundle, hub->area, &revision, report);
    if (status != STATUS_OK) {
        char words[600];
        log_event(LOG_ERROR, "journal-revision-unreadable", "sequence=%llu kind=%d reason=%s",
            (unsigned long long)record->sequence, (int)record->kind,
            log_quoted(report->count == 0 ? slice_of("") : report->findings[0].words, words,
                sizeof words));
        abort();
    }
    report_free(report);
    free(report);
    return revision;
}

void hub_step(struct hub *hub, const struct record *record)
{
    struct revision *revision = NULL;
    hub->stepping = record;
    if (record->kind == RECORD_REGISTRY || record->kind == RECORD_RULES) {
        revision = revision_of(hub, record);
    }
    if (record->kind == RECORD_KEYS) {
        hub_keys_take(hub, record->payload);
    }
    revision_free(pipeline_step(hub->pipeline, record, revision, on_effect, hub));
    hub->stepping = NULL;
    hub->stepped = record->sequence;
}

static void release_answers(struct hub *hub)
{
    struct counters *counters = &hub->watch.counters;
    for (size_t i = 0; i < hub->answer_count; i++) {
        struct publish publish = {
            .topic = hub->answers[i].topic,
            .payload = hub->answers[i].payload,
            .correlation = hub->answers[i].correlation,
            .expiry_s = hub->answers[i].expiry_s,
        };
        if (session_publish(hub->session, &publish) != STATUS_OK) {
            /* not connected: the devices will resend */
            counter_add(counters, COUNTER_ANSWERS_DROPPED, hub->answer_count - i);
            break;
        }
        counter_add(counters, COUNTER_ANSWERS, 1);
        histogram_observe(
            counters, HISTOGRAM_ANSWER_LAG, (clock_mono().ms - hub->answers[i].came.ms) * 1000);
    }
    hub->answer_count = 0;
    hub->answer_used = 0;
}

enum status hub_batch(struct hub *hub)
{
    struct record record;
    size_t stepped = 0;
    enum status status = STATUS_OK;
    while (stepped < BATCH_RECORDS_MAX && hub->answer_count + STEP_ANSWERS_MAX < ANSWERS_MAX &&
           hub->answer_used + ANSWER_ROOM < ANSWER_SPACE_SIZE) {
        status = journal_reader_next(hub->came, &record);
        if (status != STATUS_OK) {
            break;
        }
        hub_step(hub, &record);
        stepped += 1;
    }
    if (status == STATUS_CORRUPT) {
        log_event(LOG_ERROR, "journal-failed", "what=read-came status=corrupt");
        return STATUS_CORRUPT;
    }
    if (stepped == 0) {
        return STATUS_ABSENT;
    }
    struct record commit = record_now(hub, RECORD_COMMIT);
    int64_t begun_us = clock_mono_us();
    vitals_begin(&hub->watch.vitals, HEALTH_SYNC, commit.mono);
    status = journal_commit(hub->journal, &commit);
    vitals_well(&hub->watch.vitals, HEALTH_SYNC);
    histogram_observe(&hub->watch.counters, HISTOGRAM_COMMIT, clock_mono_us() - begun_us);
    if (status != STATUS_OK) {
        log_event(LOG_ERROR, "journal-failed", "what=sync status=%s", status_name(status));
        return status;
    }
    release_answers(hub);
    if (hub->alarmed && hub->redis != NULL) {
        hub->alarmed = false;
        redis_sink_wake(hub->redis);
    }
    return STATUS_OK;
}
