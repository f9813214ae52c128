/* errand -- a local command on its way from the control socket's thread to the hub's, and back.
 *
 *   asker: errand_ask ---- waits ----------------------> status, answer
 *   hub:            wake ---> errand_take, does it, errand_done
 *
 * Shape    one errand at a time: the socket has one thread.
 * Units    ERRAND_WAIT_MS until the hub takes it; once taken, the asker waits for the end.
 * Memory   verb, body and answer are the asker's; the hub may use them from take to done.
 * Errors   503 and words when the hub does not take it in time, or is closing.
 * Threads  errand_ask: the asker's. take, done and close: the hub's; errand_close before watch_stop, which
 *          waits for whoever asks.
 */
#ifndef BROKER_BRIDGE_ERRAND_H
#define BROKER_BRIDGE_ERRAND_H

#include <pthread.h>

#include "broker-bridge/http.h"

enum { ERRAND_WAIT_MS = 10 * 1000 };

enum errand_state { ERRAND_NONE, ERRAND_ASKED, ERRAND_TAKEN, ERRAND_DONE };

struct errand {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum errand_state state;
    bool closed;
    int wake_fd; /* an eventfd, written when there is something to take */
    int64_t wait_ms;
    struct slice verb, body;
    struct text *answer;
    enum http_status status;
};

void errand_init(struct errand *errand, int wake_fd);

/* As struct watch's `control`; context: the errand. */
enum http_status errand_ask(
    void *context, struct slice verb, struct slice body, struct text *answer);

/* False: nobody asks. The hub looks at each turn of its loop and finishes what it takes in that turn. */
bool errand_take(
    struct errand *errand, struct slice *verb, struct slice *body, struct text **answer);
void errand_done(struct errand *errand, enum http_status status);

/* Whoever waits is told, and nobody waits from now on. */
void errand_close(struct errand *errand);

#endif
