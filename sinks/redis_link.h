/* redis_link -- one connection to Redis that may break at any time.
 *
 * Source   hiredis 0.14: after any error a context is dead; a call without a time-out hangs for ever.
 * Shape    commands go out argument by argument, never as text: no byte of theirs can be an instruction.
 * Units    ms.
 * Memory   owns its context; a reply is the caller's (freeReplyObject). The password is read from its
 *          file at each connect and kept nowhere.
 * Errors   STATUS_CLOSED: not reached or lost, STATUS_REFUSED: Redis said no to the credentials; the
 *          words are in `error`.
 * Threads  one thread, which has SIGPIPE blocked: hiredis writes to sockets that may be gone.
 * Limits   no TLS, no cluster, no Sentinel: the library has none.
 */
#ifndef SINKS_REDIS_LINK_H
#define SINKS_REDIS_LINK_H

#include <hiredis/hiredis.h>

#include "core/slice.h"
#include "core/status.h"

enum { REDIS_ERROR_SIZE = 160, REDIS_CONNECT_MS = 2000, REDIS_CALL_MS = 5000 };

struct redis_target {
    const char *host; /* used when socket is NULL */
    uint16_t port;
    const char *socket;        /* NULL: TCP */
    const char *user;          /* NULL: the default user */
    const char *password_file; /* NULL: no AUTH */
};

struct redis_link {
    struct redis_target target;
    redisContext *context; /* NULL: not connected */
    uint32_t failures;     /* in a row */
    char error[REDIS_ERROR_SIZE];
};

MUST_USE enum status redis_link_connect(struct redis_link *link);
void redis_link_close(struct redis_link *link);

/* NULL: the connection is lost and closed, `error` says why. */
redisReply *redis_link_call(
    struct redis_link *link, size_t count, const char **words, const size_t *sizes);

/* How long to wait before the next attempt: doubled at each failure in a row, at most 30 s, the upper
 * half of it by chance. */
int64_t redis_link_wait_ms(const struct redis_link *link);

#endif
