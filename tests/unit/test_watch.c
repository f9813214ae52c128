#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker-bridge/watch.h"
#include "core/clock.h"

struct fixture {
    struct watch watch;
    char folder[64], socket_path[96], yaml[96];
    struct config *config;
    char answer[2 * 64 * 1024];
};

static enum http_status control(
    void *context, struct slice verb, struct slice body, struct text *answer)
{
    const struct fixture *fixture = context;
    (void)body;
    text_add(answer, fixture->folder);
    return slice_is(verb, "where") ? HTTP_OK : HTTP_NOT_FOUND;
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct report report = {0};
    assert_non_null(fixture);
    strcpy(fixture->folder, "/tmp/hjhub-watch-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->socket_path, sizeof fixture->socket_path, "%s/hub.sock", fixture->folder);
    snprintf(fixture->yaml, sizeof fixture->yaml, "%s/hub.yaml", fixture->folder);
    FILE *yaml = fopen(fixture->yaml, "w");
    assert_non_null(yaml);
    fputs("area: 140581\ncontrol: hub.sock\n", yaml);
    fclose(yaml);
    assert_int_equal(config_load(fixture->yaml, &fixture->config, &report), STATUS_OK);
    watch_init(&fixture->watch);
    fixture->watch.control = control;
    fixture->watch.context = fixture;
    vitals_since(&fixture->watch.vitals, HEALTH_LOOP, clock_mono());
    assert_int_equal(watch_start(&fixture->watch, fixture->config), STATUS_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    watch_stop(&fixture->watch);
    watch_stop(&fixture->watch);
    config_free(fixture->config);
    unlink(fixture->yaml);
    assert_int_equal(rmdir(fixture->folder), 0); /* the socket is gone too */
    free(fixture);
    return 0;
}

static const char *ask(struct fixture *fixture, const char *request)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strcpy(name.sun_path, fixture->socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof name), 0);
    char head[200];
    int size = snprintf(head, sizeof head, "%s HTTP/1.0\r\n\r\n", request);
    assert_int_equal(send(fd, head, (size_t)size, MSG_NOSIGNAL), size);
    size_t used = 0;
    ssize_t got;
    while ((got = recv(fd, fixture->answer + used, sizeof fixture->answer - 1 - used, 0)) > 0) {
        used += (size_t)got;
    }
    fixture->answer[used] = '\0';
    close(fd);
    return fixture->answer;
}

static void test_watch__shows_what_the_hub_left(void **state)
{
    struct fixture *fixture = *state;
    struct counters *counters = &fixture->watch.counters;
    counter_add(counters, COUNTER_MESSAGES, 5);
    assert_non_null(strstr(ask(fixture, "GET /metrics"), "\nhjhub_messages_total 5\n"));
    assert_true(gauge_get(counters, GAUGE_START_TIME) > 0);
    assert_non_null(strstr(ask(fixture, "GET /readyz"), "\r\n\r\nready\n"));
    vitals_begin(&fixture->watch.vitals, HEALTH_SESSION, clock_mono());
    vitals_because(&fixture->watch.vitals, HEALTH_SESSION, "not authorized");
    assert_non_null(strstr(ask(fixture, "GET /readyz"), "(not authorized)"));
    vitals_well(&fixture->watch.vitals, HEALTH_SESSION);
    assert_non_null(strstr(ask(fixture, "GET /readyz"), "\r\n\r\nready\n"));
}

static void test_watch__passes_commands_to_the_hub(void **state)
{
    struct fixture *fixture = *state;
    assert_non_null(strstr(ask(fixture, "POST /control/where"), fixture->folder));
    assert_non_null(strstr(ask(fixture, "POST /control/other"), " 404 "));
}

static void test_watch__a_hub_that_stands_still_is_seen(void **state)
{
    struct fixture *fixture = *state;
    struct mono_time long_ago = {clock_mono().ms - 61000};
    if (long_ago.ms <= 0) {
        skip(); /* the machine has not run that long */
    }
    vitals_since(&fixture->watch.vitals, HEALTH_LOOP, long_ago);
    assert_non_null(strstr(ask(fixture, "GET /livez"), " 503 "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_watch__shows_what_the_hub_left, setup, teardown),
        cmocka_unit_test_setup_teardown(test_watch__passes_commands_to_the_hub, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_watch__a_hub_that_stands_still_is_seen, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
