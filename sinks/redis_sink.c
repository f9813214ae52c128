#include "sinks/redis_sink.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "sinks/redis_follow.h"
#include "sinks/redis_rows.h"

enum {
    PROBE_MS = SECOND_MS,
    STOP_MS = 2 * SECOND_MS,
    MESSAGE_WORDS_MAX = 4 * READINGS_MAX + 4,
    MESSAGE_SPACE_SIZE = 128 * 1024,
};

/* Words being put together: pairs of name and value. */
struct pairs {
    struct text text;
    struct slice words[MESSAGE_WORDS_MAX];
    size_t count;
    char space[MESSAGE_SPACE_SIZE];
};

struct redis_sink {
    struct follow follow; /* the thread's own */
    struct pairs pairs;   /* the hub's: not on its stack, which is zeroed for every message */
    pthread_t thread;
    pthread_mutex_t lock; /* over what stands below */
    pthread_cond_t wake;
    bool woken, stopping;
    struct redis_sink_figures figures;
};

static void publish_figures(struct redis_sink *sink)
{
    pthread_mutex_lock(&sink->lock);
    sink->figures = sink->follow.figures;
    pthread_mutex_unlock(&sink->lock);
}

/* Until woken, stopped, or `ms` have passed. A wait for Redis to come back is not cut short by news. */
static bool wait_for(struct redis_sink *sink, int64_t ms, enum follow_turn turn)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / SECOND_MS;
    until.tv_nsec += (ms % SECOND_MS) * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&sink->lock);
    int waited = 0;
    while (!sink->stopping && waited == 0 && (turn == FOLLOW_AWAY || !sink->woken)) {
        waited = pthread_cond_timedwait(&sink->wake, &sink->lock, &until);
    }
    sink->woken = false;
    bool stopping = sink->stopping;
    pthread_mutex_unlock(&sink->lock);
    return !stopping;
}

static void *run(void *argument)
{
    struct redis_sink *sink = argument;
    struct follow *follow = &sink->follow;
    int64_t probe_ms = 0;
    bool go_on = true;
    while (go_on) {
        int64_t now_ms = clock_mono().ms;
        if (now_ms >= probe_ms) {
            follow->probe_due = true;
            probe_ms = now_ms + PROBE_MS;
        }
        enum follow_turn turn = follow_step(follow);
        publish_figures(sink);
        switch (turn) {
        case FOLLOW_MORE:
            go_on = wait_for(sink, 0, turn);
            break;
        case FOLLOW_IDLE:
            go_on = wait_for(sink, probe_ms > now_ms ? probe_ms - now_ms : 0, turn);
            break;
        case FOLLOW_AWAY:
            go_on = wait_for(sink, redis_link_wait_ms(&follow->link), turn);
            break;
        case FOLLOW_OVER:
            return NULL;
        }
    }
    int64_t until_ms = clock_mono().ms + STOP_MS;
    follow->probe_due = follow->link.context != NULL;
    while (follow->link.context != NULL && clock_mono().ms < until_ms &&
           follow_step(follow) == FOLLOW_MORE) {
    }
    publish_figures(sink);
    return NULL;
}

/* A thread that no signal of the hub's reaches, and that a broken socket cannot end by SIGPIPE. */
static void start_quietly(pthread_t *thread, void *(*body)(void *), void *argument)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(thread, NULL, body, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert(failed == 0);
}

struct redis_sink *redis_sink_start(const struct redis_sink_options *options)
{
    struct redis_sink *sink = calloc(1, sizeof *sink);
    assert(sink != NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&sink->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&sink->lock, NULL);
    follow_init(&sink->follow, options);
    start_quietly(&sink->thread, run, sink);
    return sink;
}

static void poke(struct redis_sink *sink, bool stop)
{
    pthread_mutex_lock(&sink->lock);
    sink->woken = true;
    sink->stopping = sink->stopping || stop;
    pthread_cond_signal(&sink->wake);
    pthread_mutex_unlock(&sink->lock);
}

void redis_sink_wake(struct redis_sink *sink)
{
    poke(sink, false);
}

void redis_sink_stop(struct redis_sink *sink)
{
    poke(sink, true);
    pthread_join(sink->thread, NULL);
    follow_free(&sink->follow);
    pthread_cond_destroy(&sink->wake);
    pthread_mutex_destroy(&sink->lock);
    free(sink);
}

struct redis_sink_figures redis_sink_figures(struct redis_sink *sink)
{
    pthread_mutex_lock(&sink->lock);
    struct redis_sink_figures figures = sink->figures;
    pthread_mutex_unlock(&sink->lock);
    uint64_t committed = journal_committed(sink->follow.options.journal, STREAM_SAID);
    figures.lag = committed > figures.position ? committed - figures.position : 0;
    return figures;
}

/* --- latest values and health --- */

static void add_pair(struct pairs *pairs, const struct slice parts[static 3], struct slice value)
{
    size_t at = pairs->text.size;
    for (size_t i = 0; i < 3; i++) {
        if (i > 0 && parts[i].size > 0) {
            text_add_byte(&pairs->text, '-');
        }
        text_add_slice(&pairs->text, parts[i]);
    }
    if (!pairs->text.truncated && pairs->count + 2 <= MESSAGE_WORDS_MAX) {
        pairs->words[pairs->count++] = slice_from(pairs->text.at + at, pairs->text.size - at);
        pairs->words[pairs->count++] = value;
    }
}

static void add_reading(struct pairs *pairs, const struct reading *reading)
{
    struct slice name[3] = {reading->factor, reading->field};
    if (!reading->has_value && !reading->is_text) {
        return; /* withheld: what is not believed is nobody's latest value */
    }
    add_pair(pairs, name, reading->text);
    if (reading->flag.size > 0) {
        name[2] = slice_of("Flag");
        add_pair(pairs, name, reading->flag);
    }
}

void redis_sink_message(struct redis_sink *sink, uint64_t said, const struct message *message,
    struct event_time arrival)
{
    struct pairs *pairs = &sink->pairs;
    char name_space[200], key_space[100], arrived[RFC3339_SIZE + 1], measured[RFC3339_SIZE + 1];
    struct text name = text_in(name_space, sizeof name_space);
    struct text key = text_in(key_space, sizeof key_space);
    struct slice kind = message->cn.size > 0 ? message->cn : slice_of(format_name(message->format));
    text_add(&key, "device:");
    text_add_slice(&key, message->mn);
    text_add_slice(&name, text_slice(&key));
    text_add_byte(&name, '|');
    text_add_slice(&name, kind);
    if (message->mn.size == 0 || name.truncated || key.truncated) {
        return;
    }
    pairs->count = 0;
    pairs->text = text_in(pairs->space, sizeof pairs->space);
    struct event_time event = message->has_data_time ? message->data_time : arrival;
    event_time_write(arrival, arrived);
    event_time_write(event, measured);
    add_pair(pairs, (struct slice[3]){slice_of("arrived")}, slice_of(arrived));
    add_pair(pairs, (struct slice[3]){slice_of("time"), kind}, slice_of(measured));
    for (size_t i = 0; i < message->reading_count; i++) {
        add_reading(pairs, &message->readings[i]);
    }
    latest_put(sink->follow.latest, &(struct latest_words){
                                        .name = text_slice(&name),
                                        .key = text_slice(&key),
                                        .event_ms = event.ms,
                                        .said = said,
                                        .words = pairs->words,
                                        .count = pairs->count,
                                    });
}

void redis_sink_health(struct redis_sink *sink, struct slice json)
{
    struct redis_batch fields = {0};
    redis_batch_command(&fields, "HSET", slice_of("hub"));
    if (redis_rows_members(&fields, json) && fields.arguments.count > 2) {
        latest_put(sink->follow.latest, &(struct latest_words){
                                            .name = slice_of("hub"),
                                            .key = slice_of("hub"),
                                            .words = fields.arguments.at + 2,
                                            .count = fields.arguments.count - 2,
                                        });
    }
    redis_batch_free(&fields);
}

/* --- before there is a hub --- */

struct peek {
    struct redis_link link;
    struct slice area;
    struct redis_result result;
};

static void *peek_run(void *argument)
{
    struct peek *peek = argument;
    struct redis_batch batch = {0};
    char key[REDIS_KEY_SIZE];
    if (redis_link_connect(&peek->link) == STATUS_OK) {
        struct redis_claim claim = {redis_key(key, peek->area, "sink"), 0, "?", "?"};
        peek->result = redis_batch_send(&batch, &peek->link, &claim);
    } else {
        peek->result.outcome = REDIS_LOST;
    }
    redis_link_close(&peek->link);
    redis_batch_free(&batch);
    return NULL;
}

enum status redis_sink_peek(
    const struct redis_target *target, struct slice area, uint32_t *epoch, uint64_t *position)
{
    pthread_t thread;
    struct peek peek = {.link.target = *target, .area = area};
    start_quietly(&thread, peek_run, &peek);
    pthread_join(thread, NULL);
    if (peek.result.outcome != REDIS_TAKEN && peek.result.outcome != REDIS_ELSEWHERE) {
        return peek.result.outcome == REDIS_LOST ? STATUS_CLOSED : STATUS_REFUSED;
    }
    *epoch = peek.result.epoch;
    *position = strtoull(peek.result.position, NULL, 10);
    return STATUS_OK;
}
