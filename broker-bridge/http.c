#include "broker-bridge/http.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker-bridge/http_listen.h"
#include "broker-bridge/metrics.h"
#include "core/log.h"

enum { TCP, UNIX, LISTENER_COUNT };

struct listener {
    struct MHD_Daemon *daemon; /* NULL: none */
    bool control;              /* whoever may open the socket may command the hub */
    const struct http *http;
};

struct http {
    struct http_handlers handlers;
    struct listener listeners[LISTENER_COUNT];
    uint16_t port;
    char *socket_path; /* NULL: none */
};

/* One request, from its head to its answer. */
struct request {
    size_t size;
    bool too_large;
    char *body; /* NULL until the first byte */
};

struct answer {
    enum http_status status;
    const char *type;
    struct text text; /* in memory from malloc: MHD frees it */
};

typedef void page(
    const struct http *http, struct MHD_Connection *connection, struct answer *answer);

static bool answer_room(struct answer *answer, size_t capacity)
{
    char *space = malloc(capacity);
    if (space == NULL) {
        return false;
    }
    answer->text = text_in(space, capacity);
    return true;
}

static void say(struct answer *answer, enum http_status status, const char *words)
{
    answer->status = status;
    answer->type = "text/plain; charset=utf-8";
    text_reset(&answer->text);
    text_add(&answer->text, words);
}

static void ask_health(const struct http *http, struct health_report *report)
{
    struct health_input input = {0};
    http->handlers.health(http->handlers.context, &input);
    health_judge(&input, report);
}

static void probe(const struct http *http, struct MHD_Connection *connection,
    enum health_scope scope, struct answer *answer)
{
    struct health_report report;
    ask_health(http, &report);
    bool verbose = MHD_lookup_connection_value_n(connection, MHD_GET_ARGUMENT_KIND, "verbose",
                       strlen("verbose"), NULL, NULL) == MHD_YES;
    bool fine = scope == HEALTH_SCOPE_LIVE ? report.live : report.ready;
    answer->status = fine ? HTTP_OK : HTTP_UNAVAILABLE;
    answer->type = "text/plain; charset=utf-8";
    health_lines(&report, scope, verbose, &answer->text);
}

static void page_live(
    const struct http *http, struct MHD_Connection *connection, struct answer *answer)
{
    probe(http, connection, HEALTH_SCOPE_LIVE, answer);
}

static void page_ready(
    const struct http *http, struct MHD_Connection *connection, struct answer *answer)
{
    probe(http, connection, HEALTH_SCOPE_READY, answer);
}

static void page_health(
    const struct http *http, struct MHD_Connection *connection, struct answer *answer)
{
    (void)connection;
    struct health_report report;
    ask_health(http, &report);
    answer->type = "application/json";
    health_json(&report, &answer->text);
    text_add_byte(&answer->text, '\n');
}

static void page_metrics(
    const struct http *http, struct MHD_Connection *connection, struct answer *answer)
{
    struct health_report report; /* asking brings the gauges up to date */
    ask_health(http, &report);
    const char *accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept");
    bool open = accept != NULL && strstr(accept, "application/openmetrics-text") != NULL;
    enum metrics_format format = open ? METRICS_OPENMETRICS : METRICS_PROMETHEUS;
    answer->type = metrics_content_type(format);
    metrics_write(&answer->text, http->handlers.counters, format);
}

static const struct {
    const char *path;
    page *make;
} PAGES[] = {
    {"/livez", page_live},
    {"/readyz", page_ready},
    {"/metrics", page_metrics},
    {"/health", page_health},
};

static enum MHD_Result send_answer(
    struct MHD_Connection *connection, struct answer *answer, const char *allow)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(answer->text.size, answer->text.at, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(answer->text.at);
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", answer->type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    if (allow != NULL) {
        MHD_add_response_header(response, "Allow", allow);
    }
    enum MHD_Result queued = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return queued;
}

/* A page that would be cut is no page: half a JSON text or half the metrics would be believed. */
static enum MHD_Result send_whole(struct MHD_Connection *connection, struct answer *answer)
{
    if (answer->text.truncated) {
        say(answer, HTTP_INTERNAL, "the answer is too large; ask for less\n");
    }
    return send_answer(connection, answer, NULL);
}

static enum MHD_Result answer_get(
    const struct http *http, struct MHD_Connection *connection, const char *path)
{
    struct answer answer = {.status = HTTP_OK};
    if (!answer_room(&answer, METRICS_SIZE)) {
        return MHD_NO;
    }
    for (size_t i = 0; i < sizeof PAGES / sizeof PAGES[0]; i++) {
        if (strcmp(path, PAGES[i].path) == 0) {
            PAGES[i].make(http, connection, &answer);
            return send_whole(connection, &answer);
        }
    }
    say(&answer, HTTP_NOT_FOUND, "here are /livez, /readyz, /metrics and /health\n");
    return send_answer(connection, &answer, NULL);
}

static enum MHD_Result answer_control(const struct http *http, struct MHD_Connection *connection,
    const char *path, const struct request *request)
{
    static const char PREFIX[] = "/control/";
    struct answer answer = {.status = HTTP_OK, .type = "application/json"};
    if (!answer_room(&answer, HTTP_ANSWER_SIZE_MAX)) {
        return MHD_NO;
    }
    if (request->too_large) {
        say(&answer, HTTP_TOO_LARGE, "at most 1 MiB of body\n");
    } else if (strncmp(path, PREFIX, strlen(PREFIX)) != 0 || http->handlers.control == NULL) {
        say(&answer, HTTP_NOT_FOUND, "post to /control/<verb>\n");
    } else {
        answer.status =
            http->handlers.control(http->handlers.context, slice_of(path + strlen(PREFIX)),
                slice_from(request->body, request->size), &answer.text);
    }
    return send_whole(connection, &answer);
}

static enum MHD_Result refuse_method(struct MHD_Connection *connection, const char *allow)
{
    struct answer answer = {0};
    if (!answer_room(&answer, 256)) {
        return MHD_NO;
    }
    say(&answer, HTTP_METHOD_NOT_ALLOWED, "not with this method\n");
    return send_answer(connection, &answer, allow);
}

static void take_body(struct request *request, const char *bytes, size_t size)
{
    if (size > HTTP_BODY_SIZE_MAX - request->size) {
        request->too_large = true; /* the rest is read and dropped, so that the answer arrives */
        return;
    }
    char *body = realloc(request->body, request->size + size);
    if (body == NULL) {
        request->too_large = true;
        return;
    }
    memcpy(body + request->size, bytes, size);
    request->body = body;
    request->size += size;
}

/* MHD calls this for the head, then for each piece of the body, then once more at its end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
    const char *path, const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
    const struct listener *listener = context;
    struct request *request = *state;
    (void)version;
    if (request == NULL) {
        *state = calloc(1, sizeof *request);
        return *state == NULL ? MHD_NO : MHD_YES;
    }
    if (*upload_size > 0) {
        if (listener->control) {
            take_body(request, upload, *upload_size);
        }
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0) {
        return answer_get(listener->http, connection, path);
    }
    if (strcmp(method, "POST") == 0 && listener->control) {
        return answer_control(listener->http, connection, path, request);
    }
    return refuse_method(connection, listener->control ? "GET, HEAD, POST" : "GET, HEAD");
}

static void on_done(void *context, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)connection;
    (void)code;
    struct request *request = *state;
    if (request != NULL) {
        free(request->body);
        free(request);
        *state = NULL;
    }
}

static enum status serve(struct http *http, size_t which, int fd)
{
    struct listener *listener = &http->listeners[which];
    listener->http = http;
    listener->control = which == UNIX;
    listener->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request,
        listener, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)HTTP_IDLE_S, MHD_OPTION_END);
    if (listener->daemon == NULL) {
        log_event(LOG_ERROR, "http-not-started", "listener=%s", which == TCP ? "tcp" : "unix");
        close(fd);
        return STATUS_IO;
    }
    return STATUS_OK;
}

static enum status serve_tcp(struct http *http, const struct http_options *options)
{
    int fd = -1;
    enum status status = listen_tcp(options->address, options->port, &fd, &http->port);
    return status == STATUS_OK ? serve(http, TCP, fd) : status;
}

static enum status serve_unix(struct http *http, const struct http_options *options)
{
    int fd = -1;
    enum status status = listen_unix(options->socket_path, &fd);
    if (status != STATUS_OK) {
        return status;
    }
    http->socket_path = strdup(options->socket_path);
    assert(http->socket_path != NULL);
    return serve(http, UNIX, fd);
}

enum status http_start(
    const struct http_options *options, const struct http_handlers *handlers, struct http **http)
{
    struct http *made = calloc(1, sizeof *made);
    assert(made != NULL && handlers->health != NULL && handlers->counters != NULL);
    made->handlers = *handlers;
    enum status status = STATUS_OK;
    if (options->address != NULL) {
        status = serve_tcp(made, options);
    }
    if (status == STATUS_OK && options->socket_path != NULL) {
        status = serve_unix(made, options);
    }
    if (status != STATUS_OK) {
        http_stop(made);
        return status;
    }
    *http = made;
    return STATUS_OK;
}

void http_stop(struct http *http)
{
    if (http == NULL) {
        return;
    }
    for (size_t i = 0; i < LISTENER_COUNT; i++) {
        if (http->listeners[i].daemon != NULL) {
            MHD_stop_daemon(http->listeners[i].daemon);
        }
    }
    if (http->socket_path != NULL) {
        unlink(http->socket_path);
        free(http->socket_path);
    }
    free(http);
}

uint16_t http_port(const struct http *http)
{
    return http->port;
}
