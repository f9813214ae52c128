#include "core/text.h"
#include "tests/unit/alarm_scene.h"

/* Why an alarm is there, or is not: each row of alarms/why.def, as hjhub explain tells it. */

static const uint32_t PARENTS[] = {1};
static const struct instance DAMPER = {.rule = {(const uint8_t *)"damper", 6},
    .subject = {(const uint8_t *)"L1", 2},
    .raise_after_ms = 60 * SECOND_MS,
    .clear_after_ms = 300 * SECOND_MS,
    .parents = PARENTS,
    .parent_count = 1,
    .fingerprint = 1,
    .name_hash = 1};
static const struct instance OUTAGE = {.rule = {(const uint8_t *)"outage", 6},
    .subject = {(const uint8_t *)"A", 1},
    .fingerprint = 2,
    .name_hash = 2};
static const struct instance SEAL = {.rule = {(const uint8_t *)"seal", 4},
    .subject = {(const uint8_t *)"L1", 2},
    .latched = true,
    .fingerprint = 3,
    .name_hash = 3};
static const struct instance NEW = {.rule = {(const uint8_t *)"new", 3},
    .subject = {(const uint8_t *)"L1", 2},
    .shadow_until_ms = (EVENT_0 + 1000) * SECOND_MS,
    .fingerprint = 4,
    .name_hash = 4};
static const struct instance *const ALL[] = {&DAMPER, &OUTAGE, &SEAL, &NEW};
static const struct alarm_table TABLE = {
    .instances = ALL, .count = 4, .area = {(const uint8_t *)"140581", 6}};

static void told(const struct scene *scene, uint32_t instance, double at_s, char out[static 1024])
{
    struct text text = text_in(out, 1023);
    alarms_explain(
        scene->table, scene->state, instance, (int64_t)((at_s + HUB_0) * SECOND_MS), &text);
    assert_false(text.truncated);
    out[text.size] = '\0';
}

#define assert_told(scene, instance, at_s, words)                                                  \
    do {                                                                                           \
        char out_[1024];                                                                           \
        told((scene), (instance), (at_s), out_);                                                   \
        if (strstr(out_, (words)) == NULL) {                                                       \
            fail_msg("no %s in %s", (words), out_);                                                \
        }                                                                                          \
    } while (0)

static void vote(struct scene *scene, uint32_t instance, double at, enum tri when, enum tri clear)
{
    vote_on(scene, instance, &(struct step){at, at, VOTE, when, clear, 0, NULL});
}

static void test_alarm_why__the_condition_and_its_delays(void **unused)
{
    (void)unused;
    struct scene scene = begin_on(&TABLE);
    assert_told(&scene, 0, 0, "\"never_asked\"");
    vote(&scene, 0, 0, TRI_NO, TRI_YES);
    assert_told(&scene, 0, 0, "\"does_not_hold\"");
    vote(&scene, 0, 10, TRI_UNKNOWN, TRI_UNKNOWN);
    assert_told(&scene, 0, 10, "\"unknown\"");
    vote(&scene, 0, 20, TRI_YES, TRI_NO);
    assert_told(&scene, 0, 50, "\"not_long_enough\"");
    assert_told(&scene, 0, 50, "\"held_ms\":30000");
    vote(&scene, 0, 60, TRI_UNKNOWN, TRI_UNKNOWN);
    assert_told(&scene, 0, 70, "\"paused\"");
    vote(&scene, 0, 80, TRI_YES, TRI_NO);
    vote(&scene, 0, 110, TRI_YES, TRI_NO);
    assert_told(&scene, 0, 110, "\"holds\"");
    vote(&scene, 0, 120, TRI_NO, TRI_NO);
    assert_told(&scene, 0, 120, "\"between\"");
    vote(&scene, 0, 130, TRI_UNKNOWN, TRI_UNKNOWN);
    assert_told(&scene, 0, 130, "\"blind\"");
    vote(&scene, 0, 140, TRI_NO, TRI_YES);
    assert_told(&scene, 0, 140, "\"clearing\"");
    vote(&scene, 0, 440, TRI_NO, TRI_YES);
    assert_told(&scene, 0, 440, "\"cleared\"");
    free(scene.state);
}

static void test_alarm_why__who_speaks_for_it(void **unused)
{
    (void)unused;
    struct scene scene = begin_on(&TABLE);
    vote(&scene, 1, 0, TRI_YES, TRI_NO);
    vote(&scene, 0, 0, TRI_YES, TRI_NO);
    vote(&scene, 0, 60, TRI_YES, TRI_NO);
    assert_told(&scene, 0, 60, "\"suppressed\"");
    assert_told(&scene, 0, 60, "\"parent_rule\":\"outage\",\"parent_subject\":\"A\"");
    assert_told(&scene, 1, 60, "\"holds\"");
    free(scene.state);
}

static void test_alarm_why__what_is_set_aside_says_until_when(void **unused)
{
    (void)unused;
    struct scene scene = begin_on(&TABLE);
    vote(&scene, 3, 0, TRI_YES, TRI_NO);
    assert_told(&scene, 3, 1, "\"shadow\"");
    assert_told(&scene, 3, 1, "\"shadow_until\":\"1970-01-01T08:25:00.000+08:00\"");
    vote(&scene, 1, 0, TRI_YES, TRI_NO);
    give(&scene, scene.alarm, &(struct order){5, ALARM_SHELVE, -1, "x", 60, 0, NULL});
    assert_told(&scene, 1, 6, "\"shelved\"");
    assert_told(&scene, 1, 6, "\"shelved_until\":\"1970-01-01T08:01:07.000+08:00\"");
    give(&scene, scene.alarm, &(struct order){7, ALARM_OUT_OF_SERVICE, -1, "x", 90, 0, NULL});
    assert_told(&scene, 1, 8, "\"out_of_service\"");
    assert_told(&scene, 1, 8, "\"out_of_service_until\":\"1970-01-01T08:01:37.000+08:00\"");
    free(scene.state);
}

static void test_alarm_why__what_stays_though_it_is_over(void **unused)
{
    (void)unused;
    struct scene scene = begin_on(&TABLE);
    vote(&scene, 2, 0, TRI_YES, TRI_NO);
    vote(&scene, 2, 10, TRI_NO, TRI_YES);
    assert_told(&scene, 2, 10, "\"latched\"");
    for (double at = 0; at < 30; at += 10) { /* the third time within a minute */
        vote(&scene, 1, at, TRI_YES, TRI_NO);
        vote(&scene, 1, at + 5, TRI_NO, TRI_YES);
    }
    assert_told(&scene, 1, 26, "\"held\"");
    assert_told(&scene, 1, 26, "\"clear_after_ms\":600000");
    free(scene.state);
}

static void test_alarm_why__another_judgement_speaks_for_it(void **unused)
{
    (void)unused;
    struct scene scene = begin_on(&TABLE);
    struct alarm_vote covered = {.instance = 2,
        .when = TRI_YES,
        .clear = TRI_NO,
        .severity = SEVERITY_S2,
        .hub_ms = HUB_0 * SECOND_MS,
        .local_ms = EVENT_0 * SECOND_MS,
        .event = {EVENT_0 * SECOND_MS},
        .covered = true};
    alarms_vote(&TABLE, scene.state, &covered, hear, &scene);
    assert_told(&scene, 2, 0, "\"covered\"");
    assert_string_equal("", scene.said);
    free(scene.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alarm_why__the_condition_and_its_delays),
        cmocka_unit_test(test_alarm_why__who_speaks_for_it),
        cmocka_unit_test(test_alarm_why__what_is_set_aside_says_until_when),
        cmocka_unit_test(test_alarm_why__what_stays_though_it_is_over),
        cmocka_unit_test(test_alarm_why__another_judgement_speaks_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
