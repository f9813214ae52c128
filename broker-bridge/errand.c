#include "broker-bridge/errand.h"

#include <assert.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>

void errand_init(struct errand *errand, int wake_fd)
{
    pthread_condattr_t attributes;
    *errand = (struct errand){.wake_fd = wake_fd, .wait_ms = ERRAND_WAIT_MS};
    int failed = pthread_mutex_init(&errand->lock, NULL);
    failed += pthread_condattr_init(&attributes);
    /* A wall clock that steps must neither cut the wait short nor make it endless. */
    failed += pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    failed += pthread_cond_init(&errand->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    assert(failed == 0);
}

static struct timespec deadline_in(int64_t ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += ms % 1000 * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec += 1;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

static enum http_status refuse(struct text *answer, const char *words)
{
    text_add_byte(answer, '{');
    text_add_field(answer, "error", slice_of(words));
    text_add(answer, "}\n");
    return HTTP_UNAVAILABLE;
}

/* Under the lock. What the hub has taken it finishes: its answer is being written into our memory. */
static void wait_for_hub(struct errand *errand)
{
    struct timespec deadline = deadline_in(errand->wait_ms);
    while (errand->state == ERRAND_ASKED && !errand->closed) {
        if (pthread_cond_timedwait(&errand->changed, &errand->lock, &deadline) == ETIMEDOUT) {
            break;
        }
    }
    while (errand->state == ERRAND_TAKEN) {
        pthread_cond_wait(&errand->changed, &errand->lock);
    }
}

enum http_status errand_ask(
    void *context, struct slice verb, struct slice body, struct text *answer)
{
    struct errand *errand = context;
    uint64_t one = 1;
    enum http_status status;
    pthread_mutex_lock(&errand->lock);
    assert(errand->state == ERRAND_NONE);
    errand->verb = verb;
    errand->body = body;
    errand->answer = answer;
    errand->state = ERRAND_ASKED;
    if (!errand->closed) {
        ssize_t written = write(errand->wake_fd, &one, sizeof one);
        (void)written; /* a full eventfd is awake already */
        wait_for_hub(errand);
    }
    if (errand->state == ERRAND_DONE) {
        status = errand->status;
    } else {
        status = refuse(answer,
            errand->closed ? "the hub is stopping" : "the hub is busy or hangs; see hjhub health");
    }
    errand->state = ERRAND_NONE;
    pthread_mutex_unlock(&errand->lock);
    return status;
}

bool errand_take(
    struct errand *errand, struct slice *verb, struct slice *body, struct text **answer)
{
    pthread_mutex_lock(&errand->lock);
    bool asked = errand->state == ERRAND_ASKED && !errand->closed;
    if (asked) {
        errand->state = ERRAND_TAKEN;
        *verb = errand->verb;
        *body = errand->body;
        *answer = errand->answer;
    }
    pthread_mutex_unlock(&errand->lock);
    return asked;
}

void errand_done(struct errand *errand, enum http_status status)
{
    pthread_mutex_lock(&errand->lock);
    assert(errand->state == ERRAND_TAKEN);
    errand->status = status;
    errand->state = ERRAND_DONE;
    pthread_cond_broadcast(&errand->changed);
    pthread_mutex_unlock(&errand->lock);
}

void errand_close(struct errand *errand)
{
    pthread_mutex_lock(&errand->lock);
    errand->closed = true;
    pthread_cond_broadcast(&errand->changed);
    pthread_mutex_unlock(&errand->lock);
}
