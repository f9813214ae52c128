#include "broker-bridge/pipeline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "alarms/command.h"
#include "broker-bridge/pipeline_state.h"
#include "core/fetch.h"
#include "core/flat_json.h"
#include "schemas/topic.h"
#include "validators/duplicates.h"

struct pipeline *pipeline_new(struct slice area)
{
    assert(area_valid(area));
    struct pipeline *pipeline = calloc(1, sizeof *pipeline);
    uint8_t *name = malloc(area.size);
    assert(pipeline != NULL && name != NULL);
    pipeline->late_device = NONE;
    memcpy(name, area.ptr, area.size);
    pipeline->area = slice_from(name, area.size);
    struct report report = {0};
    enum status status = revision_prepare(
        (struct slice){0}, (struct slice){0}, pipeline->area, &pipeline->revision, &report);
    assert(status == STATUS_OK); /* nothing at all is a valid registry without rules */
    report_free(&report);
    return pipeline;
}

void pipeline_free(struct pipeline *pipeline)
{
    if (pipeline == NULL) {
        return;
    }
    keyring_free(pipeline->keys);
    revision_free(pipeline->revision);
    free((void *)(uintptr_t)pipeline->area.ptr);
    free(pipeline);
}

struct keyring *pipeline_take_keys(struct pipeline *pipeline, struct keyring *keys)
{
    struct keyring *before = pipeline->keys;
    pipeline->keys = keys;
    return before;
}

/* True: its items may count. Data that is older than what was seen of its kind never moves real-time rules. */
static bool note_arrival(
    struct pipeline *pipeline, enum data_kind kind, uint32_t device, struct event_time event)
{
    struct revision *revision = pipeline->revision;
    struct device_state *state = revision_device(revision, device);
    state->accepted += 1;
    if (event.ms < state->newest_ms[kind]) {
        return false;
    }
    release_parts(pipeline, device, kind, event);
    state->newest_ms[kind] = event.ms;
    state->hub_ms = kind == DATA_REALTIME ? revision_head(revision)->hub_ms : state->hub_ms;
    return true;
}

static void detect(struct pipeline *pipeline, const struct message *message, uint32_t device)
{
    struct event_time event = message->has_data_time ? message->data_time : pipeline->record->wall;
    enum data_kind kind = data_kind_of(data_cn(message));
    if (message->has_data_time && kind == DATA_REALTIME) {
        time_drained_to(pipeline, device, event);
    }
    bool late = message->has_data_time && late_is(pipeline, device, kind, event);
    if (late) {
        late_note(pipeline, device, kind, event);
    } else if (kind == DATA_REALTIME) {
        late_gap_left(pipeline, device, event);
    }
    bool newest = message->has_data_time && kind == DATA_REALTIME &&
                  event.ms > revision_device(pipeline->revision, device)->newest_ms[DATA_REALTIME];
    bool counts = note_arrival(pipeline, kind, device, event);
    bool part = parts_has(message) && revision_parts(pipeline->revision, device) != NULL;
    bool read = !part && (counts || late);
    size_t count = read ? gather_samples(pipeline, message, device) : 0;
    if (read && late) {
        late_feed(pipeline, device, kind, event, count);
    }
    feed_message(pipeline, message, device, counts ? count : 0, newest);
    if (part) {
        take_part(pipeline, message, device, counts, late);
        pipeline->late_begins = false;
    }
}

/* Accepted by itself; but was it sent before? */
static bool judge_sameness(struct pipeline *pipeline, struct message *message, uint32_t device)
{
    struct pace pace = pace_of(&pipeline->revision->registry.devices[device]);
    switch (duplicates_check(revision_ring(pipeline->revision, device), pace, message)) {
    case SAME_FRESH:
        return true;
    case SAME_DUPLICATE:
        message->verdict.kind = VERDICT_DUPLICATE;
        return false;
    case SAME_CONFLICT:
        rule_set_add(&message->verdict.broken, RULE_KEY_REUSED);
        return true; /* a logger whose clock or counter stands must not be blind for ever */
    case SAME_REUSED:
        rule_set_add(&message->verdict.broken, RULE_QN_REUSED);
        return true;
    case SAME_LATE:
        rule_set_add(&message->verdict.broken, RULE_LATE);
        return true; /* older than anything that is remembered: it can only be judged as late */
    }
    assert(!"a sameness is one of five");
    return false;
}

/* With thousands of devices taking turns nothing of a device is in a cache, and waiting for each line in turn took a
 * fifth of a step: so the lines are asked for while the message is decoded, and told of. */
static void fetch_device(const struct pipeline *pipeline, const struct topic *topic)
{
    const struct revision *revision = pipeline->revision;
    uint32_t device = registry_device(&revision->registry, topic->name);
    if (topic->kind != TOPIC_NEW_UP_HJ212 && device != NONE) {
        detectors_fetch_device(revision->program, revision_detectors(revision), device);
        fetch(revision_device(revision, device), sizeof(struct device_state));
        fetch(revision_ring(revision, device), LINE_SIZE);
        fetch(&revision->registry.devices[device], sizeof(struct device));
        exchanges_fetch(revision_exchanges(revision), device);
        fetch(&revision->parts_order[device], sizeof *revision->parts_order);
    }
}

static void step_one(struct pipeline *pipeline, struct message *message)
{
    const struct revision *revision = pipeline->revision;
    uint32_t device = NONE;
    bool fresh = false;
    if (message->verdict.kind == VERDICT_ACCEPTED && message->device != NONE) {
        device = message->device;
        detectors_fetch_instances(revision->program, device);
        fresh = judge_sameness(pipeline, message, device);
        detectors_fetch_windows(revision->program, revision_detectors(revision), device);
    }
    effect_verdict(pipeline, message);
    answer_message(pipeline, message, device);
    if (device != NONE && pipeline->record->kind == RECORD_MESSAGE) {
        exchange_hear(pipeline, message); /* what was asked for may be old, or known already */
    } else if (message->verdict.kind == VERDICT_ACCEPTED && answers_new(pipeline)) {
        exchange_hear_new(pipeline, message);
    }
    if (fresh) {
        detect(pipeline, message, device);
    } else {
        feed_other(pipeline, message);
    }
}

/* One payload, judged as of its arrival. */
struct payload {
    struct topic topic;
    struct slice bytes;
    struct event_time arrival;
    bool answered; /* the device hears of it */
};

static void step_payload(struct pipeline *pipeline, const struct payload *payload)
{
    const struct topic *topic = &payload->topic;
    struct decode_context context = {
        .format = topic->kind == TOPIC_UP_SENML ? FORMAT_SENML : FORMAT_HJ212,
        .registry = &pipeline->revision->registry,
        .keys = pipeline->keys,
        .has_topic = true,
        .topic_mn = topic->kind == TOPIC_NEW_UP_HJ212 ? (struct slice){0} : topic->name,
        .direction = DIRECTION_UP,
        .has_arrival = true,
        .arrival = payload->arrival,
    };
    fetch_device(pipeline, topic);
    answers_begin(pipeline, payload->answered ? topic : NULL, payload->arrival);
    decoder_begin(&pipeline->decoder, &context, payload->bytes);
    while (decoder_next(&pipeline->decoder)) {
        step_one(pipeline, &pipeline->decoder.message);
    }
    answers_end(pipeline);
}

/* `quarantine release`: the line names the record and its arrival, then the payload as it
 * came; the topic is the record's own. It is judged again under its first arrival time, and not
 * counted again: it was received once. */
static void step_release(
    struct pipeline *pipeline, const struct flat_json *head, struct slice bytes)
{
    int64_t arrival_ms;
    struct payload payload = {.topic = topic_parse(pipeline->record->topic), .bytes = bytes};
    if (flat_json_int(head, "arrival_ms", &arrival_ms) &&
        slice_equal(payload.topic.area, pipeline->area)) {
        payload.arrival.ms = arrival_ms;
        step_payload(pipeline, &payload);
    }
}

/* A local command: a line of JSON that names it, then what it is about. */
static void step_local(struct pipeline *pipeline)
{
    struct flat_json head;
    struct slice rest = pipeline->record->payload;
    if (!flat_json_read(&head, slice_cut(&rest, '\n'))) {
        return;
    }
    struct slice command = flat_json_string(&head, "command");
    if (slice_is(command, "device")) {
        exchange_command(pipeline, flat_json_string(&head, "by"), rest);
    } else if (slice_is(command, "filing")) {
        filing_told_here(pipeline, flat_json_string(&head, "by"), rest);
    } else {
        step_release(pipeline, &head, rest);
    }
}

static void step_alarm_command(struct pipeline *pipeline, const struct topic *topic)
{
    struct revision *revision = pipeline->revision;
    char result_space[2048];
    struct text result = text_in(result_space, sizeof result_space);
    struct command_source source = {
        .by = topic->name,
        .retained = pipeline->record->retain,
        .hub_ms = revision_head(revision)->hub_ms,
        .wall = pipeline->record->wall,
    };
    struct flat_json command;
    bool late = revision_head(revision)->late_count &&
                flat_json_read(&command, pipeline->record->payload) &&
                alarms_has(&revision->late_alarms, revision_late_alarms(revision),
                    flat_json_string(&command, "alarm"));
    command_obey(late ? &revision->late_alarms : &revision->alarms,
        late ? revision_late_alarms(revision) : revision_alarms(revision),
        revision_commands(revision), &source, pipeline->record->payload,
        late ? late_transition : transition_made, pipeline, &result);
    struct text where = text_in(pipeline->topic_space, sizeof pipeline->topic_space);
    topic_write(&where, TOPIC_ALARM_CMD_RESULT, topic->area, topic->name);
    effect_send(pipeline, (struct effect){.kind = EFFECT_RESULT,
                              .topic = text_slice(&where),
                              .correlation = pipeline->record->correlation,
                              .payload = text_slice(&result)});
}

static void step_message(struct pipeline *pipeline)
{
    struct topic topic = topic_parse(pipeline->record->topic);
    if (!slice_equal(topic.area, pipeline->area)) {
        return; /* the hub subscribes to its own area only */
    }
    if (topic.kind == TOPIC_UP_HJ212 || topic.kind == TOPIC_UP_SENML ||
        topic.kind == TOPIC_NEW_UP_HJ212) {
        struct payload payload = {topic, pipeline->record->payload, pipeline->record->wall, true};
        step_payload(pipeline, &payload);
    } else if (topic.kind == TOPIC_ALARM_CMD) {
        step_alarm_command(pipeline, &topic);
    } else if (topic.kind == TOPIC_DEVICE_CMD) {
        exchange_command(pipeline, topic.name, pipeline->record->payload);
    } else if (topic.kind == TOPIC_UP_FILING || topic.kind == TOPIC_ORDER_CMD) {
        filing_told(pipeline, &topic);
    }
}

static struct revision *swap_revision(struct pipeline *pipeline, struct revision *revision)
{
    struct revision *old = pipeline->revision;
    assert(revision != NULL);
    revision_carry(pipeline, old, revision);
    pipeline->revision = revision;
    revision_settle(pipeline);
    return old;
}

struct revision *pipeline_step(struct pipeline *pipeline, const struct record *record,
    struct revision *revision, effect_sink *emit, void *context)
{
    struct revision *replaced = NULL;
    pipeline->record = record;
    pipeline->emit = emit;
    pipeline->context = context;
    pipeline->index = 0;
    time_advance(pipeline);
    exchange_time(pipeline);
    switch (record->kind) {
    case RECORD_START:
        revision_head(pipeline->revision)->epoch = record->epoch;
        exchange_restart(pipeline);
        break;
    case RECORD_MESSAGE:
        step_message(pipeline);
        break;
    case RECORD_REGISTRY:
    case RECORD_RULES:
        replaced = swap_revision(pipeline, revision);
        break;
    case RECORD_COMMAND:
        step_local(pipeline);
        break;
    case RECORD_KEYS: /* the caller has taken them into force */
        break;
    case RECORD_TICK:
        exchange_tick(pipeline);
        break;
    case RECORD_VERDICT:
    case RECORD_TRANSITION:
    case RECORD_QUARANTINE:
    case RECORD_RESULT:
    case RECORD_JOINED:
    case RECORD_FIGURES:
    case RECORD_NOTICE:
    case RECORD_COMMIT:
    case RECORD_PUBLISHED:
        assert(!"what was said is never stepped");
    }
    revision_head(pipeline->revision)->sequence = record->sequence;
    return replaced;
}
