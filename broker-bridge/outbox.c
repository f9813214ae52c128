#include "broker-bridge/outbox.h"

#include <assert.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "schemas/topic.h"

enum { WINDOW = 32, TOPIC_SIZE = 160, RETRY_MS = 1000, MS_US = 1000 };

/* One said record under way: as many publishes as it needs, each with a PUBACK of its own. Whose and how
 * many are one word, so that a late PUBACK of an earlier connection cannot count for a later one. */
struct slot {
    uint64_t sequence;
    int64_t came_ms; /* of a transition's cause, on the boot-time clock */
    bool measured;
    _Atomic uint64_t open; /* generation << 32 | publishes not yet at their end */
};

struct outbox {
    char *directory;
    struct slice area;
    struct journal_reader *reader;
    uint64_t acknowledged; /* all up to here is done */
    uint64_t published;    /* the last record with a publish among them */
    uint64_t read;         /* the cursor stands behind this record */
    uint32_t generation;   /* grows with each restart */
    struct slot slots[WINDOW];
    size_t first, count; /* a ring */
    uint64_t measured;   /* transitions behind this record are measured */
    struct counters *counters;
    int64_t retry_ms;
    _Atomic bool failed; /* a publish was lost: from `acknowledged` again, not before retry_ms */
};

struct outbox *outbox_new(const char *directory, struct slice area, uint64_t from,
    uint64_t measured, struct counters *counters)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    assert(outbox != NULL);
    outbox->directory = strdup(directory);
    outbox->area = area;
    outbox->acknowledged = from;
    outbox->published = from;
    outbox->read = from;
    outbox->measured = measured;
    outbox->counters = counters;
    return outbox;
}

void outbox_free(struct outbox *outbox)
{
    if (outbox == NULL) {
        return;
    }
    if (outbox->reader != NULL) {
        journal_reader_close(outbox->reader);
    }
    free(outbox->directory);
    free(outbox);
}

void outbox_restart(struct outbox *outbox)
{
    outbox->generation += 1;
    outbox->first = 0;
    outbox->count = 0;
    outbox->read = outbox->acknowledged;
    atomic_store(&outbox->failed, false);
    if (outbox->reader != NULL) {
        journal_reader_close(outbox->reader);
        outbox->reader = NULL;
    }
}

size_t outbox_pending(const struct outbox *outbox)
{
    return outbox->count;
}

uint64_t outbox_acknowledged(const struct outbox *outbox)
{
    return outbox->acknowledged;
}

void outbox_published(struct outbox *outbox, uint64_t ticket, enum publish_end end)
{
    struct slot *slot = &outbox->slots[ticket & UINT32_MAX];
    uint64_t open = atomic_load(&slot->open);
    do {
        if (open >> 32 != ticket >> 32) {
            return;
        }
        if (end == PUBLISH_LOST) {
            atomic_store(&outbox->failed, true);
            return;
        }
    } while (!atomic_compare_exchange_weak(&slot->open, &open, open - 1));
}

static void send_one(
    struct outbox *outbox, struct session *session, size_t slot, const struct publish *publish)
{
    struct publish sent = *publish;
    sent.qos = 1;
    sent.ticket = (uint64_t)outbox->generation << 32 | slot;
    atomic_fetch_add(&outbox->slots[slot].open, 1);
    if (session_publish(session, &sent) != STATUS_OK) {
        atomic_store(&outbox->failed, true);
    }
}

/* A transition on its way out. */
struct parcel {
    struct outbox *outbox;
    const struct outbox_turn *turn;
    size_t slot;
    struct slice payload;
};

static void send_to(
    const struct parcel *parcel, enum topic_kind kind, struct slice name, struct slice payload)
{
    char space[TOPIC_SIZE];
    struct text topic = text_in(space, sizeof space);
    topic_write(&topic, kind, parcel->outbox->area, name);
    struct publish publish = {
        .topic = text_slice(&topic),
        .payload = payload,
        .content_type = payload.size == 0 ? NULL : "application/cloudevents+json",
        .retain = kind == TOPIC_ALARM_OPEN,
    };
    send_one(parcel->outbox, parcel->turn->session, parcel->slot, &publish);
}

/* Each device of the enterprise: a plant reads those topics only, and any of them may be its one line. */
static void send_to_plant(const struct parcel *parcel, const char *enterprise)
{
    const struct registry *registry = parcel->turn->registry;
    for (uint32_t i = 0; enterprise != NULL && i < registry->device_count; i++) {
        const struct device *device = &registry->devices[i];
        if (device->enterprise != NONE && name_valid(device->mn) &&
            slice_is(registry->enterprises[device->enterprise].id, enterprise)) {
            send_to(parcel, TOPIC_DOWN_ALARM, device->mn, parcel->payload);
        }
    }
}

static const char *string_at(json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* design, "The bus": S3 and S4 go to the plant first. The broker keeps the order. */
static void send_transition(const struct parcel *parcel)
{
    json_t *event = json_loadb((const char *)parcel->payload.ptr, parcel->payload.size, 0, NULL);
    json_t *data = json_object_get(event, "data");
    const char *alarm = string_at(data, "alarm"), *to = string_at(data, "to");
    const char *severity = string_at(data, "severity");
    const char *enterprise = string_at(json_object_get(data, "enterprise"), "id");
    assert(alarm != NULL && to != NULL && severity != NULL); /* the pipeline wrote it */
    bool gone = strcmp(to, "closed") == 0 || strcmp(to, "normal") == 0 ||
                json_is_true(json_object_get(data, "held_back"));
    bool plant_first = strcmp(severity, "S3") == 0 || strcmp(severity, "S4") == 0;
    if (json_is_false(json_object_get(data, "announced"))) {
        json_decref(event); /* it stands in the journal and in Redis */
        return;
    }
    if (plant_first) {
        send_to_plant(parcel, enterprise);
    }
    send_to(parcel, TOPIC_ALARM_EVENT, (struct slice){0}, parcel->payload);
    send_to(parcel, TOPIC_ALARM_OPEN, slice_of(alarm), gone ? (struct slice){0} : parcel->payload);
    if (!plant_first) {
        send_to_plant(parcel, enterprise);
    }
    json_decref(event);
}

static void send_record(
    struct outbox *outbox, const struct outbox_turn *turn, const struct record *record)
{
    size_t slot = (outbox->first + outbox->count) % WINDOW;
    outbox->slots[slot].sequence = record->sequence;
    outbox->slots[slot].came_ms = record->mono.ms;
    outbox->slots[slot].measured =
        record->kind == RECORD_TRANSITION && record->sequence > outbox->measured;
    atomic_store(&outbox->slots[slot].open, (uint64_t)outbox->generation << 32);
    outbox->count += 1;
    if (record->kind == RECORD_TRANSITION) {
        send_transition(&(struct parcel){outbox, turn, slot, record->payload});
    } else {
        struct publish publish = {.topic = record->topic,
            .payload = record->payload,
            .correlation = record->correlation,
            .content_type = "application/json",
            .expiry_s = 3600};
        send_one(outbox, turn->session, slot, &publish);
    }
}

static void measure(struct outbox *outbox, const struct slot *slot)
{
    if (slot->measured) {
        histogram_observe(
            outbox->counters, HISTOGRAM_ALARM_LAG, (clock_mono().ms - slot->came_ms) * MS_US);
    }
}

/* What is done at the front of the window leaves it. */
static void collect(struct outbox *outbox)
{
    while (outbox->count > 0 && (uint32_t)atomic_load(&outbox->slots[outbox->first].open) == 0) {
        measure(outbox, &outbox->slots[outbox->first]);
        outbox->acknowledged = outbox->slots[outbox->first].sequence;
        outbox->published = outbox->acknowledged;
        outbox->first = (outbox->first + 1) % WINDOW;
        outbox->count -= 1;
    }
    if (outbox->count == 0) {
        outbox->acknowledged = outbox->read;
    }
}

uint64_t outbox_pump(struct outbox *outbox, const struct outbox_turn *turn)
{
    struct record record;
    if (session_state(turn->session) != SESSION_UP) {
        return outbox->published;
    }
    if (atomic_load(&outbox->failed)) {
        if (turn->now_ms < outbox->retry_ms) {
            return outbox->published;
        }
        outbox->retry_ms = turn->now_ms + RETRY_MS;
        outbox_restart(outbox);
    }
    if (outbox->reader == NULL && outbox->read < turn->committed &&
        journal_reader_open(outbox->directory, STREAM_SAID, outbox->read + 1, &outbox->reader) !=
            STATUS_OK) {
        return outbox->published;
    }
    while (outbox->read < turn->committed && outbox->count < WINDOW &&
           journal_reader_next(outbox->reader, &record) == STATUS_OK) {
        outbox->read = record.sequence;
        if (record.kind == RECORD_TRANSITION ||
            (record.kind == RECORD_RESULT && record.topic.size > 0)) {
            send_record(outbox, turn, &record);
        }
    }
    collect(outbox);
    return outbox->published;
}
