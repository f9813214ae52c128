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

int main(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_alarm_life__a_latched_alarm_waits_for_an_officer),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
