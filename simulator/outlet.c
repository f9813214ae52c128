#include "simulator/outlet.h"

#include <MQTTAsync.h>
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/hash.h"

enum { WAITING_MAX = 65536, TOPIC_SIZE = 160, RESEND_MS = 10000, REPEATS = 3, PAUSE_MS = 50 };

/* A message that is not answered yet. */
struct waiting {
    uint64_t key; /* of MN and QN; 0: free */
    int64_t since_ms;
    int repeats;
    char topic[TOPIC_SIZE];
    uint8_t *payload;
    size_t size;
};

struct outlet {
    MQTTAsync client;
    char *password;
    const struct outlet_options *options;
    pthread_mutex_t lock; /* waiting */
    struct waiting *waiting;
    _Atomic uint64_t attempted, acknowledged, answered;
    uint64_t resent, given_up;
    _Atomic bool connected, trying;
};

/* MN stands third in the topic behind ems/v1/<area>. */
static struct slice mn_of(struct slice topic)
{
    for (int i = 0; i < 3; i++) {
        slice_cut(&topic, '/');
    }
    return slice_cut(&topic, '/');
}

static uint64_t key_of(struct slice topic, struct slice qn)
{
    return hash64_seeded(qn, hash64(mn_of(topic))) | 1;
}

static void answered(struct outlet *outlet, struct slice topic, struct slice qn)
{
    uint64_t key = key_of(topic, qn);
    struct waiting *waiting = &outlet->waiting[key % WAITING_MAX];
    pthread_mutex_lock(&outlet->lock);
    if (waiting->key == key) {
        waiting->key = 0;
        free(waiting->payload);
        waiting->payload = NULL;
        atomic_fetch_add(&outlet->answered, 1);
    }
    pthread_mutex_unlock(&outlet->lock);
}

/* Each QN that stands in an answer: "QN=" in frames, "qn": in verdicts; 17 digits follow. */
static int arrived(void *context, char *name, int name_size, MQTTAsync_message *message)
{
    enum { QN_SIZE = 17 };
    struct outlet *outlet = context;
    struct slice topic = slice_from(name, name_size > 0 ? (size_t)name_size : strlen(name));
    struct slice payload = slice_from(message->payload, (size_t)message->payloadlen);
    for (size_t at = 0; at + 3 + QN_SIZE <= payload.size; at++) {
        bool frame = memcmp(payload.ptr + at, "QN=", 3) == 0;
        bool verdict =
            at + 6 + QN_SIZE <= payload.size && memcmp(payload.ptr + at, "\"qn\":\"", 6) == 0;
        if (frame || verdict) {
            answered(outlet, topic, slice_from(payload.ptr + at + (frame ? 3 : 6), QN_SIZE));
        }
    }
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(name);
    return 1;
}

static void lost(void *context, char *cause)
{
    struct outlet *outlet = context;
    (void)cause;
    atomic_store(&outlet->connected, false);
}

static void subscribed(void *context, MQTTAsync_successData *response)
{
    struct outlet *outlet = context;
    (void)response;
    atomic_store(&outlet->connected, true);
    atomic_store(&outlet->trying, false);
}

static void refused(void *context, MQTTAsync_failureData *response)
{
    struct outlet *outlet = context;
    (void)response;
    atomic_store(&outlet->trying, false);
}

static void connected(void *context, MQTTAsync_successData *response)
{
    struct outlet *outlet = context;
    char frames[] = "ems/v1/+/+/down/hj212", verdicts[] = "ems/v1/+/+/down/verdict";
    char *filters[] = {frames, verdicts};
    int qos[] = {0, 0};
    MQTTAsync_responseOptions call = MQTTAsync_responseOptions_initializer;
    (void)response;
    call.onSuccess = subscribed;
    call.onFailure = refused;
    call.context = outlet;
    if (MQTTAsync_subscribeMany(outlet->client, 2, filters, qos, &call) != MQTTASYNC_SUCCESS) {
        atomic_store(&outlet->trying, false);
    }
}

static void try_connect(struct outlet *outlet)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    if (atomic_load(&outlet->connected) || atomic_exchange(&outlet->trying, true)) {
        return;
    }
    options.keepAliveInterval = 30;
    options.cleansession = 1;
    options.maxInflight = 60000;
    options.username = outlet->options->user;
    options.password = outlet->password;
    options.onSuccess = connected;
    options.onFailure = refused;
    options.context = outlet;
    if (MQTTAsync_connect(outlet->client, &options) != MQTTASYNC_SUCCESS) {
        atomic_store(&outlet->trying, false);
    }
}

static char *read_line(const char *path)
{
    char line[512];
    FILE *file = path == NULL ? NULL : fopen(path, "r");
    char *got = file == NULL ? NULL : fgets(line, sizeof line, file);
    if (file != NULL) {
        fclose(file);
    }
    if (got == NULL) {
        return NULL;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return strdup(line);
}

struct outlet *outlet_open(const struct outlet_options *options)
{
    enum { PATIENCE = 200 };
    char url[300];
    struct outlet *outlet = calloc(1, sizeof *outlet);
    assert(outlet != NULL);
    outlet->options = options;
    outlet->password = read_line(options->password_file);
    outlet->waiting = calloc(WAITING_MAX, sizeof *outlet->waiting);
    assert(outlet->waiting != NULL);
    pthread_mutex_init(&outlet->lock, NULL);
    snprintf(url, sizeof url, "tcp://%s", options->address);
    const char *client = options->user == NULL ? "hjsim" : options->user;
    if (MQTTAsync_create(&outlet->client, url, client, MQTTCLIENT_PERSISTENCE_NONE, NULL) !=
            MQTTASYNC_SUCCESS ||
        MQTTAsync_setCallbacks(outlet->client, outlet, lost, arrived, NULL) != MQTTASYNC_SUCCESS) {
        fprintf(stderr, "hjsim: %s: no such broker\n", options->address);
        return NULL;
    }
    for (int i = 0; i < PATIENCE && !atomic_load(&outlet->connected); i++) {
        try_connect(outlet);
        poll(NULL, 0, PAUSE_MS);
    }
    if (!atomic_load(&outlet->connected)) {
        fprintf(stderr, "hjsim: %s: the broker does not take us\n", options->address);
        return NULL;
    }
    return outlet;
}

static void published(void *context, MQTTAsync_successData *response)
{
    struct outlet *outlet = context;
    (void)response;
    atomic_fetch_add(&outlet->acknowledged, 1);
}

static void send_now(struct outlet *outlet, const char *topic, const uint8_t *payload, size_t size)
{
    MQTTAsync_responseOptions call = MQTTAsync_responseOptions_initializer;
    call.onSuccess = published;
    call.context = outlet;
    if (MQTTAsync_send(outlet->client, topic, (int)size, payload, 1, 0, &call) !=
        MQTTASYNC_SUCCESS) {
        return; /* not connected: it is resent like anything that is not answered */
    }
}

bool outlet_send(struct outlet *outlet, struct slice topic, struct slice payload, struct slice qn)
{
    uint64_t key = key_of(topic, qn);
    struct waiting *waiting = &outlet->waiting[key % WAITING_MAX];
    assert(topic.size < TOPIC_SIZE);
    pthread_mutex_lock(&outlet->lock);
    outlet->given_up += waiting->key != 0 ? 1 : 0;
    free(waiting->payload);
    *waiting = (struct waiting){
        .key = key, .since_ms = clock_mono().ms, .payload = malloc(payload.size + 1)};
    assert(waiting->payload != NULL);
    memcpy(waiting->topic, topic.ptr, topic.size);
    memcpy(waiting->payload, payload.ptr, payload.size);
    waiting->size = payload.size;
    pthread_mutex_unlock(&outlet->lock);
    char name[TOPIC_SIZE];
    memcpy(name, topic.ptr, topic.size);
    name[topic.size] = '\0';
    atomic_fetch_add(&outlet->attempted, 1);
    send_now(outlet, name, payload.ptr, payload.size);
    return true;
}

/* The message that waits here is due: a copy to send, or given up. */
static bool take_due(struct outlet *outlet, struct waiting *waiting, struct waiting *copy)
{
    int64_t now_ms = clock_mono().ms;
    bool due = false;
    pthread_mutex_lock(&outlet->lock);
    if (waiting->key != 0 && now_ms - waiting->since_ms >= RESEND_MS) {
        due = waiting->repeats < REPEATS;
        waiting->repeats += 1;
        waiting->since_ms = now_ms;
        if (due) {
            *copy = *waiting;
            copy->payload = malloc(waiting->size + 1);
            assert(copy->payload != NULL);
            memcpy(copy->payload, waiting->payload, waiting->size);
        } else {
            waiting->key = 0;
            free(waiting->payload);
            waiting->payload = NULL;
            outlet->given_up += 1;
        }
    }
    pthread_mutex_unlock(&outlet->lock);
    return due;
}

/* Paho is called without our lock: its callbacks come with its own and want ours. */
void outlet_tend(struct outlet *outlet)
{
    struct waiting copy;
    try_connect(outlet);
    for (size_t i = 0; i < WAITING_MAX; i++) {
        if (take_due(outlet, &outlet->waiting[i], &copy)) {
            outlet->resent += 1;
            send_now(outlet, copy.topic, copy.payload, copy.size);
            free(copy.payload);
        }
    }
}

struct outlet_figures outlet_close(struct outlet *outlet)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    options.timeout = 1000;
    MQTTAsync_disconnect(outlet->client, &options);
    MQTTAsync_destroy(&outlet->client);
    struct outlet_figures figures = {atomic_load(&outlet->attempted),
        atomic_load(&outlet->acknowledged), atomic_load(&outlet->answered), outlet->resent,
        outlet->given_up};
    for (size_t i = 0; i < WAITING_MAX; i++) {
        free(outlet->waiting[i].payload);
    }
    free(outlet->waiting);
    free(outlet->password);
    pthread_mutex_destroy(&outlet->lock);
    free(outlet);
    return figures;
}
