/* http -- the hub's windows: metrics and health for operators, control for local commands.
 *
 *   GET /livez /readyz [?verbose]   200 or 503, reasons in the body
 *   GET /metrics                    Prometheus; OpenMetrics where Accept asks for it
 *   GET /health                     the report as JSON, always 200
 *   POST /control/<verb>            unix socket only: body in, answer out
 *
 * Source   house; Kubernetes' names for the probes; libmicrohttpd.
 * Shape    on an address and port, on a unix socket, or both; nothing is kept between requests.
 * Units    port 0: the system chooses a free one, see http_port.
 * Memory   copies of the options; handlers' context and counters must outlive it.
 * Errors   STATUS_IO: could not listen; logged with the reason.
 * Threads  start and stop: the owner's. Handlers are called on the server's threads, one a listener:
 *          health must not wait; control may, and meanwhile holds up the unix socket alone.
 * Limits   a body is at most HTTP_BODY_SIZE_MAX, an answer HTTP_ANSWER_SIZE_MAX, a connection idle for
 *          10 s is closed, 64 connections a listener. No TLS: bind to loopback, or put a proxy before it.
 */
#ifndef BROKER_BRIDGE_HTTP_H
#define BROKER_BRIDGE_HTTP_H

#include "broker-bridge/counters.h"
#include "broker-bridge/health.h"
#include "core/status.h"

enum {
    HTTP_BODY_SIZE_MAX = 1024 * 1024,
    HTTP_ANSWER_SIZE_MAX = 8 * 1024 * 1024,
    HTTP_IDLE_S = 10,
    HTTP_CONNECTIONS_MAX = 64,
};

enum http_status {
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_NOT_FOUND = 404,
    HTTP_METHOD_NOT_ALLOWED = 405,
    HTTP_CONFLICT = 409,
    HTTP_TOO_LARGE = 413,
    HTTP_INTERNAL = 500,
    HTTP_UNAVAILABLE = 503,
};

struct http_handlers {
    void *context;
    const struct counters *counters;
    /* Fill in a zeroed input; may also bring gauges up to date. */
    void (*health)(void *context, struct health_input *input);
    /* verb: what follows /control/. The answer is JSON. NULL: no control. */
    enum http_status (*control)(
        void *context, struct slice verb, struct slice body, struct text *answer);
};

struct http_options {
    const char *address; /* NULL: no TCP listener */
    uint16_t port;
    const char *socket_path; /* NULL: no unix socket; mode 0660, a stale one is replaced */
};

struct http;

MUST_USE enum status http_start(
    const struct http_options *options, const struct http_handlers *handlers, struct http **http);
void http_stop(struct http *http); /* NULL is fine; removes the unix socket */

uint16_t http_port(const struct http *http); /* 0: no TCP listener */

#endif
