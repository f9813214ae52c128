#include "broker-bridge/outbox.h"

#include <assert.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "schemas/topic.h"

enum { WINDOW = 32, TOPIC_SIZE = 160, MS_US = 1000 };

/* One said record under way: as many publishes as it needs, each with a PUBACK of its own. */
struct slot {
    uint64_t sequence;
    int64_t came_ms; /* of a transition's cause, on the boot-time clock */
    bool measured;
    _Atomic int pending;
};

struct outbox {
    char *directory;
    struct slice area;
    struct journal_reader *reader;
    uint64_t acknowledged; /* all up to here is done */
    uint64_t published;    /* the last record with a publish among them */
    uint64_t read;         /* the cursor stands behind this record */
    uint32_t generation;   /* of the connection: acknowledgements of an earlier one do not count */
    struct slot slots[WINDOW];
    size_t first, count; /* a ring */
    uint64_t measured;   /* transitions behind this record are measured */
    struct counters *counters;
    _Atomic bool failed; /* a publish was refused: start again from `acknowledged` */
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

void outbox_published(struct outbox *outbox, uint64_t ticket, bool acknowledged)
{
    if ((uint32_t)(ticket >> 32) != outbox->generation) {
        return;
    }
    if (acknowledged) {
        atomic_fetch_sub(&outbox->slots[ticket & UINT32_MAX].pending, 1);
    } else {
        atomic_store(&outbox->failed, true);
    }
}

static void send_one(
    struct outbox *outbox, struct session *session, size_t slot, const struct publish *publish)
{
    struct publish sent = *publish;
    sent.qos = 1;
    sent.ticket = (uint64_t)outbox->generation << 32 | slot;
    atomic_fetch_add(&outbox->slots[slot].pending, 1);
    if (session_publish(session, &sent) != STATUS_OK) {
        atomic_store(&outbox->failed, true);
    }
}

static void send_to(struct outbox *outbox, struct session *session, size_t slot,
    enum topic_kind kind, const char *name, struct slice payload)
{
    char space[TOPIC_SIZE];
    struct text topic = text_in(space, sizeof space);
    topic_write(&topic, kind, outbox->area, slice_of(name));
    struct publish publish = {
        .topic = text_slice(&topic),
        .payload = payload,
        .content_type = payload.size == 0 ? NULL : "application/cloudevents+json",
        .retain = kind == TOPIC_ALARM_OPEN,
    };
    send_one(outbox, session, slot, &publish);
}

static void send_transition(
    struct outbox *outbox, struct session *session, size_t slot, struct slice payload)
{
    json_t *event = json_loadb((const char *)payload.ptr, payload.size, 0, NULL);
    json_t *data = json_object_get(event, "data");
    const char *alarm = json_string_value(json_object_get(data, "alarm"));
    const char *to = json_string_value(json_object_get(data, "to"));
    const char *mn = json_string_value(json_object_get(data, "mn"));
    assert(alarm != NULL && to != NULL); /* the pipeline wrote it */
    bool closed = strcmp(to, "closed") == 0 || strcmp(to, "normal") == 0;
    send_to(outbox, session, slot, TOPIC_ALARM_EVENT, "", payload);
    send_to(outbox, session, slot, TOPIC_ALARM_OPEN, alarm, closed ? (struct slice){0} : payload);
    if (mn != NULL && name_valid(slice_of(mn))) {
        send_to(outbox, session, slot, TOPIC_DOWN_ALARM, mn, payload);
    }
    json_decref(event);
}

static void send_record(struct outbox *outbox, struct session *session, const struct record *record)
{
    size_t slot = (outbox->first + outbox->count) % WINDOW;
    outbox->slots[slot].sequence = record->sequence;
    outbox->slots[slot].came_ms = record->mono.ms;
    outbox->slots[slot].measured =
        record->kind == RECORD_TRANSITION && record->sequence > outbox->measured;
    atomic_store(&outbox->slots[slot].pending, 0);
    outbox->count += 1;
    if (record->kind == RECORD_TRANSITION) {
        send_transition(outbox, session, slot, record->payload);
    } else {
        struct publish publish = {.topic = record->topic,
            .payload = record->payload,
            .correlation = record->correlation,
            .expiry_s = 3600};
        send_one(outbox, session, slot, &publish);
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
    while (outbox->count > 0 && atomic_load(&outbox->slots[outbox->first].pending) == 0) {
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

struct outbox_progress outbox_pump(
    struct outbox *outbox, struct session *session, uint64_t committed)
{
    struct record record;
    if (session_state(session) != SESSION_UP) {
        return (struct outbox_progress){outbox->published};
    }
    if (atomic_load(&outbox->failed)) {
        outbox_restart(outbox);
    }
    if (outbox->reader == NULL && outbox->read < committed &&
        journal_reader_open(outbox->directory, STREAM_SAID, outbox->read + 1, &outbox->reader) !=
            STATUS_OK) {
        return (struct outbox_progress){outbox->published};
    }
    while (outbox->read < committed && outbox->count < WINDOW &&
           journal_reader_next(outbox->reader, &record) == STATUS_OK) {
        outbox->read = record.sequence;
        if (record.kind == RECORD_TRANSITION || record.kind == RECORD_RESULT) {
            send_record(outbox, session, &record);
        }
    }
    collect(outbox);
    return (struct outbox_progress){outbox->published};
}
