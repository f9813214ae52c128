#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker-bridge/http.h"

struct fixture {
    struct counters counters;
    struct health_input input;
    char folder[64], socket_path[96];
    struct http *http;
    char *answer; /* of the last request: head and body */
    size_t answer_size;
};

static void health(void *context, struct health_input *input)
{
    const struct fixture *fixture = context;
    *input = fixture->input;
}

/* verb "echo": the body; "big": more than an answer may hold; else not found. */
static enum http_status control(
    void *context, struct slice verb, struct slice body, struct text *answer)
{
    (void)context;
    if (slice_is(verb, "echo")) {
        text_add_slice(answer, body);
        return HTTP_OK;
    }
    while (slice_is(verb, "big") && !answer->truncated) {
        text_add(answer, "0123456789abcdef");
    }
    text_add(answer, "{\"error\":\"no such verb\"}");
    return HTTP_NOT_FOUND;
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    strcpy(fixture->folder, "/tmp/hjhub-http-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->socket_path, sizeof fixture->socket_path, "%s/hub.sock", fixture->folder);
    struct http_options options = {"127.0.0.1", 0, fixture->socket_path};
    struct http_handlers handlers = {fixture, &fixture->counters, health, control};
    assert_int_equal(http_start(&options, &handlers, &fixture->http), STATUS_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    http_stop(fixture->http);
    assert_int_not_equal(access(fixture->socket_path, F_OK), 0);
    rmdir(fixture->folder);
    free(fixture->answer);
    free(fixture);
    return 0;
}

static int dial_unix(const struct fixture *fixture)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strcpy(name.sun_path, fixture->socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof name), 0);
    return fd;
}

static int dial_tcp(const struct fixture *fixture)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(http_port(fixture->http))};
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof name), 0);
    return fd;
}

static void send_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        assert_true(sent > 0);
        bytes += sent;
        size -= (size_t)sent;
    }
}

/* The status of the answer, which stands in fixture->answer. */
static int read_answer(struct fixture *fixture, int fd)
{
    free(fixture->answer);
    fixture->answer = NULL;
    FILE *out = open_memstream(&fixture->answer, &fixture->answer_size);
    char piece[4096];
    ssize_t size;
    while ((size = recv(fd, piece, sizeof piece, 0)) > 0) {
        fwrite(piece, 1, (size_t)size, out);
    }
    fclose(out);
    close(fd);
    int status = 0;
    assert_int_equal(sscanf(fixture->answer, "HTTP/1.%*d %d", &status), 1);
    return status;
}

static int ask(struct fixture *fixture, int fd, const char *head, const char *body)
{
    char whole[600];
    int size = snprintf(whole, sizeof whole,
        "%s HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s", head,
        strlen(body), body);
    assert_true(size > 0 && (size_t)size < sizeof whole);
    send_all(fd, whole, (size_t)size);
    return read_answer(fixture, fd);
}

static const char *body_of(const struct fixture *fixture)
{
    const char *end = strstr(fixture->answer, "\r\n\r\n");
    assert_non_null(end);
    return end + 4;
}

static void test_http__livez_and_readyz_say_what_is_wrong(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(ask(fixture, dial_tcp(fixture), "GET /readyz", ""), 200);
    assert_string_equal(body_of(fixture), "ready\n");
    fixture->input.values[HEALTH_SESSION] = 12000;
    health_detail(&fixture->input, HEALTH_SESSION, "Connection refused");
    assert_int_equal(ask(fixture, dial_tcp(fixture), "GET /readyz", ""), 503);
    assert_non_null(strstr(body_of(fixture),
        "[-] session: no session with the broker for 12 s (Connection refused); see that"));
    assert_non_null(strstr(body_of(fixture), "not ready\n"));
    assert_int_equal(ask(fixture, dial_tcp(fixture), "GET /livez", ""), 200);
    fixture->input.values[HEALTH_LOOP] = 61000;
    assert_int_equal(ask(fixture, dial_tcp(fixture), "GET /livez", ""), 503);
    assert_null(strstr(body_of(fixture), "session"));
}

static void test_http__verbose_names_what_is_fine_too(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(ask(fixture, dial_unix(fixture), "GET /readyz?verbose", ""), 200);
    assert_non_null(strstr(body_of(fixture), "[+] session\n"));
    assert_null(strstr(body_of(fixture), "redis")); /* away or not, the hub is ready */
}

static void test_http__metrics_come_in_both_formats(void **state)
{
    struct fixture *fixture = *state;
    counter_add(&fixture->counters, COUNTER_MESSAGES, 42);
    assert_int_equal(ask(fixture, dial_tcp(fixture), "GET /metrics", ""), 200);
    assert_non_null(strstr(fixture->answer, "Content-Type: text/plain; version=0.0.4"));
    assert_non_null(strstr(fixture->answer, "\nhjhub_messages_total 42\n"));
    static const char OPEN[] = "GET /metrics HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n"
                               "Accept: application/openmetrics-text;version=1.0.0\r\n\r\n";
    int fd = dial_tcp(fixture);
    send_all(fd, OPEN, strlen(OPEN));
    assert_int_equal(read_answer(fixture, fd), 200);
    assert_non_null(strstr(fixture->answer, "Content-Type: application/openmetrics-text"));
    assert_non_null(strstr(fixture->answer, "\n# EOF\n"));
}

static void test_http__control_is_for_the_unix_socket_alone(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(ask(fixture, dial_unix(fixture), "POST /control/echo", "{\"a\":1}"), 200);
    assert_string_equal(body_of(fixture), "{\"a\":1}");
    assert_int_equal(ask(fixture, dial_unix(fixture), "POST /control/nothing", ""), 404);
    assert_string_equal(body_of(fixture), "{\"error\":\"no such verb\"}");
    assert_int_equal(ask(fixture, dial_tcp(fixture), "POST /control/echo", "{}"), 405);
    assert_non_null(strstr(fixture->answer, "Allow: GET, HEAD\r\n"));
    assert_int_equal(ask(fixture, dial_unix(fixture), "POST /livez", "{}"), 404);
    assert_int_equal(ask(fixture, dial_unix(fixture), "DELETE /livez", ""), 405);
    assert_int_equal(ask(fixture, dial_tcp(fixture), "GET /control/echo", ""), 404);
}

static void test_http__an_answer_that_would_be_cut_is_refused(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(ask(fixture, dial_unix(fixture), "POST /control/big", ""), 500);
    assert_string_equal(body_of(fixture), "the answer is too large; ask for less\n");
}

static int post_zeros(struct fixture *fixture, size_t size)
{
    char head[200];
    int length = snprintf(head, sizeof head,
        "POST /control/echo HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Length: "
        "%zu\r\n\r\n",
        size);
    char *zeros = malloc(size);
    assert_non_null(zeros);
    memset(zeros, '0', size);
    int fd = dial_unix(fixture);
    send_all(fd, head, (size_t)length);
    send_all(fd, zeros, size);
    free(zeros);
    return read_answer(fixture, fd);
}

static void test_http__a_body_is_at_most_a_mebibyte(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(post_zeros(fixture, HTTP_BODY_SIZE_MAX), 200);
    assert_int_equal(strlen(body_of(fixture)), HTTP_BODY_SIZE_MAX);
    assert_int_equal(post_zeros(fixture, HTTP_BODY_SIZE_MAX + 1), 413);
}

static void test_http__a_living_socket_and_a_file_are_not_taken(void **state)
{
    struct fixture *fixture = *state;
    struct http_handlers handlers = {fixture, &fixture->counters, health, control};
    struct http_options options = {NULL, 0, fixture->socket_path};
    struct http *second = NULL;
    assert_int_equal(http_start(&options, &handlers, &second), STATUS_IO);
    assert_int_equal(ask(fixture, dial_unix(fixture), "GET /livez", ""), 200);

    char path[128];
    snprintf(path, sizeof path, "%s/file", fixture->folder);
    fclose(fopen(path, "w"));
    options.socket_path = path;
    assert_int_equal(http_start(&options, &handlers, &second), STATUS_IO);
    assert_int_equal(unlink(path), 0);
    options = (struct http_options){"127.0.0.1", http_port(fixture->http), NULL};
    assert_int_equal(http_start(&options, &handlers, &second), STATUS_IO);
}

static void test_http__a_socket_left_behind_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s/dead.sock", fixture->folder);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    close(fd);
    struct http_handlers handlers = {fixture, &fixture->counters, health, NULL};
    struct http_options options = {NULL, 0, name.sun_path};
    struct http *second = NULL;
    assert_int_equal(http_start(&options, &handlers, &second), STATUS_OK);
    struct stat found;
    assert_int_equal(stat(name.sun_path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0660);
    http_stop(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_http__livez_and_readyz_say_what_is_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(test_http__verbose_names_what_is_fine_too, setup, teardown),
        cmocka_unit_test_setup_teardown(test_http__metrics_come_in_both_formats, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_http__control_is_for_the_unix_socket_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_http__an_answer_that_would_be_cut_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_http__a_body_is_at_most_a_mebibyte, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_http__a_living_socket_and_a_file_are_not_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_http__a_socket_left_behind_is_replaced, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
