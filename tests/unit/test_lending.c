#include "tests/unit/alarm_scene.h"

/* Many instances of one rule, raised after a minute. */
enum { MANY = 40 };

static struct instance INSTANCES[MANY];
static const struct instance *LISTED[MANY];
static const struct alarm_table TABLE = {
    .instances = LISTED, .count = MANY, .area = {(const uint8_t *)"140581", 6}};

static struct scene begin(void)
{
    static char names[MANY][8];
    for (uint32_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "M%u", i);
        INSTANCES[i] = (struct instance){.rule = slice_of("offline"),
            .subject = slice_of(names[i]),
            .raise_after_ms = 60 * SECOND_MS,
            .name_hash = i + 1,
            .fingerprint = i + 1};
        LISTED[i] = &INSTANCES[i];
    }
    return begin_on(&TABLE);
}

static uint32_t lent(const struct scene *scene)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        count += alarms_lent(&TABLE, scene->state, i);
    }
    return count;
}

static void vote(struct scene *scene, uint32_t instance, double at, enum tri when)
{
    struct step step = {at, at, VOTE, when, when == TRI_NO ? TRI_YES : TRI_NO, 0, NULL};
    scene->said[0] = '\0';
    vote_on(scene, instance, &step);
}

static void test_lending__what_holds_is_lent_a_slot_and_what_stops_gives_it_back(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    for (uint32_t i = 0; i < MANY; i++) {
        vote(&scene, i, 0, i % 2 == 0 ? TRI_NO : TRI_UNKNOWN);
    }
    assert_int_equal(0, lent(&scene));
    vote(&scene, 7, 10, TRI_YES);
    vote(&scene, 3, 10, TRI_YES);
    assert_int_equal(2, lent(&scene));
    vote(&scene, 7, 20, TRI_NO);
    assert_false(alarms_lent(&TABLE, scene.state, 7));
    assert_true(alarms_lent(&TABLE, scene.state, 3));
    free(scene.state);
}

/* Twice what was given back is nobody's: each has an alarm of its own. */
static void test_lending__a_flood_finds_a_slot_for_each(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    for (uint32_t i = 0; i < MANY; i += 3) {
        vote(&scene, i, 0, TRI_YES);
    }
    for (uint32_t i = 0; i < MANY; i += 3) {
        vote(&scene, i, 10, TRI_NO);
    }
    assert_int_equal(0, lent(&scene));
    for (uint32_t i = 0; i < MANY; i++) {
        vote(&scene, i, 20 + i, TRI_YES);
    }
    assert_int_equal(MANY, lent(&scene));
    for (uint32_t i = 0; i < MANY; i++) {
        struct step step = {80 + i, 0, TIME, 0, 0, 0, NULL};
        char want[100];
        snprintf(want, sizeof want, "1 pending>active-unack S2 at %u onset %u lasted 60\n", 80 + i,
            20 + i);
        step.want = want;
        take(&scene, i, &step);
        assert_int_equal(ALARM_ACTIVE_UNACK, alarms_view(&TABLE, scene.state, i).state);
    }
    free(scene.state);
}

/* Late data is held against the last alarm, however late it comes. */
static void test_lending__a_closed_alarm_is_remembered(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    vote(&scene, 5, 0, TRI_YES);
    vote(&scene, 5, 60, TRI_YES);
    static const struct order ORDERS[] = {
        {70, ALARM_ACKNOWLEDGE, -1, "", 0, ALARM_ANSWER_DONE,
            "2 active-unack>active-ack S2 at 70 onset 0 lasted 70\n"},
    };
    obey(&scene, scene.alarm, ORDERS, 1);
    vote(&scene, 5, 80, TRI_NO);
    static const struct order CLOSES[] = {
        {90, ALARM_CLOSE, -1, "bypass", 0, ALARM_ANSWER_DONE,
            "4 cleared-ack>closed S2 at 90 onset 0 lasted 80\n"},
    };
    obey(&scene, scene.alarm, CLOSES, 1);
    vote(&scene, 5, 100, TRI_NO);
    assert_true(alarms_lent(&TABLE, scene.state, 5));
    assert_true(alarms_covers(&TABLE, scene.state, 5, (EVENT_0 + 40) * SECOND_MS));
    assert_false(alarms_covers(&TABLE, scene.state, 5, (EVENT_0 + 100) * SECOND_MS));
    assert_false(alarms_covers(&TABLE, scene.state, 6, (EVENT_0 + 40) * SECOND_MS));
    free(scene.state);
}

int main(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_lending__what_holds_is_lent_a_slot_and_what_stops_gives_it_back),
        cmocka_unit_test(test_lending__a_flood_finds_a_slot_for_each),
        cmocka_unit_test(test_lending__a_closed_alarm_is_remembered),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
