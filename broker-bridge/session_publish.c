#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/session_state.h"
#include "core/log.h"

struct ticket {
    struct session *session;
    uint64_t number;
    char topic[TOPIC_SIZE];
};

static void ticket_done(struct ticket *ticket, enum publish_end end)
{
    struct session *session = ticket->session;
    session->handlers.published(session->handlers.context, ticket->number, end);
    free(ticket);
}

static void publish_done(void *context, MQTTAsync_successData5 *response)
{
    (void)response;
    ticket_done(context, PUBLISH_DONE);
}

/* What the broker refuses it will refuse again; sent for ever it would hold up what stands behind it. */
static void publish_failed(void *context, MQTTAsync_failureData5 *response)
{
    struct ticket *ticket = context;
    enum MQTTReasonCodes code = response->reasonCode;
    bool refused =
        code >= MQTTREASONCODE_UNSPECIFIED_ERROR && code != MQTTREASONCODE_QUOTA_EXCEEDED;
    if (refused) {
        char topic[2 * TOPIC_SIZE], reason[100];
        log_event(LOG_WARN, "publish-refused", "topic=%s reason=%s",
            log_quoted(slice_of(ticket->topic), topic, sizeof topic),
            log_quoted(slice_of(MQTTReasonCode_toString(code)), reason, sizeof reason));
    }
    ticket_done(ticket, refused ? PUBLISH_REFUSED : PUBLISH_LOST);
}

static void add_bytes(MQTTProperties *properties, enum MQTTPropertyCodes code, struct slice bytes)
{
    MQTTProperty property = {.identifier = code};
    property.value.data.data = (char *)(uintptr_t)bytes.ptr;
    property.value.data.len = (int)bytes.size;
    int failed = MQTTProperties_add(properties, &property);
    assert(failed == 0);
}

enum status session_publish(struct session *session, const struct publish *publish)
{
    char topic[TOPIC_SIZE];
    if (atomic_load(&session->state) == SESSION_DOWN || publish->topic.size >= sizeof topic) {
        return STATUS_CLOSED;
    }
    memcpy(topic, publish->topic.ptr, publish->topic.size);
    topic[publish->topic.size] = '\0';
    MQTTAsync_message message = MQTTAsync_message_initializer;
    message.payload = (void *)(uintptr_t)publish->payload.ptr;
    message.payloadlen = (int)publish->payload.size;
    message.qos = publish->qos;
    message.retained = publish->retain;
    if (publish->expiry_s > 0) {
        session_add_number(&message.properties, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL,
            publish->expiry_s, false);
    }
    if (publish->correlation.size > 0) {
        add_bytes(&message.properties, MQTTPROPERTY_CODE_CORRELATION_DATA, publish->correlation);
    }
    if (publish->content_type != NULL) {
        add_bytes(
            &message.properties, MQTTPROPERTY_CODE_CONTENT_TYPE, slice_of(publish->content_type));
    }
    MQTTAsync_responseOptions call = MQTTAsync_responseOptions_initializer;
    struct ticket *ticket = NULL;
    if (publish->qos > 0) {
        ticket = malloc(sizeof *ticket);
        assert(ticket != NULL);
        *ticket = (struct ticket){.session = session, .number = publish->ticket};
        memcpy(ticket->topic, topic, publish->topic.size);
        call.onSuccess5 = publish_done;
        call.onFailure5 = publish_failed;
        call.context = ticket;
    }
    int code = MQTTAsync_sendMessage(session->client, topic, &message, &call);
    MQTTProperties_free(&message.properties);
    if (code != MQTTASYNC_SUCCESS) {
        free(ticket);
        return STATUS_CLOSED;
    }
    return STATUS_OK;
}

void session_probe(struct session *session)
{
    struct publish probe = {
        .topic = slice_of(session->probe_topic),
        .payload = slice_of(session->nonce),
        .qos = 1,
        .expiry_s = 60,
        .ticket = UINT64_MAX,
    };
    if (session_publish(session, &probe) != STATUS_OK) {
        log_event(LOG_DEBUG, "probe-not-sent", "reason=not-connected");
    }
}
