#include "broker-bridge/session.h"

#include <MQTTAsync.h>
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/flat_json.h"
#include "core/log.h"
#include "schemas/topic.h"

enum { FILTER_COUNT = 7, TOPIC_SIZE = 160, RETAINED_MAX = 65536, REASON_SIZE = 160 };

struct session {
    MQTTAsync client;
    struct session_handlers handlers;
    const struct config *config;
    char *password;
    char url[300];
    char will[512];
    char will_topic[TOPIC_SIZE];
    char probe_topic[TOPIC_SIZE];
    char nonce[40];

    _Atomic int state;   /* enum session_state */
    _Atomic bool trying; /* a connection attempt is under way */
    _Atomic uint32_t epoch_seen;
    _Atomic int64_t probe_returned_ms;

    pthread_mutex_t lock; /* reason and retained */
    char reason[REASON_SIZE];
    struct retained_alarm *retained;
    size_t retained_count;
};

static void wake(const struct session *session)
{
    uint64_t one = 1;
    ssize_t written = write(session->handlers.wake_fd, &one, sizeof one);
    (void)written; /* a full eventfd is awake already */
}

static void set_reason(struct session *session, const char *what, const char *why, int code)
{
    pthread_mutex_lock(&session->lock);
    snprintf(session->reason, sizeof session->reason, "%s: %s (%d)", what, why, code);
    pthread_mutex_unlock(&session->lock);
}

static void fail(struct session *session, const char *what, const char *why, int code)
{
    set_reason(session, what, why, code);
    atomic_store(&session->state, SESSION_DOWN);
    atomic_store(&session->trying, false);
    wake(session);
}

/* --- what arrives --- */

static void keep_retained(struct session *session, struct topic topic, struct slice payload)
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
    if (topic.name.size >= sizeof alarm.id || payload.size == 0) {
        return;
    }
    memcpy(alarm.id, topic.name.ptr, topic.name.size);
    pthread_mutex_lock(&session->lock);
    if (session->retained_count < RETAINED_MAX) {
        session->retained[session->retained_count++] = alarm;
    }
    pthread_mutex_unlock(&session->lock);
}

static void note_epoch(struct session *session, struct slice payload)
{
    struct flat_json json;
    int64_t epoch;
    if (flat_json_read(&json, payload) && flat_json_int(&json, "epoch", &epoch) && epoch > 0 &&
        epoch <= UINT32_MAX && (uint32_t)epoch > atomic_load(&session->epoch_seen)) {
        atomic_store(&session->epoch_seen, (uint32_t)epoch);
    }
}

static void probe_came(struct session *session, struct slice payload)
{
    if (!slice_is(payload, session->nonce)) {
        return; /* of an earlier connection */
    }
    atomic_store(&session->probe_returned_ms, clock_mono().ms);
    int draining = SESSION_DRAINING;
    if (atomic_compare_exchange_strong(&session->state, &draining, SESSION_UP)) {
        wake(session);
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
static int message_arrived(void *context, char *name, int name_size, MQTTAsync_message *message)
{
    struct session *session = context;
    struct slice bytes = slice_from(name, name_size > 0 ? (size_t)name_size : strlen(name));
    struct slice payload = slice_from(message->payload, (size_t)message->payloadlen);
    struct topic topic = topic_parse(bytes);
    if (topic.kind == TOPIC_HUB) {
        note_epoch(session, payload);
    } else if (topic.kind == TOPIC_ALARM_OPEN) {
        keep_retained(session, topic, payload);
    } else if (topic.kind == TOPIC_HUB_PROBE) {
        probe_came(session, payload);
    } else {
        take_in(session, bytes, message);
    }
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(name);
    return 1;
}

static void connection_lost(void *context, char *cause)
{
    fail(context, "connection lost", cause == NULL ? "no cause given" : cause, 0);
}

static void disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    (void)properties;
    fail(context, "disconnected by the broker", MQTTReasonCode_toString(reason), (int)reason);
}

/* --- connecting --- */

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

static void subscribed(void *context, MQTTAsync_successData5 *response)
{
    (void)response;
    struct session *session = context;
    atomic_store(&session->state, SESSION_DRAINING);
    atomic_store(&session->trying, false);
    session_probe(session);
    wake(session);
}

static void subscribe_failed(void *context, MQTTAsync_failureData5 *response)
{
    fail(context, "subscribe refused", response->message == NULL ? "" : response->message,
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
        fail(session, "subscribe not sent", MQTTAsync_strerror(code), code);
    }
}

static void connect_failed(void *context, MQTTAsync_failureData5 *response)
{
    fail(context, "connect failed",
        response->message == NULL ? MQTTReasonCode_toString(response->reasonCode)
                                  : response->message,
        response->code);
}

static void add_number(
    MQTTProperties *properties, enum MQTTPropertyCodes code, uint32_t value, bool two_bytes)
{
    MQTTProperty property = {.identifier = code};
    if (two_bytes) {
        property.value.integer2 = (unsigned short)value;
    } else {
        property.value.integer4 = value;
    }
    int failed = MQTTProperties_add(properties, &property);
    assert(failed == 0);
}

static MQTTAsync_SSLOptions tls_options(const struct config_broker *broker)
{
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    tls.trustStore = broker->ca_file;
    tls.keyStore = broker->certificate_file;
    tls.privateKey = broker->key_file;
    tls.sslVersion = MQTT_SSL_VERSION_TLS_1_2;
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
    add_number(
        &properties, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, broker->session_expiry_s, false);
    add_number(&properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, broker->receive_maximum, true);
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
        fail(session, "connect not begun", MQTTAsync_strerror(code), code);
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

/* --- publishing --- */

struct ticket {
    struct session *session;
    uint64_t number;
};

static void ticket_done(struct ticket *ticket, bool acknowledged)
{
    struct session *session = ticket->session;
    if (ticket->number != UINT64_MAX) {
        session->handlers.published(session->handlers.context, ticket->number, acknowledged);
    }
    free(ticket);
}

static void publish_done(void *context, MQTTAsync_successData5 *response)
{
    ticket_done(context, response->reasonCode < MQTTREASONCODE_UNSPECIFIED_ERROR);
}

static void publish_failed(void *context, MQTTAsync_failureData5 *response)
{
    (void)response;
    ticket_done(context, false);
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
        add_number(&message.properties, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL,
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
        *ticket = (struct ticket){session, publish->ticket};
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

/* --- asking --- */

enum session_state session_state(struct session *session)
{
    return (enum session_state)atomic_load(&session->state);
}

bool session_idle(struct session *session)
{
    return session_state(session) == SESSION_DOWN && !atomic_load(&session->trying);
}

const char *session_reason(struct session *session)
{
    return session->reason;
}

uint32_t session_epoch_seen(struct session *session)
{
    return atomic_load(&session->epoch_seen);
}

size_t session_retained_alarms(struct session *session, const struct retained_alarm **alarms)
{
    *alarms = session->retained;
    return session->retained_count;
}

struct mono_time session_probe_returned(struct session *session)
{
    return (struct mono_time){atomic_load(&session->probe_returned_ms)};
}

/* --- making one --- */

/* The first line of a file, or NULL when there is no such file. */
static char *read_password(const char *path)
{
    char line[512];
    FILE *file = path == NULL ? NULL : fopen(path, "r");
    if (file == NULL) {
        return NULL;
    }
    char *got = fgets(line, sizeof line, file);
    fclose(file);
    if (got == NULL) {
        return NULL;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return strdup(line);
}

/* Paho's names for the two transports. */
static enum status paho_url(const char *url, char *out, size_t size)
{
    bool tls = strncmp(url, "mqtts://", 8) == 0;
    if (!tls && strncmp(url, "mqtt://", 7) != 0) {
        return STATUS_INVALID;
    }
    int length = snprintf(out, size, "%s://%s", tls ? "ssl" : "tcp", url + (tls ? 8 : 7));
    return length > 0 && (size_t)length < size ? STATUS_OK : STATUS_INVALID;
}

static void name_topics(struct session *session)
{
    struct slice area = slice_of(session->config->area);
    struct text will = text_in(session->will_topic, TOPIC_SIZE - 1);
    topic_write(&will, TOPIC_HUB, area, (struct slice){0});
    session->will_topic[will.size] = '\0';
    struct text probe = text_in(session->probe_topic, TOPIC_SIZE - 1);
    topic_write(&probe, TOPIC_HUB_PROBE, area, (struct slice){0});
    session->probe_topic[probe.size] = '\0';
}

enum status session_new(
    const struct config *config, const struct session_handlers *handlers, struct session **session)
{
    struct session *made = calloc(1, sizeof *made);
    assert(made != NULL);
    made->config = config;
    made->handlers = *handlers;
    made->retained = calloc(RETAINED_MAX, sizeof *made->retained);
    assert(made->retained != NULL);
    pthread_mutex_init(&made->lock, NULL);
    name_topics(made);
    made->password = read_password(config->broker.password_file);
    if (paho_url(config->broker.url, made->url, sizeof made->url) != STATUS_OK) {
        session_free(made);
        return STATUS_INVALID;
    }
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
    options.sendWhileDisconnected = 0;
    /* The limit counts what waits for the send thread while connected too; with 100, the default, a
     * burst's answers would be refused. */
    options.maxBufferedMessages = 1000000;
    int code = MQTTAsync_createWithOptions(&made->client, made->url, config->broker.client_id,
        MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    if (code == MQTTASYNC_SUCCESS) {
        code = MQTTAsync_setCallbacks(made->client, made, connection_lost, message_arrived, NULL);
    }
    if (code == MQTTASYNC_SUCCESS) {
        code = MQTTAsync_setDisconnected(made->client, made, disconnected);
    }
    if (code != MQTTASYNC_SUCCESS) {
        session_free(made);
        return STATUS_IO;
    }
    *session = made;
    return STATUS_OK;
}

void session_free(struct session *session)
{
    if (session == NULL) {
        return;
    }
    if (session->client != NULL) {
        MQTTAsync_destroy(&session->client);
    }
    pthread_mutex_destroy(&session->lock);
    free(session->retained);
    free(session->password);
    free(session);
}
