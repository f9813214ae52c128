#include "simulator/outlet.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/hash.h"
#include "simulator/line.h"
#include "simulator/obey.h"

enum { WAITING_MAX = 65536, TOPIC_SIZE = 160, PAUSE_MS = 50 };

/* A message that is not answered yet. */
struct waiting {
    uint64_t key; /* of MN and QN; 0: free */
    int64_t since_ms;
    int32_t repeats;
    uint32_t line;
    char topic[TOPIC_SIZE];
    uint8_t *payload;
    size_t size;
};

struct outlet {
    const struct outlet_options *options;
    const struct county *county;
    struct line **lines;
    uint32_t line_count;
    char *password;
    pthread_mutex_t lock; /* waiting */
    struct waiting *waiting;
    _Atomic uint64_t attempted, acknowledged, answered;
    uint64_t resent, given_up;
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

static void answered(void *context, struct slice topic, struct slice qn)
{
    struct outlet *outlet = context;
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

/* Whose MN it is; the number of devices: nobody's. */
static uint32_t device_of(const struct county *county, struct slice mn)
{
    uint32_t index = 0, count = county_devices(county);
    for (; index < count; index++) {
        char space[65];
        struct text text = text_in(space, sizeof space);
        county_mn(county, index, &text);
        if (slice_equal(text_slice(&text), mn)) {
            break;
        }
    }
    return index;
}

/* On Paho's thread. What it says bears QNs of the host's, or is asked for again: nothing waits for its answer. */
static void heard(void *context, struct line *line, struct slice topic, struct slice segment)
{
    struct outlet *outlet = context;
    char name[TOPIC_SIZE];
    struct text up = text_in(name, sizeof name - 1);
    uint32_t index = device_of(outlet->county, mn_of(topic));
    char *space = malloc(OBEY_SIZE);
    assert(space != NULL);
    struct text frames = text_in(space, OBEY_SIZE);
    if (index < county_devices(outlet->county)) {
        obey(outlet->county, index, segment, clock_wall().ms, &frames);
    }
    text_add(&up, "ems/v1/140581/");
    text_add_slice(&up, mn_of(topic));
    text_add(&up, "/up/hj212");
    name[up.size] = '\0';
    if (frames.size > 0) {
        line_send(line, name, text_slice(&frames));
    }
    free(space);
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

/* Line i: a device's own, or the only one. */
static struct line *open_line(struct outlet *outlet, const struct county *county, uint32_t i)
{
    char mn[65];
    struct text text = text_in(mn, sizeof mn - 1);
    county_mn(county, i, &text);
    mn[text.size] = '\0';
    const char *user = outlet->options->user;
    struct line_options options = {
        .address = outlet->options->address,
        .client = user == NULL ? "hjsim" : user,
        .user = user,
        .password = outlet->password,
        .device = "+",
        .answer = answered,
        .frame = heard,
        .context = outlet,
        .acknowledged = &outlet->acknowledged,
    };
    if (outlet->options->line_each) {
        options.client = mn;
        options.user = outlet->password == NULL ? NULL : mn;
        options.device = mn;
    }
    return line_open(&options);
}

static uint32_t count_up(const struct outlet *outlet)
{
    uint32_t up = 0;
    for (uint32_t i = 0; i < outlet->line_count; i++) {
        up += line_is_up(outlet->lines[i]) ? 1 : 0;
    }
    return up;
}

/* Until all are up; as long as one more comes up now and then. */
static bool wait_for_lines(struct outlet *outlet)
{
    enum { PATIENCE = 200 };
    uint32_t up = 0;
    for (int idle = 0; idle < PATIENCE; idle++) {
        uint32_t now_up = count_up(outlet);
        if (now_up == outlet->line_count) {
            return true;
        }
        idle = now_up > up ? 0 : idle;
        up = now_up;
        for (uint32_t i = 0; i < outlet->line_count; i++) {
            line_tend(outlet->lines[i]);
        }
        poll(NULL, 0, PAUSE_MS);
    }
    fprintf(stderr, "hjsim: %s: the broker takes %u of %u connections\n", outlet->options->address,
        up, outlet->line_count);
    return false;
}

struct outlet *outlet_open(const struct outlet_options *options, const struct county *county)
{
    struct outlet *outlet = calloc(1, sizeof *outlet);
    assert(outlet != NULL);
    outlet->options = options;
    outlet->county = county;
    outlet->password = read_line(options->password_file);
    outlet->waiting = calloc(WAITING_MAX, sizeof *outlet->waiting);
    outlet->line_count = options->line_each ? county_devices(county) : 1;
    outlet->lines = calloc(outlet->line_count, sizeof(struct line *));
    assert(outlet->waiting != NULL && outlet->lines != NULL);
    pthread_mutex_init(&outlet->lock, NULL);
    for (uint32_t i = 0; i < outlet->line_count; i++) {
        outlet->lines[i] = open_line(outlet, county, i);
        if (outlet->lines[i] == NULL) {
            outlet->line_count = i;
            outlet_close(outlet);
            return NULL;
        }
    }
    if (!wait_for_lines(outlet)) {
        outlet_close(outlet);
        return NULL;
    }
    return outlet;
}

bool outlet_send(struct outlet *outlet, const struct county_message *message)
{
    struct slice topic = message->topic, again = message->again;
    uint64_t key = key_of(topic, message->qn);
    struct waiting *waiting = &outlet->waiting[key % WAITING_MAX];
    uint32_t line = message->device % outlet->line_count;
    assert(topic.size < TOPIC_SIZE);
    pthread_mutex_lock(&outlet->lock);
    outlet->given_up += waiting->key != 0 ? 1 : 0;
    free(waiting->payload);
    *waiting = (struct waiting){
        .key = key, .since_ms = clock_mono().ms, .line = line, .payload = malloc(again.size + 1)};
    assert(waiting->payload != NULL);
    memcpy(waiting->topic, topic.ptr, topic.size);
    memcpy(waiting->payload, again.ptr, again.size);
    waiting->size = again.size;
    pthread_mutex_unlock(&outlet->lock);
    char name[TOPIC_SIZE];
    memcpy(name, topic.ptr, topic.size);
    name[topic.size] = '\0';
    atomic_fetch_add(&outlet->attempted, 1);
    line_send(outlet->lines[line], name, message->payload);
    return true;
}

/* The message that waits here is due: a copy to send, or given up. */
static bool take_due(struct outlet *outlet, struct waiting *waiting, struct waiting *copy)
{
    int64_t now_ms = clock_mono().ms;
    int64_t overtime_ms = (int64_t)outlet->options->overtime_s * SECOND_MS;
    bool due = false;
    pthread_mutex_lock(&outlet->lock);
    if (waiting->key != 0 && now_ms - waiting->since_ms >= overtime_ms) {
        due = waiting->repeats < outlet->options->recount;
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
    for (uint32_t i = 0; i < outlet->line_count; i++) {
        line_tend(outlet->lines[i]);
    }
    for (size_t i = 0; i < WAITING_MAX; i++) {
        if (take_due(outlet, &outlet->waiting[i], &copy)) {
            outlet->resent += 1;
            line_send(outlet->lines[copy.line], copy.topic, slice_from(copy.payload, copy.size));
            free(copy.payload);
        }
    }
}

struct outlet_figures outlet_close(struct outlet *outlet)
{
    for (uint32_t i = 0; i < outlet->line_count; i++) {
        line_close(outlet->lines[i]);
    }
    struct outlet_figures figures = {atomic_load(&outlet->attempted),
        atomic_load(&outlet->acknowledged), atomic_load(&outlet->answered), outlet->resent,
        outlet->given_up};
    for (size_t i = 0; i < WAITING_MAX; i++) {
        free(outlet->waiting[i].payload);
    }
    free(outlet->lines);
    free(outlet->waiting);
    free(outlet->password);
    pthread_mutex_destroy(&outlet->lock);
    free(outlet);
    return figures;
}
