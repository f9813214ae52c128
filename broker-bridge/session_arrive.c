#include <string.h>

#include "broker-bridge/session_state.h"
#include "core/clock.h"
#include "core/flat_json.h"
#include "schemas/topic.h"

static void keep_retained(struct session *session, struct slice id, struct slice payload)
{
    struct retained_alarm alarm = {.number = -1};
    const char needle[] = "\"transition\":";
    for (size_t i = 0; i + sizeof needle - 1 < payload.size; i++) {
        if (memcmp(payload.ptr + i, needle, sizeof needle - 1) == 0) {
            struct slice rest = slice_tail(payload, i + sizeof needle - 1);
            uint64_t number;
            if (slice_to_uint(slice_head(rest, slice_find(rest, 0, ',')), INT64_MAX, &number)) {
                alarm.number = (int64_t)number;
            }
        }
    }
    if (id.size == 0 || id.size >= sizeof alarm.id || payload.size == 0) {
        return;
    }
    memcpy(alarm.id, id.ptr, id.size);
    pthread_mutex_lock(&session->lock);
    if (session->retained_count < RETAINED_MAX) {
        session->retained[session->retained_count++] = alarm;
    }
    pthread_mutex_unlock(&session->lock);
}

/* A birth or a will, of this hub or of another. */
static void note_presence(struct session *session, struct slice payload)
{
    struct flat_json json;
    int64_t epoch;
    if (!flat_json_read(&json, payload) || !flat_json_int(&json, "epoch", &epoch) || epoch <= 0 ||
        epoch >= UINT32_MAX) {
        return;
    }
    if ((uint32_t)epoch > atomic_load(&session->epoch_seen)) {
        atomic_store(&session->epoch_seen, (uint32_t)epoch);
    }
    if (slice_is(flat_json_string(&json, "state"), "offline")) {
        atomic_store(&session->told_offline, true);
    }
    session_wake(session);
}

static void probe_came(struct session *session, struct slice payload)
{
    if (!slice_is(payload, session->nonce)) {
        return; /* of an earlier connection */
    }
    atomic_store(&session->probe_returned_ms, clock_mono().ms);
    int draining = SESSION_DRAINING;
    if (atomic_compare_exchange_strong(&session->state, &draining, SESSION_UP)) {
        session_wake(session);
    }
}

static void note_dropped(struct session *session, struct slice payload)
{
    uint64_t count;
    if (slice_to_uint(payload, INT64_MAX, &count)) {
        atomic_store(&session->dropped, (int64_t)count);
    }
}

static struct slice property(MQTTProperties *properties, enum MQTTPropertyCodes code)
{
    MQTTProperty *found = MQTTProperties_getProperty(properties, code);
    if (found == NULL || found->value.data.len <= 0) {
        return (struct slice){0};
    }
    return slice_from(found->value.data.data, (size_t)found->value.data.len);
}

static void take_in(struct session *session, struct slice topic, MQTTAsync_message *message)
{
    struct record record = {
        .kind = RECORD_MESSAGE,
        .wall = clock_wall(),
        .mono = clock_mono(),
        .qos = (uint8_t)message->qos,
        .dup = message->dup != 0,
        .retain = message->retained != 0,
        .session = (enum session_state)atomic_load(&session->state),
        .topic = topic,
        .response_topic = property(&message->properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC),
        .correlation = property(&message->properties, MQTTPROPERTY_CODE_CORRELATION_DATA),
        .payload = slice_from(message->payload, (size_t)message->payloadlen),
    };
    session->handlers.arrived(session->handlers.context, &record);
}

/* Always 1: a 0 would be acknowledged all the same and lost at the next kill (stack.md 2). */
int session_arrived(void *context, char *name, int name_size, MQTTAsync_message *message)
{
    struct session *session = context;
    struct slice bytes = slice_from(name, name_size > 0 ? (size_t)name_size : strlen(name));
    struct slice payload = slice_from(message->payload, (size_t)message->payloadlen);
    struct topic topic = topic_parse(bytes);
    if (topic.kind == TOPIC_HUB) {
        note_presence(session, payload);
    } else if (slice_is(bytes, BROKER_DROPPED_TOPIC)) {
        note_dropped(session, payload);
    } else if (slice_starts(bytes, session->open_prefix)) {
        if (message->retained) {
            keep_retained(session, slice_tail(bytes, strlen(session->open_prefix)), payload);
        }
    } else if (topic.kind == TOPIC_HUB_PROBE) {
        probe_came(session, payload);
    } else {
        take_in(session, bytes, message);
    }
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(name);
    return 1;
}
