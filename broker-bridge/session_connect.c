#include <assert.h>
#include <string.h>

#include "broker-bridge/broker_why.h"
#include "broker-bridge/session_state.h"
#include "core/clock.h"
#include "core/log.h"
#include "schemas/topic.h"

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

/* What the hub reads. `kept`: what the broker retains there is read at each connect; elsewhere it would
 * come again and again, and a retained command must not be obeyed twice. */
static const struct filter {
    enum topic_kind kind;
    const char *topic; /* instead of the kind's */
    bool kept;
    bool own; /* what the hub itself publishes there is of no interest */
} FILTERS[] = {
    {TOPIC_UP_HJ212, "ems/v1/%/+/up/#", false, false}, {TOPIC_NEW_UP_HJ212, NULL, false, false},
    {TOPIC_ALARM_CMD, NULL, false, false}, {TOPIC_DEVICE_CMD, NULL, false, false},
    {TOPIC_ORDER_CMD, NULL, false, false}, {TOPIC_HUB, NULL, true, false},
    {TOPIC_ALARM_OPEN, NULL, true, true}, {TOPIC_HUB_PROBE, NULL, false, false},
    {TOPIC_UNKNOWN, BROKER_DROPPED_TOPIC, true, false}, /* the last: it may be refused */
};

enum { FILTER_COUNT = sizeof FILTERS / sizeof FILTERS[0], RETAINED_SEND = 0, RETAINED_SKIP = 2 };

static void write_filter(const struct session *session, int which, char out[static TOPIC_SIZE])
{
    struct text text = text_in(out, TOPIC_SIZE - 1);
    struct slice area = slice_of(session->config->area);
    if (FILTERS[which].topic == NULL) {
        topic_write(&text, FILTERS[which].kind, area, slice_of("+"));
    } else {
        struct slice rest = slice_of(FILTERS[which].topic);
        text_add_slice(&text, slice_cut(&rest, '%'));
        text_add_slice(&text, rest.size > 0 ? area : rest);
        text_add_slice(&text, rest);
    }
    out[text.size] = '\0';
}

/* Paho calls a SUBACK a success whatever it says of each filter. Half deaf is worse than gone. */
static void subscribed(void *context, MQTTAsync_successData5 *response)
{
    struct session *session = context;
    for (int i = 0; i < FILTER_COUNT - 1 && i < response->alt.sub.reasonCodeCount; i++) {
        enum MQTTReasonCodes code = response->alt.sub.reasonCodes[i];
        if (code >= MQTTREASONCODE_UNSPECIFIED_ERROR) {
            char filter[TOPIC_SIZE], what[REASON_SIZE];
            write_filter(session, i, filter);
            snprintf(what, sizeof what, "subscribe to %.80s refused", filter);
            session_set_reason(session, what, MQTTReasonCode_toString(code), (int)code);
            session_hang_up(session, MQTTREASONCODE_NORMAL_DISCONNECTION);
            return;
        }
    }
    atomic_store(&session->state, SESSION_DRAINING);
    atomic_store(&session->trying, false);
    session_probe(session);
    session_wake(session);
}

static void subscribe_failed(void *context, MQTTAsync_failureData5 *response)
{
    struct session *session = context;
    session_set_reason(session, "subscribe failed",
        response->message == NULL ? "" : response->message, response->code);
    session_hang_up(session, MQTTREASONCODE_NORMAL_DISCONNECTION);
}

static void connected(void *context, MQTTAsync_successData5 *response)
{
    struct session *session = context;
    char space[FILTER_COUNT][TOPIC_SIZE];
    char *filters[FILTER_COUNT];
    int qos[FILTER_COUNT];
    MQTTSubscribe_options options[FILTER_COUNT];
    atomic_store(&session->forgotten, response->alt.connect.sessionPresent == 0);
    for (int i = 0; i < FILTER_COUNT; i++) {
        write_filter(session, i, space[i]);
        filters[i] = space[i];
        qos[i] = 1;
        options[i] = (MQTTSubscribe_options)MQTTSubscribe_options_initializer;
        options[i].noLocal = FILTERS[i].own;
        options[i].retainAsPublished = !FILTERS[i].kept; /* there the flag tells old from new */
        options[i].retainHandling = FILTERS[i].kept ? RETAINED_SEND : RETAINED_SKIP;
    }
    MQTTAsync_responseOptions call = MQTTAsync_responseOptions_initializer;
    call.onSuccess5 = subscribed;
    call.onFailure5 = subscribe_failed;
    call.context = session;
    call.subscribeOptionsCount = FILTER_COUNT;
    call.subscribeOptionsList = options;
    int code = MQTTAsync_subscribeMany(session->client, FILTER_COUNT, filters, qos, &call);
    if (code != MQTTASYNC_SUCCESS) {
        session_set_reason(session, "subscribe not sent", MQTTAsync_strerror(code), code);
        session_hang_up(session, MQTTREASONCODE_NORMAL_DISCONNECTION);
    }
}

/* A CONNACK has a reason of its own, which Paho puts into `code`; for whatever comes before one it has one
 * phrase. */
static void connect_failed(void *context, MQTTAsync_failureData5 *response)
{
    struct session *session = context;
    char why[REASON_SIZE] = "";
    if (response->code >= MQTTREASONCODE_UNSPECIFIED_ERROR) {
        session_fail(session, "connect refused",
            MQTTReasonCode_toString((enum MQTTReasonCodes)response->code), response->code);
        return;
    }
    broker_why(&session->config->broker, why, sizeof why);
    if (why[0] == '\0') {
        bool silent = response->message == NULL || strstr(response->message, "timeout") != NULL;
        snprintf(
            why, sizeof why, "%s", silent ? "the broker said nothing in time" : response->message);
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
    atomic_store(&session->told_offline, false);
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

static void hung_up(struct session *session)
{
    atomic_store(&session->trying, false);
    session_wake(session);
}

static void farewell_said(void *context, MQTTAsync_successData5 *response)
{
    (void)response;
    hung_up(context);
}

static void farewell_failed(void *context, MQTTAsync_failureData5 *response)
{
    (void)response;
    hung_up(context);
}

/* Refused where nothing is connected: then it is idle already, or an attempt goes on. */
void session_hang_up(struct session *session, enum MQTTReasonCodes reason)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
    options.timeout = 1000;
    options.reasonCode = reason;
    options.onSuccess5 = farewell_said;
    options.onFailure5 = farewell_failed;
    options.context = session;
    bool was_trying = atomic_exchange(&session->trying, true);
    if (MQTTAsync_disconnect(session->client, &options) != MQTTASYNC_SUCCESS) {
        atomic_store(&session->trying, was_trying);
        log_event(LOG_DEBUG, "disconnect-not-sent", "reason=not-connected");
    }
    atomic_store(&session->state, SESSION_DOWN);
}

void session_disconnect(struct session *session)
{
    session_set_reason(session, "closed by the hub", "to come back", 0);
    session_hang_up(session, MQTTREASONCODE_NORMAL_DISCONNECTION);
}

void session_leave(struct session *session)
{
    session_set_reason(session, "closed by the hub", "it goes offline", 0);
    session_hang_up(session, MQTTREASONCODE_DISCONNECT_WITH_WILL_MESSAGE);
}
