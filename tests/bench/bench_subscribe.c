/* bench_subscribe -- the measure for the hub's live path: a Paho subscriber that does as little as one can.
 *
 *   bench_subscribe URL AREA quiet|answer
 *
 * quiet: nothing. answer: one QoS 0 message to the device for each that came. With the hub's own options
 * towards the broker. Prints "ready" once subscribed; then, for each number N read, waits until N more
 * have come and prints when the last of them came (CLOCK_MONOTONIC, ns).
 */
#include <MQTTAsync.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/wire.h"

enum { RECEIVE_MAXIMUM = 1000, ANSWER_SIZE = 100, QN_AT = 9, QN_SIZE = 17, EXPIRY_S = 60 };

struct peer {
    MQTTAsync client;
    char filter[64];
    bool answers;
    MQTTProperties expiry;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool ready;
    size_t came, wanted;
    int64_t last_ns;
};

/* As many bytes as a 9014 has, with the QN where it stands there. */
static void answer(struct peer *peer, const char *up, const MQTTAsync_message *message)
{
    char topic[128], payload[ANSWER_SIZE];
    const char *end = strstr(up, "/up/");
    if (end == NULL || message->payloadlen < QN_AT + QN_SIZE) {
        return;
    }
    snprintf(topic, sizeof topic, "%.*s/down/hj212", (int)(end - up), up);
    memcpy(payload, message->payload, sizeof payload);
    MQTTAsync_message made = MQTTAsync_message_initializer;
    MQTTAsync_responseOptions call = MQTTAsync_responseOptions_initializer;
    made.payload = payload;
    made.payloadlen = sizeof payload;
    made.properties = peer->expiry;
    if (MQTTAsync_sendMessage(peer->client, topic, &made, &call) != MQTTASYNC_SUCCESS) {
        wire_die("answer not sent");
    }
}

static int arrived(void *context, char *topic, int topic_size, MQTTAsync_message *message)
{
    (void)topic_size;
    struct peer *peer = context;
    if (peer->answers) {
        answer(peer, topic, message);
    }
    pthread_mutex_lock(&peer->lock);
    if (++peer->came == peer->wanted) {
        peer->last_ns = wire_now_ns();
        pthread_cond_signal(&peer->changed);
    }
    pthread_mutex_unlock(&peer->lock);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void lost(void *context, char *cause)
{
    (void)context;
    (void)cause;
    wire_die("connection lost");
}

static void failed(void *context, MQTTAsync_failureData5 *response)
{
    (void)context;
    (void)response;
    wire_die("refused");
}

static void subscribed(void *context, MQTTAsync_successData5 *response)
{
    (void)response;
    struct peer *peer = context;
    pthread_mutex_lock(&peer->lock);
    peer->ready = true;
    pthread_cond_signal(&peer->changed);
    pthread_mutex_unlock(&peer->lock);
}

static void connected(void *context, MQTTAsync_successData5 *response)
{
    (void)response;
    struct peer *peer = context;
    MQTTAsync_responseOptions call = MQTTAsync_responseOptions_initializer;
    call.onSuccess5 = subscribed;
    call.onFailure5 = failed;
    call.context = peer;
    if (MQTTAsync_subscribe(peer->client, peer->filter, 1, &call) != MQTTASYNC_SUCCESS) {
        wire_die("subscribe");
    }
}

static void add_property(MQTTProperties *properties, MQTTProperty property)
{
    if (MQTTProperties_add(properties, &property) != 0) {
        wire_die("property");
    }
}

static void open_client(struct peer *peer, const char *url, const char *area)
{
    char name[64];
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
    MQTTProperties properties = MQTTProperties_initializer;
    snprintf(name, sizeof name, "bench-peer-%s", area);
    create.maxBufferedMessages = 1000000;
    if (MQTTAsync_createWithOptions(
            &peer->client, url, name, MQTTCLIENT_PERSISTENCE_NONE, NULL, &create) != 0 ||
        MQTTAsync_setCallbacks(peer->client, peer, lost, arrived, NULL) != 0) {
        wire_die("client");
    }
    add_property(&properties, (MQTTProperty){.identifier = MQTTPROPERTY_CODE_RECEIVE_MAXIMUM,
                                  .value.integer2 = RECEIVE_MAXIMUM});
    options.cleanstart = 1;
    options.maxInflight = 65535;
    options.connectProperties = &properties;
    options.onSuccess5 = connected;
    options.onFailure5 = failed;
    options.context = peer;
    if (MQTTAsync_connect(peer->client, &options) != MQTTASYNC_SUCCESS) {
        wire_die("connect");
    }
}

int main(int argc, char **argv)
{
    static struct peer peer = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    size_t more;
    if (argc != 4 && !(argc == 5 && strcmp(argv[4], "untraced") == 0)) {
        fputs("usage: bench_subscribe URL AREA quiet|answer [untraced]\n", stderr);
        return 2;
    }
    peer.answers = strcmp(argv[3], "answer") == 0;
    snprintf(peer.filter, sizeof peer.filter, "ems/v1/%s/+/up/#", argv[2]);
    add_property(
        &peer.expiry, (MQTTProperty){.identifier = MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL,
                          .value.integer4 = EXPIRY_S});
    open_client(&peer, argv[1], argv[2]);
    MQTTAsync_setTraceLevel(argc == 5 ? MQTTASYNC_TRACE_ERROR : MQTTASYNC_TRACE_MINIMUM);
    pthread_mutex_lock(&peer.lock);
    while (!peer.ready) {
        pthread_cond_wait(&peer.changed, &peer.lock);
    }
    puts("ready");
    fflush(stdout);
    pthread_mutex_unlock(&peer.lock);
    while (scanf("%zu", &more) == 1) {
        pthread_mutex_lock(&peer.lock);
        peer.wanted += more;
        puts("waiting");
        fflush(stdout);
        while (peer.came < peer.wanted) {
            pthread_cond_wait(&peer.changed, &peer.lock);
        }
        printf("%lld\n", (long long)peer.last_ns);
        fflush(stdout);
        pthread_mutex_unlock(&peer.lock);
    }
    return 0;
}
