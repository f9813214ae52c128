#include <assert.h>
#include <string.h>

#include "broker-bridge/broker_why.h"
#include "broker-bridge/session_state.h"
#include "core/clock.h"
#include "core/log.h"
#include "schemas/topic.h"

enum { FILTER_COUNT = 7 };

void session_lost(void *context, char *cause)
{
    session_fail(context, "connection lost", cause == NULL ? "no cause given" : cause, 0);
}

void session_disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    (void)properties;
    session_fail(
        context, "disconnected by the broker", MQTTReasonCode_toString(reason), (int)reason);
}

static void subscribed(void *context, MQTTAsync_successData5 *response)
{
    (void)response;
    struct session *session = context;
    atomic_store(&session->state, SESSION_DRAINING);
    atomic_store(&session->trying, false);
    session_probe(session);
    session_wake(session);
}

static void subscribe_failed(void *context, MQTTAsync_failureData5 *response)
{
    session_fail(context, "subscribe refused", response->message == NULL ? "" : response->message,
        response->code);
}

static void connected(void *context, MQTTAsync_successData5 *response)
{
    (void)response;
    static const struct {
        enum topic_kind kind;
        const char *filter; /* instead of the topic itself */
        bool own;           /* what the hub itself publishes there live is of no interest */
    } ROWS[FILTER_COUNT] = {
        {TOPIC_UP_HJ212, "+/up/#", false},
        {TOPIC_NEW_UP_HJ212, NULL, false},
        {TOPIC_ALARM_CMD, NULL, false},
        {TOPIC_DEVICE_CMD, NULL, false},
        {TOPIC_HUB, NULL, true},
        {TOPIC_ALARM_OPEN, NULL, true},
        {TOPIC_HUB_PROBE, NULL, false},
    };
    struct session *session = context;
    char space[FILTER_COUNT][TOPIC_SIZE];
    char *filters[FILTER_COUNT];
    int qos[FILTER_COUNT];
    MQTTSubscribe_options options[FILTER_COUNT];
    struct slice area = slice_of(session->config->area);
    for (int i = 0; i < FILTER_COUNT; i++) {
        struct text text = text_in(space[i], TOPIC_SIZE - 1);
        if (ROWS[i].filter == NULL) {
            topic_write(&text, ROWS[i].kind, area, slice_of("+"));
        } else {
            text_add(&text, "ems/v1/");
            text_add_slice(&text, area);
            text_add_byte(&text, '/');
            text_add(&text, ROWS[i].filter);
        }
        space[i][text.size] = '\0';
        filters[i] = space[i];
        qos[i] = 1;
        options[i] = (MQTTSubscribe_options)MQTTSubscribe_options_initializer;
        options[i].noLocal = ROWS[i].own;
        options[i].retainAsPublished = 1;
    }
    MQTTAsync_responseOptions call = MQTTAsync_responseOptions_initializer;
    call.onSuccess5 = subscribed;
    call.onFailure5 = subscribe_failed;
    call.context = session;
    call.subscribeOptionsCount = FILTER_COUNT;
    call.subscribeOptionsList = options;
    int code = MQTTAsync_subscribeMany(session->client, FILTER_COUNT, filters, qos, &call);
    if (code != MQTTASYNC_SUCCESS) {
        session_fail(session, "subscribe not sent", MQTTAsync_strerror(code), code);
    }
}

/* A CONNACK has a reason of its own; for whatever comes before one Paho has one phrase. */
static void connect_failed(void *context, MQTTAsync_failureData5 *response)
{
    struct session *session = context;
    char why[REASON_SIZE] = "";
    if (response->code >=
        MQTTREASONCODE_UNSPECIFIED_ERROR) { /* Paho puts it there, not in reasonCode */
        session_fail(session, "connect refused",
            MQTTReasonCode_toString((enum MQTTReasonCodes)response->code), response->code);
        return;
    }
    broker_why(&session->config->broker, why, sizeof why);
    if (why[0] == '\0') {
        snprintf(why, sizeof why, "%s",
            response->message == NULL ? "the broker said nothing in time" : response->message);
    }
    session_fail(session, "connect failed", why, response->code);
}

static MQTTAsync_SSLOptions tls_options(const struct config_broker *broker)
{
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    tls.trustStore = broker->ca_file;
    tls.keyStore = broker->certificate_file;
    tls.privateKey = broker->key_file;
    tls.verify = 1;
    return tls;
}

void session_connect(struct session *session, struct slice will)
{
    const struct config_broker *broker = &session->config->broker;
    assert(session_idle(session) && will.size < sizeof session->will);
    memcpy(session->will, will.ptr, will.size);
    session->will[will.size] = '\0';
    snprintf(session->nonce, sizeof session->nonce, "%lld-%lld", (long long)clock_wall().ms,
        (long long)clock_mono().ms);
    pthread_mutex_lock(&session->lock);
    session->retained_count = 0;
    pthread_mutex_unlock(&session->lock);
    atomic_store(&session->epoch_seen, 0);
    atomic_store(&session->trying, true);

    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_willOptions last = MQTTAsync_willOptions_initializer;
    MQTTAsync_SSLOptions tls = tls_options(broker);
    MQTTProperties properties = MQTTProperties_initializer;
    session_add_number(
        &properties, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, broker->session_expiry_s, false);
    session_add_number(
        &properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, broker->receive_maximum, true);
    last.topicName = session->will_topic;
    last.message = session->will;
    last.qos = 1;
    last.retained = 1;
    options.will = &last;
    options.ssl = strncmp(session->url, "ssl:", 4) == 0 ? &tls : NULL;
    options.keepAliveInterval = (int)broker->keep_alive_s;
    options.cleanstart = 0; /* a clean start would delete what the broker has queued */
    options.maxInflight = 65535;
    options.connectTimeout = 10;
    options.username = broker->user;
    options.password = session->password;
    options.connectProperties = &properties;
    options.onSuccess5 = connected;
    options.onFailure5 = connect_failed;
    options.context = session;
    int code = MQTTAsync_connect(session->client, &options);
    MQTTProperties_free(&properties);
    if (code != MQTTASYNC_SUCCESS) {
        session_fail(session, "connect not begun", MQTTAsync_strerror(code), code);
    }
}

void session_disconnect(struct session *session)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
    options.timeout = 1000;
    if (MQTTAsync_disconnect(session->client, &options) != MQTTASYNC_SUCCESS) {
        log_event(LOG_DEBUG, "disconnect-not-sent", "reason=not-connected");
    }
    atomic_store(&session->state, SESSION_DOWN);
    atomic_store(&session->trying, false);
}
