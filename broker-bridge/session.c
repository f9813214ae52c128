#include "broker-bridge/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker-bridge/session_state.h"
#include "schemas/topic.h"

void session_wake(const struct session *session)
{
    uint64_t one = 1;
    ssize_t written = write(session->handlers.wake_fd, &one, sizeof one);
    (void)written; /* a full eventfd is awake already */
}

void session_set_reason(struct session *session, const char *what, const char *why, int code)
{
    pthread_mutex_lock(&session->lock);
    snprintf(session->reason, sizeof session->reason, "%s: %s (%d)", what, why, code);
    pthread_mutex_unlock(&session->lock);
}

void session_fail(struct session *session, const char *what, const char *why, int code)
{
    session_set_reason(session, what, why, code);
    atomic_store(&session->state, SESSION_DOWN);
    atomic_store(&session->trying, false);
    session_wake(session);
}

void session_add_number(
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
    pthread_mutex_lock(&session->lock);
    memcpy(session->reason_told, session->reason, sizeof session->reason_told);
    pthread_mutex_unlock(&session->lock);
    return session->reason_told;
}

bool session_forgotten(struct session *session)
{
    return atomic_load(&session->forgotten);
}

bool session_told_offline(struct session *session)
{
    return atomic_exchange(&session->told_offline, false);
}

uint32_t session_epoch_seen(struct session *session)
{
    return atomic_load(&session->epoch_seen);
}

size_t session_retained_alarms(struct session *session, const struct retained_alarm **alarms)
{
    pthread_mutex_lock(&session->lock);
    size_t count = session->retained_count;
    pthread_mutex_unlock(&session->lock);
    *alarms = session->retained; /* up to count nothing changes until the next connect */
    return count;
}

int64_t session_broker_dropped(struct session *session)
{
    return atomic_load(&session->dropped);
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
    struct text open = text_in(session->open_prefix, TOPIC_SIZE - 1);
    topic_write(&open, TOPIC_ALARM_OPEN, area, (struct slice){0});
    session->open_prefix[open.size] = '\0';
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
    /* Else it keeps a trace of each call and packet, formatted, in a buffer that nobody reads. */
    MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
    if (code == MQTTASYNC_SUCCESS) {
        code = MQTTAsync_setCallbacks(made->client, made, session_lost, session_arrived, NULL);
    }
    if (code == MQTTASYNC_SUCCESS) {
        code = MQTTAsync_setDisconnected(made->client, made, session_disconnected);
    }
    if (code != MQTTASYNC_SUCCESS) {
        session_free(made);
        return STATUS_IO;
    }
    *session = made;
    return STATUS_OK;
}

/* Destroyed at once, the client would drop the farewell that waits for its send thread. */
static void wait_for_farewell(struct session *session)
{
    const struct timespec moment = {.tv_nsec = 5 * 1000 * 1000};
    for (int i = 0; i < 400 && MQTTAsync_isConnected(session->client); i++) {
        nanosleep(&moment, NULL);
    }
}

void session_free(struct session *session)
{
    if (session == NULL) {
        return;
    }
    if (session->client != NULL) {
        wait_for_farewell(session);
        MQTTAsync_destroy(&session->client);
    }
    pthread_mutex_destroy(&session->lock);
    free(session->retained);
    free(session->password);
    free(session);
}
