#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker-bridge/errand.h"

struct asker {
    struct errand errand;
    pthread_t thread;
    struct text answer;
    enum http_status status;
    char space[200];
};

static void *ask(void *context)
{
    struct asker *asker = context;
    asker->answer = text_in(asker->space, sizeof asker->space - 1);
    asker->status = errand_ask(&asker->errand, slice_of("reload"), slice_of("{}"), &asker->answer);
    return NULL;
}

static int setup(void **state)
{
    struct asker *asker = calloc(1, sizeof *asker);
    assert_non_null(asker);
    errand_init(&asker->errand, eventfd(0, EFD_CLOEXEC));
    *state = asker;
    return 0;
}

static int teardown(void **state)
{
    struct asker *asker = *state;
    close(asker->errand.wake_fd);
    free(asker);
    return 0;
}

static void begin(struct asker *asker)
{
    assert_int_equal(pthread_create(&asker->thread, NULL, ask, asker), 0);
}

static void wait_until_woken(const struct asker *asker)
{
    struct pollfd fd = {asker->errand.wake_fd, POLLIN, 0};
    assert_int_equal(poll(&fd, 1, 10000), 1);
}

static void end(struct asker *asker)
{
    assert_int_equal(pthread_join(asker->thread, NULL), 0);
    asker->space[asker->answer.size] = '\0';
}

static void test_errand__goes_to_the_hub_and_comes_back(void **state)
{
    struct asker *asker = *state;
    struct slice verb, body;
    struct text *answer;
    assert_false(errand_take(&asker->errand, &verb, &body, &answer));
    for (int i = 0; i < 3; i++) {
        begin(asker);
        wait_until_woken(asker);
        assert_true(errand_take(&asker->errand, &verb, &body, &answer));
        assert_true(slice_is(verb, "reload") && slice_is(body, "{}"));
        assert_false(errand_take(&asker->errand, &verb, &body, &answer));
        text_add(answer, "{\"done\":true}");
        errand_done(&asker->errand, HTTP_CONFLICT);
        end(asker);
        assert_int_equal(asker->status, HTTP_CONFLICT);
        assert_string_equal(asker->space, "{\"done\":true}");
        uint64_t count;
        assert_int_equal(read(asker->errand.wake_fd, &count, sizeof count), sizeof count);
    }
}

static void test_errand__a_hub_that_does_not_take_it_is_named(void **state)
{
    struct asker *asker = *state;
    struct slice verb, body;
    struct text *answer;
    asker->errand.wait_ms = 1;
    begin(asker);
    end(asker);
    assert_int_equal(asker->status, HTTP_UNAVAILABLE);
    assert_non_null(strstr(asker->space, "busy or hangs"));
    assert_false(errand_take(&asker->errand, &verb, &body, &answer)); /* withdrawn */
}

static void test_errand__a_hub_that_stops_keeps_nobody_waiting(void **state)
{
    struct asker *asker = *state;
    begin(asker);
    wait_until_woken(asker);
    errand_close(&asker->errand);
    end(asker);
    assert_int_equal(asker->status, HTTP_UNAVAILABLE);
    assert_string_equal(asker->space, "{\"error\":\"the hub is stopping\"}\n");
    begin(asker);
    end(asker);
    assert_int_equal(asker->status, HTTP_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_errand__goes_to_the_hub_and_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_errand__a_hub_that_does_not_take_it_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_errand__a_hub_that_stops_keeps_nobody_waiting, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
