#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "broker-bridge/vitals.h"

static struct health_report judged(enum health_check which, int64_t value)
{
    struct health_input input = {0};
    struct health_report report;
    input.values[which] = value;
    health_judge(&input, &report);
    return report;
}

static void test_health__all_zero_is_well(void **state)
{
    (void)state;
    struct health_report report = judged(HEALTH_LOOP, 0);
    assert_int_equal(report.overall, HEALTH_OK);
    assert_true(report.live && report.ready);
}

static void test_health__weights_decide_what_a_failure_means(void **state)
{
    (void)state;
    static const struct {
        enum health_check which;
        int64_t value;
        enum health_state overall;
        bool live, ready;
    } CASES[] = {
        {HEALTH_LOOP, 4999, HEALTH_OK, true, true},
        {HEALTH_LOOP, 5000, HEALTH_WARN, true, true},
        {HEALTH_LOOP, 60000, HEALTH_FAIL, false, false},
        {HEALTH_SYNC, 30000, HEALTH_FAIL, false, false},
        {HEALTH_START, 1, HEALTH_FAIL, true, false},
        {HEALTH_ROOM, 1, HEALTH_FAIL, true, false},
        {HEALTH_SESSION, 1, HEALTH_FAIL, true, false},
        {HEALTH_DRAIN, INT64_MAX - 1, HEALTH_WARN, true, true},
        {HEALTH_PROBE, 90000, HEALTH_FAIL, true, false},
        {HEALTH_REDIS, 2999, HEALTH_OK, true, true}, /* a reconnect is no news */
        {HEALTH_REDIS, 3000, HEALTH_WARN, true, true},
        {HEALTH_RELOAD, 3, HEALTH_WARN, true, true},
        {HEALTH_CLOCK, 1, HEALTH_OK, true, true},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct health_report report = judged(CASES[i].which, CASES[i].value);
        if (report.overall != CASES[i].overall || report.live != CASES[i].live ||
            report.ready != CASES[i].ready) {
            fail_msg("case %zu: %s live %d ready %d", i, health_state_name(report.overall),
                report.live, report.ready);
        }
    }
}

static void test_health__a_cause_is_named_once(void **state)
{
    (void)state;
    struct health_input input = {0};
    struct health_report report;
    input.values[HEALTH_START] = 5000;
    input.values[HEALTH_SESSION] = 5000;
    input.values[HEALTH_PROBE] = 5000000;
    health_judge(&input, &report);
    assert_int_equal(report.checks[HEALTH_START], HEALTH_FAIL);
    assert_int_equal(report.checks[HEALTH_SESSION], HEALTH_UNKNOWN);
    assert_int_equal(report.checks[HEALTH_PROBE], HEALTH_UNKNOWN);
    char space[HEALTH_SIZE];
    struct text text = text_in(space, sizeof space - 1);
    health_lines(&report, HEALTH_SCOPE_READY, false, &text);
    space[text.size] = '\0';
    assert_non_null(strstr(space, "[?] session: not known while start fails\n"));
    assert_non_null(strstr(space, "[?] probe: not known while start fails\n"));
}

/* A hub that left the broker because its disk is full must not send anybody to the broker. */
static void test_health__a_full_journal_is_the_cause_of_no_session(void **state)
{
    (void)state;
    struct health_input input = {0};
    struct health_report report;
    input.values[HEALTH_ROOM] = 1;
    input.values[HEALTH_SESSION] = 5000;
    health_judge(&input, &report);
    assert_int_equal(report.checks[HEALTH_ROOM], HEALTH_FAIL);
    assert_int_equal(report.checks[HEALTH_SESSION], HEALTH_UNKNOWN);
}

/* Everything wrong at once: the JSON is whole, and every sentence has its number. */
static void test_health__json_holds_words_in_both_languages(void **state)
{
    (void)state;
    struct health_input input = {0};
    struct health_report report;
    for (size_t i = 0; i < HEALTH_CHECK_COUNT; i++) {
        input.values[i] = INT64_MAX - 1;
        health_detail(&input, (enum health_check)i, "\x1b[31m\"quoted\"\n\xff");
    }
    input.values[HEALTH_START] = 0; /* on which all that follows hangs */
    input.values[HEALTH_ROOM] = 0;
    input.values[HEALTH_SESSION] = 0;
    health_judge(&input, &report);
    char space[HEALTH_SIZE];
    struct text text = text_in(space, sizeof space);
    health_json(&report, &text);
    assert_false(text.truncated);
    json_error_t error;
    json_t *json = json_loadb(text.at, text.size, 0, &error);
    if (json == NULL) {
        fail_msg("%s at %d", error.text, error.position);
    }
    assert_string_equal(json_string_value(json_object_get(json, "status")), "fail");
    assert_true(json_is_false(json_object_get(json, "live")));
    const json_t *checks = json_object_get(json, "checks");
    assert_int_equal(json_array_size(checks), HEALTH_CHECK_COUNT);
    for (size_t i = 0; i < HEALTH_CHECK_COUNT; i++) {
        const json_t *check = json_array_get(checks, i);
        if (i == HEALTH_START || i == HEALTH_ROOM || i == HEALTH_SESSION) {
            assert_null(json_object_get(check, "reason_en"));
            continue;
        }
        static const char *const KEYS[] = {"reason_en", "reason_zh", "do_en", "do_zh"};
        for (size_t j = 0; j < 4; j++) {
            const char *words = json_string_value(json_object_get(check, KEYS[j]));
            assert_non_null(words);
            assert_null(strchr(words, '{'));
            assert_null(strchr(words, '\x1b'));
        }
    }
    json_decref(json);
}

static void test_health__durations_are_in_units_people_use(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *words;
    } CASES[] = {
        {1, "for 1 ms"},
        {1999, "for 1999 ms"},
        {2000, "for 2 s"},
        {119999, "for 119 s"},
        {120000, "for 2 min"},
        {7200000, "for 2 h"},
        {172800000, "for 2 d"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct health_report report = judged(HEALTH_SESSION, CASES[i].ms);
        char space[1000];
        struct text text = text_in(space, sizeof space - 1);
        health_lines(&report, HEALTH_SCOPE_ALL, false, &text);
        space[text.size] = '\0';
        if (strstr(space, CASES[i].words) == NULL) {
            fail_msg("%s is not in %s", CASES[i].words, space);
        }
    }
}

static void test_health__vitals_grow_old_until_somebody_asks(void **state)
{
    (void)state;
    struct vitals vitals;
    struct health_input input;
    vitals_init(&vitals);
    vitals_read(&vitals, (struct mono_time){1000}, &input);
    for (size_t i = 0; i < HEALTH_CHECK_COUNT; i++) {
        assert_int_equal(input.values[i], 0);
    }
    vitals_since(&vitals, HEALTH_LOOP, (struct mono_time){1000});
    vitals_begin(&vitals, HEALTH_SESSION, (struct mono_time){2000});
    vitals_begin(&vitals, HEALTH_SESSION, (struct mono_time){3000});
    vitals_because(&vitals, HEALTH_SESSION, "Connection refused");
    vitals_count(&vitals, HEALTH_REDIS_LAG, 7);
    vitals_read(&vitals, (struct mono_time){5000}, &input);
    assert_int_equal(input.values[HEALTH_LOOP], 4000);
    assert_int_equal(input.values[HEALTH_SESSION], 3000);
    assert_int_equal(input.values[HEALTH_REDIS_LAG], 7);
    assert_string_equal(input.details[HEALTH_SESSION], "Connection refused");
    vitals_well(&vitals, HEALTH_SESSION);
    vitals_read(&vitals, (struct mono_time){999}, &input);
    assert_int_equal(input.values[HEALTH_SESSION], 0);
    assert_string_equal(input.details[HEALTH_SESSION], "");
    assert_int_equal(input.values[HEALTH_LOOP], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_health__all_zero_is_well),
        cmocka_unit_test(test_health__weights_decide_what_a_failure_means),
        cmocka_unit_test(test_health__a_cause_is_named_once),
        cmocka_unit_test(test_health__a_full_journal_is_the_cause_of_no_session),
        cmocka_unit_test(test_health__json_holds_words_in_both_languages),
        cmocka_unit_test(test_health__durations_are_in_units_people_use),
        cmocka_unit_test(test_health__vitals_grow_old_until_somebody_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
