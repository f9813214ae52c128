#include "tests/unit/alarm_scene.h"

/* What officers, deadlines and terms do to an alarm; votes and timers: test_alarms.c. */
static const struct instance SEAL = {.rule = {(const uint8_t *)"seal", 4},
    .subject = {(const uint8_t *)"L1", 2},
    .clear_after_ms = 10 * SECOND_MS,
    .latched = true,
    .fingerprint = 1};

static const struct instance *const ONE[] = {&SEAL};
static const struct alarm_table LATCHED = {
    .instances = ONE, .count = 1, .area = {(const uint8_t *)"140581", 6}};

static void test_alarm_life__a_latched_alarm_waits_for_an_officer(void **unused)
{
    (void)unused;
    static const struct step BROKEN = {
        0, 0, VOTE, TRI_YES, TRI_NO, 0, "1 pending>active-unack S2 at 0 onset 0 lasted 0\n"};
    static const struct step MENDED = {20, 20, VOTE, TRI_NO, TRI_YES, 0, NULL};
    static const struct step OVER = {
        500, 0, TIME, 0, 0, 0, "3 active-ack>active-ack S2 at 30 onset 0 lasted 30\n"};
    static const struct step AGAIN = {600, 600, VOTE, TRI_YES, TRI_NO, SEVERITY_S1,
        "4 active-ack>active-unack S1 at 600 onset 600 lasted 0\n"};
    static const struct step MENDED_AGAIN = {610, 610, VOTE, TRI_NO, TRI_YES, 0, NULL};
    static const struct step OVER_AGAIN = {
        700, 0, TIME, 0, 0, 0, "6 active-ack>active-ack S1 at 620 onset 600 lasted 20\n"};
    static const struct order SEEN[] = {
        {5, ALARM_ACKNOWLEDGE, -1, "", 0, ALARM_ANSWER_DONE,
            "2 active-unack>active-ack S2 at 5 onset 0 lasted 5\n"},
        {6, ALARM_CLOSE, -1, "bypass", 0, ALARM_ANSWER_WRONG_STATE, NULL},
    };
    static const struct order SEEN_AGAIN[] = {
        {605, ALARM_CLOSE, -1, "bypass", 0, ALARM_ANSWER_WRONG_STATE, NULL},
        {605, ALARM_ACKNOWLEDGE, -1, "", 0, ALARM_ANSWER_DONE,
            "5 active-unack>active-ack S1 at 605 onset 600 lasted 5\n"},
    };
    static const struct order DONE[] = {
        {710, ALARM_CLOSE, -1, "", 0, ALARM_ANSWER_NO_FINDING, NULL},
        {710, ALARM_CLOSE, -1, "bypass", 0, ALARM_ANSWER_DONE,
            "7 active-ack>closed S1 at 710 onset 600 lasted 20\n"},
    };
    struct scene scene = begin_on(&LATCHED);
    char alarm[ALARM_ID_SIZE + 1];
    take(&scene, 0, &BROKEN);
    memcpy(alarm, scene.alarm, sizeof alarm);
    obey(&scene, alarm, SEEN, 2);
    take(&scene, 0, &MENDED);
    take(&scene, 0, &OVER);
    take(&scene, 0, &AGAIN);
    obey(&scene, alarm, SEEN_AGAIN, 2);
    take(&scene, 0, &MENDED_AGAIN);
    take(&scene, 0, &OVER_AGAIN);
    obey(&scene, alarm, DONE, 2);
    assert_int_equal(ALARM_CLOSED, alarms_view(&LATCHED, scene.state, 0).state);
    free(scene.state);
}

/* --- deadlines --- */

static const struct instance PLAIN = {.rule = {(const uint8_t *)"treatment", 9},
    .subject = {(const uint8_t *)"L1", 2},
    .fingerprint = 1,
    .name_hash = 1};
static const struct instance *const PLAIN_ONLY[] = {&PLAIN};
static const struct alarm_table ONE_PLAIN = {
    .instances = PLAIN_ONLY, .count = 1, .area = {(const uint8_t *)"140581", 6}};

/* Raised at second 0. */
static struct scene raised_plain(enum severity severity)
{
    struct scene scene = begin_on(&ONE_PLAIN);
    scene.in_full = true;
    vote_on(&scene, 0, &(struct step){0, 0, VOTE, TRI_YES, TRI_NO, severity, NULL});
    return scene;
}

static void pass(struct scene *scene, double until_s, const char *want)
{
    take(scene, 0, &(struct step){until_s, 0, TIME, 0, 0, 0, want});
}

static void test_alarm_life__a_deadline_that_passes_escalates_once(void **unused)
{
    (void)unused;
    static const struct order SEEN = {4000, ALARM_ACKNOWLEDGE, -1, "", 0, ALARM_ANSWER_DONE,
        "3 active-unack>active-ack S2 at 4000 onset 0 lasted 4000\n"};
    struct scene scene = raised_plain(SEVERITY_S3);
    pass(&scene, 86399.999, NULL);
    pass(&scene, 90000,
        "2 active-unack>active-unack S2 at 86400 onset 0 lasted 86400: acknowledge-overdue\n");
    pass(&scene, 10 * 86400, NULL);
    free(scene.state);
    scene = raised_plain(SEVERITY_S3);
    take(&scene, 0,
        &(struct step){3000, 3000, VOTE, TRI_YES, TRI_NO, SEVERITY_S2,
            "2 active-unack>active-unack S2 at 3000 onset 0 lasted 3000\n"});
    obey(&scene, scene.alarm, &SEEN, 1);
    pass(&scene, 4000 + 8 * 3600 - 0.001, NULL);
    pass(&scene, 4000 + 9 * 3600 - 0.001,
        "4 active-ack>active-unack S2 at 32800 onset 0 lasted 32800: re-alarm\n");
    pass(&scene, 4000 + 9 * 3600,
        "5 active-unack>active-unack S1 at 36400 onset 0 lasted 36400: acknowledge-overdue\n");
    pass(&scene, 4000 + 86400 - 0.001, NULL);
    pass(&scene, 4000 + 86400,
        "6 active-unack>active-unack S1 at 90400 onset 0 lasted 90400: verify-overdue\n");
    assert_int_equal(SEVERITY_S2, alarms_view(&ONE_PLAIN, scene.state, 0).graded);
    free(scene.state);
}

static void test_alarm_life__what_is_over_is_still_to_be_seen(void **unused)
{
    (void)unused;
    struct scene scene = raised_plain(SEVERITY_S1);
    take(&scene, 0,
        &(struct step){10, 10, VOTE, TRI_NO, TRI_YES, 0,
            "2 active-unack>cleared-unack S1 at 10 onset 0 lasted 10\n"});
    pass(&scene, 900 - 0.001, NULL);
    pass(&scene, 900,
        "3 cleared-unack>cleared-unack S1 at 900 onset 0 lasted 10: acknowledge-overdue\n");
    free(scene.state);
}

static void test_alarm_life__deadlines_stand_while_it_is_shelved(void **unused)
{
    (void)unused;
    static const struct order SHELVED = {10, ALARM_SHELVE, -1, "x", 2 * 3600, ALARM_ANSWER_DONE,
        "2 active-unack>active-unack S2 at 10 onset 0 lasted 10: x\n"};
    struct scene scene = raised_plain(SEVERITY_S2);
    obey(&scene, scene.alarm, &SHELVED, 1);
    pass(&scene, 10 + 3 * 3600 - 0.001,
        "3 active-unack>active-unack S2 at 7210 onset 0 lasted 7210: shelving-over\n");
    pass(&scene, 10 + 3 * 3600,
        "4 active-unack>active-unack S1 at 10810 onset 0 lasted 10810: acknowledge-overdue\n");
    free(scene.state);
}

/* Each 120 s from 0 on: the sixth chatters when it comes within ten minutes of the first. */
static void test_alarm_life__six_raises_in_ten_minutes_chatter(void **unused)
{
    (void)unused;
    static const struct {
        double sixth_s;
        bool chatters;
    } ROWS[] = {{600, true}, {600.1, false}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct scene scene = raised_plain(SEVERITY_S2);
        for (int k = 1; k <= 5; k++) {
            double over_s = 120 * k - 60, again_s = k == 5 ? ROWS[i].sixth_s : 120 * k;
            vote_on(&scene, 0, &(struct step){over_s, over_s, VOTE, TRI_NO, TRI_YES, 0, NULL});
            assert_int_equal(ALARM_CLEARED_UNACK, alarms_view(&ONE_PLAIN, scene.state, 0).state);
            vote_on(&scene, 0, &(struct step){again_s, again_s, VOTE, TRI_YES, TRI_NO, 0, NULL});
        }
        vote_on(&scene, 0, &(struct step){650, 650, VOTE, TRI_NO, TRI_YES, 0, NULL});
        bool held = alarms_view(&ONE_PLAIN, scene.state, 0).state == ALARM_ACTIVE_UNACK;
        assert_int_equal(ROWS[i].chatters, held);
        free(scene.state);
    }
}

/* Raised at 0, 20 and 60 s: the third holds until it has been quiet for ten minutes. */
static void test_alarm_life__what_chatters_is_held_until_it_is_quiet(void **unused)
{
    (void)unused;
    static const struct {
        double third_s;
        bool chatters;
    } ROWS[] = {{60, true}, {60.1, false}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct scene scene = raised_plain(SEVERITY_S2);
        double third_s = ROWS[i].third_s;
        vote_on(&scene, 0, &(struct step){10, 10, VOTE, TRI_NO, TRI_YES, 0, NULL});
        vote_on(&scene, 0, &(struct step){20, 20, VOTE, TRI_YES, TRI_NO, 0, NULL});
        vote_on(&scene, 0, &(struct step){30, 30, VOTE, TRI_NO, TRI_YES, 0, NULL});
        vote_on(&scene, 0, &(struct step){third_s, third_s, VOTE, TRI_YES, TRI_NO, 0, NULL});
        vote_on(&scene, 0, &(struct step){70, 70, VOTE, TRI_NO, TRI_YES, 0, NULL});
        bool held = alarms_view(&ONE_PLAIN, scene.state, 0).state == ALARM_ACTIVE_UNACK;
        assert_int_equal(ROWS[i].chatters, held);
        if (held) {
            vote_on(&scene, 0, &(struct step){80, 80, VOTE, TRI_YES, TRI_NO, 0, NULL});
            vote_on(&scene, 0, &(struct step){90, 90, VOTE, TRI_NO, TRI_YES, 0, NULL});
            pass(&scene, 690 - 0.001, NULL);
            pass(&scene, 690, "6 active-unack>cleared-unack S2 at 690 onset 60 lasted 630\n");
        }
        free(scene.state);
    }
}

/* --- out of service, shadow --- */

static void test_alarm_life__out_of_service_is_recorded_and_not_announced(void **unused)
{
    (void)unused;
    static const struct order OUT[] = {
        {5, ALARM_IN_SERVICE, -1, "", 0, ALARM_ANSWER_WRONG_STATE, NULL},
        {5, ALARM_OUT_OF_SERVICE, -1, "", 0, ALARM_ANSWER_NO_ORDER, NULL},
        {5, ALARM_OUT_OF_SERVICE, -1, "w-17", 0, ALARM_ANSWER_DONE,
            "2 active-unack>active-unack S1 at 5 onset 0 lasted 5: w-17 out\n"},
    };
    static const struct order BACK = {1e6, ALARM_IN_SERVICE, -1, "", 0, ALARM_ANSWER_DONE,
        "3 active-unack>active-unack S1 at 1e+06 onset 0 lasted 1e+06\n"};
    static const struct order UNTIL = {1e6, ALARM_OUT_OF_SERVICE, -1, "w-18", 100,
        ALARM_ANSWER_DONE,
        "4 active-unack>active-unack S1 at 1e+06 onset 0 lasted 1e+06: w-18 out\n"};
    struct scene scene = raised_plain(SEVERITY_S1);
    obey(&scene, scene.alarm, OUT, 3);
    pass(&scene, 1e6 - 1, NULL); /* no deadline runs */
    obey(&scene, scene.alarm, &BACK, 1);
    obey(&scene, scene.alarm, &UNTIL, 1);
    pass(&scene, 1e6 + 100,
        "5 active-unack>active-unack S1 at 1.0001e+06 onset 0 lasted 1.0001e+06: "
        "out-of-service-over\n");
    free(scene.state);
}

static void test_alarm_life__out_of_service_outlives_an_alarm(void **unused)
{
    (void)unused;
    struct scene scene = begin_on(&ONE_PLAIN);
    struct alarm_command out = {.action = ALARM_OUT_OF_SERVICE,
        .rule = PLAIN.rule,
        .subject = PLAIN.subject,
        .seen_number = -1,
        .order = slice_of("w-17"),
        .hub_ms = HUB_0 * SECOND_MS};
    scene.in_full = true;
    assert_int_equal(
        ALARM_ANSWER_DONE, alarms_command(&ONE_PLAIN, scene.state, &out, hear, &scene));
    assert_string_equal("", scene.said); /* no alarm is open: nothing is said of one */
    take(&scene, 0,
        &(struct step){10, 10, VOTE, TRI_YES, TRI_NO, 0,
            "1 pending>active-unack S2 at 10 onset 10 lasted 0 out quiet\n"});
    take(&scene, 0,
        &(struct step){20, 20, VOTE, TRI_NO, TRI_YES, 0,
            "2 active-unack>cleared-unack S2 at 20 onset 10 lasted 10 out quiet\n"});
    out.action = ALARM_IN_SERVICE;
    out.hub_ms = (HUB_0 + 30) * SECOND_MS;
    scene.said[0] = '\0';
    assert_int_equal(
        ALARM_ANSWER_DONE, alarms_command(&ONE_PLAIN, scene.state, &out, hear, &scene));
    assert_string_equal("3 cleared-unack>cleared-unack S2 at 30 onset 10 lasted 10 quiet\n"
                        "4 cleared-unack>closed S2 at 30 onset 10 lasted 10: lapsed quiet\n",
        scene.said);
    free(scene.state);
}

/* Seven days of shadow end while the condition holds. */
static void test_alarm_life__what_is_new_is_in_shadow(void **unused)
{
    (void)unused;
    struct instance fresh = PLAIN;
    const struct instance *const list[] = {&fresh};
    const struct alarm_table table = {.instances = list, .count = 1, .area = ONE_PLAIN.area};
    fresh.in_service_ms = (EVENT_0 - 600000) * SECOND_MS; /* 604,800 s are seven days */
    struct scene scene = begin_on(&table);
    scene.in_full = true;
    take(&scene, 0,
        &(struct step){0, 0, VOTE, TRI_YES, TRI_NO, SEVERITY_S1,
            "1 pending>active-unack S1 at 0 onset 0 lasted 0 shadow quiet\n"});
    take(&scene, 0,
        &(struct step){10, 10, VOTE, TRI_NO, TRI_YES, 0,
            "2 active-unack>cleared-unack S1 at 10 onset 0 lasted 10 shadow quiet\n"
            "3 cleared-unack>closed S1 at 10 onset 0 lasted 10: lapsed shadow quiet\n"});
    take(&scene, 0,
        &(struct step){20, 20, VOTE, TRI_YES, TRI_NO, 0,
            "1 pending>active-unack S2 at 20 onset 20 lasted 0 shadow quiet\n"});
    pass(&scene, 4800 - 0.001, NULL);
    pass(
        &scene, 4800, "2 active-unack>active-unack S2 at 4800 onset 20 lasted 4780: shadow-over\n");
    free(scene.state);
}

int main(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_alarm_life__a_latched_alarm_waits_for_an_officer),
        cmocka_unit_test(test_alarm_life__a_deadline_that_passes_escalates_once),
        cmocka_unit_test(test_alarm_life__what_is_over_is_still_to_be_seen),
        cmocka_unit_test(test_alarm_life__deadlines_stand_while_it_is_shelved),
        cmocka_unit_test(test_alarm_life__six_raises_in_ten_minutes_chatter),
        cmocka_unit_test(test_alarm_life__what_chatters_is_held_until_it_is_quiet),
        cmocka_unit_test(test_alarm_life__out_of_service_is_recorded_and_not_announced),
        cmocka_unit_test(test_alarm_life__out_of_service_outlives_an_alarm),
        cmocka_unit_test(test_alarm_life__what_is_new_is_in_shadow),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
