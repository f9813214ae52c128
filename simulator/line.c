#include "simulator/line.h"

#include <MQTTAsync.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
    MQTTAsync client;
    struct line_options options;
    char *user; /* a copy: its owner's may go */
    char filters[2][100];
    _Atomic bool connected, trying;
};

/* Cut by their lengths; what is no frame ends it. */
static void take_frames(struct line *line, struct slice topic, struct slice payload)
{
    enum { HEAD_SIZE = 6, TAIL_SIZE = 6 };
    uint64_t size;
    while (slice_starts(payload, "##") &&
           slice_to_uint(slice_head(slice_tail(payload, 2), 4), 9999, &size) &&
           HEAD_SIZE + size + TAIL_SIZE <= payload.size) {
        line->options.frame(
            line->options.context, line, topic, slice_from(payload.ptr + HEAD_SIZE, (size_t)size));
        payload = slice_tail(payload, HEAD_SIZE + (size_t)size + TAIL_SIZE);
    }
}

static int arrived(void *context, char *name, int name_size, MQTTAsync_message *message)
{
    enum { QN_SIZE = 17 };
    struct line *line = context;
    struct slice topic = slice_from(name, name_size > 0 ? (size_t)name_size : strlen(name));
    struct slice payload = slice_from(message->payload, (size_t)message->payloadlen);
    for (size_t at = 0; at + 3 + QN_SIZE <= payload.size; at++) {
        bool frame = memcmp(payload.ptr + at, "QN=", 3) == 0;
        bool verdict =
            at + 6 + QN_SIZE <= payload.size && memcmp(payload.ptr + at, "\"qn\":\"", 6) == 0;
        if (frame || verdict) {
            line->options.answer(line->options.context, topic,
                slice_from(payload.ptr + at + (frame ? 3 : 6), QN_SIZE));
        }
    }
    take_frames(line, topic, payload);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(name);
    return 1;
}

static void lost(void *context, char *cause)
{
    struct line *line = context;
    (void)cause;
    atomic_store(&line->connected, false);
}

static void subscribed(void *context, MQTTAsync_successData *response)
{
    struct line *line = context;
    (void)response;
    atomic_store(&line->connected, true);
    atomic_store(&line->trying, false);
}

static void refused(void *context, MQTTAsync_failureData *response)
{
    struct line *line = context;
    (void)response;
    atomic_store(&line->trying, false);
}

static void connected(void *context, MQTTAsync_successData *response)
{
    struct line *line = context;
    char *filters[] = {line->filters[0], line->filters[1]};
    int qos[] = {0, 0};
    MQTTAsync_responseOptions call = MQTTAsync_responseOptions_initializer;
    (void)response;
    call.onSuccess = subscribed;
    call.onFailure = refused;
    call.context = line;
    if (MQTTAsync_subscribeMany(line->client, 2, filters, qos, &call) != MQTTASYNC_SUCCESS) {
        atomic_store(&line->trying, false);
    }
}

void line_tend(struct line *line)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    if (atomic_load(&line->connected) || atomic_exchange(&line->trying, true)) {
        return;
    }
    options.keepAliveInterval = 30;
    options.cleansession = 1;
    options.maxInflight = 60000;
    options.username = line->user;
    options.password = line->options.password;
    options.onSuccess = connected;
    options.onFailure = refused;
    options.context = line;
    if (MQTTAsync_connect(line->client, &options) != MQTTASYNC_SUCCESS) {
        atomic_store(&line->trying, false);
    }
}

struct line *line_open(const struct line_options *options)
{
    char url[300];
    struct line *line = calloc(1, sizeof *line);
    assert(line != NULL);
    line->options = *options;
    line->user = options->user == NULL ? NULL : strdup(options->user);
    snprintf(line->filters[0], sizeof line->filters[0], "ems/v1/+/%s/down/hj212", options->device);
    snprintf(
        line->filters[1], sizeof line->filters[1], "ems/v1/+/%s/down/verdict", options->device);
    snprintf(url, sizeof url, "tcp://%s", options->address);
    if (MQTTAsync_create(&line->client, url, options->client, MQTTCLIENT_PERSISTENCE_NONE, NULL) !=
            MQTTASYNC_SUCCESS ||
        MQTTAsync_setCallbacks(line->client, line, lost, arrived, NULL) != MQTTASYNC_SUCCESS) {
        fprintf(stderr, "hjsim: %s: no such broker\n", options->address);
        free(line->user);
        free(line);
        return NULL;
    }
    line_tend(line);
    return line;
}

bool line_is_up(const struct line *line)
{
    return atomic_load(&line->connected);
}

static void published(void *context, MQTTAsync_successData *response)
{
    struct line *line = context;
    (void)response;
    atomic_fetch_add(line->options.acknowledged, 1);
}

void line_send(struct line *line, const char *topic, struct slice payload)
{
    MQTTAsync_responseOptions call = MQTTAsync_responseOptions_initializer;
    call.onSuccess = published;
    call.context = line;
    if (MQTTAsync_send(line->client, topic, (int)payload.size, payload.ptr, 1, 0, &call) !=
        MQTTASYNC_SUCCESS) {
        return; /* not connected: it is resent like anything that is not answered */
    }
}

void line_close(struct line *line)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    options.timeout = 1000;
    MQTTAsync_disconnect(line->client, &options);
    MQTTAsync_destroy(&line->client);
    free(line->user);
    free(line);
}
