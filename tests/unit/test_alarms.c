#include "core/hash.h"
#include "tests/unit/alarm_scene.h"

/* Two instances: one raised after 60 s and cleared after 300 s, one at once. */
static const struct instance SLOW = {.name_hash = 1,
    .rule = {(const uint8_t *)"bypass", 6},
    .subject = {(const uint8_t *)"L1", 2},
    .raise_after_ms = 60 * SECOND_MS,
    .clear_after_ms = 300 * SECOND_MS,
    .fingerprint = 1};
static const struct instance PROMPT = {.name_hash = 2,
    .rule = {(const uint8_t *)"offline", 7},
    .subject = {(const uint8_t *)"M1", 2},
    .fingerprint = 2};

static const struct instance *const BOTH[] = {&SLOW, &PROMPT};
static const struct instance *const SWAPPED[] = {&PROMPT, &SLOW};
static const struct instance *const PROMPT_ONLY[] = {&PROMPT};

static const struct alarm_table TABLE = {
    .instances = BOTH, .count = 2, .area = {(const uint8_t *)"140581", 6}};

static struct scene begin(void)
{
    return begin_on(&TABLE);
}

static void play(uint32_t instance, const struct step *steps, size_t count)
{
    struct scene scene = begin();
    for (size_t i = 0; i < count; i++) {
        take(&scene, instance, &steps[i]);
    }
    free(scene.state);
}

static void test_alarms__a_raise_has_the_instant_it_fell_due_however_late_time_is(void **unused)
{
    (void)unused;
    static const struct step STEPS[] = {
        {0, 0, VOTE, TRI_NO, TRI_YES, 0, NULL},
        {10, 10, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {69.999, 0, TIME, 0, 0, 0, NULL},
        {3000, 0, TIME, 0, 0, 0, "1 pending>active-unack S2 at 70 onset 10 lasted 60\n"},
        {3001, 3001, VOTE, TRI_NO, TRI_YES, 0, NULL},
        {3300.999, 0, TIME, 0, 0, 0, NULL},
        {3600, 0, TIME, 0, 0, 0, "2 active-unack>cleared-unack S2 at 3301 onset 10 lasted 3291\n"},
    };
    play(0, STEPS, sizeof STEPS / sizeof STEPS[0]);
}

static void test_alarms__no_resets_both_timers(void **unused)
{
    (void)unused;
    static const struct step STEPS[] = {
        {0, 0, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {59.999, 59.999, VOTE, TRI_NO, TRI_YES, 0, NULL},
        {60, 60, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {119.999, 0, TIME, 0, 0, 0, NULL},
        {120, 0, TIME, 0, 0, 0, "1 pending>active-unack S2 at 120 onset 60 lasted 60\n"},
        {200, 200, VOTE, TRI_NO, TRI_YES, 0, NULL},
        {499, 499, VOTE, TRI_NO, TRI_NO, 0, NULL},
        {500, 500, VOTE, TRI_NO, TRI_YES, 0, NULL},
        {799.999, 0, TIME, 0, 0, 0, NULL},
        {800, 0, TIME, 0, 0, 0, "2 active-unack>cleared-unack S2 at 800 onset 60 lasted 740\n"},
    };
    play(0, STEPS, sizeof STEPS / sizeof STEPS[0]);
}

static void test_alarms__unknown_pauses_both_timers(void **unused)
{
    (void)unused;
    static const struct step STEPS[] = {
        {0, 0, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {40, 40, VOTE, TRI_UNKNOWN, TRI_UNKNOWN, 0, NULL},
        {900, 0, TIME, 0, 0, 0, NULL},
        {1000, 1000, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {1019.999, 0, TIME, 0, 0, 0, NULL},
        {1020, 0, TIME, 0, 0, 0, "1 pending>active-unack S2 at 1020 onset 0 lasted 1020\n"},
        {1100, 1100, VOTE, TRI_NO, TRI_YES, 0, NULL},
        {1300, 1300, VOTE, TRI_UNKNOWN, TRI_UNKNOWN, 0, NULL},
        {2000, 2000, VOTE, TRI_NO, TRI_YES, 0, NULL},
        {2099.999, 0, TIME, 0, 0, 0, NULL},
        {2100, 0, TIME, 0, 0, 0, "2 active-unack>cleared-unack S2 at 2100 onset 0 lasted 2100\n"},
    };
    play(0, STEPS, sizeof STEPS / sizeof STEPS[0]);
}

static void test_alarms__unknown_at_the_same_instant_keeps_the_onset(void **unused)
{
    (void)unused;
    static const struct step STEPS[] = {
        {0, 0, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {0, 0, VOTE, TRI_UNKNOWN, TRI_UNKNOWN, 0, NULL},
        {10, 10, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {70, 0, TIME, 0, 0, 0, "1 pending>active-unack S2 at 70 onset 0 lasted 70\n"},
    };
    play(0, STEPS, sizeof STEPS / sizeof STEPS[0]);
}

/* A queue drains: the device's clock runs an hour in a second of the hub's. */
static void test_alarms__event_time_that_jumps_raises_at_the_vote(void **unused)
{
    (void)unused;
    static const struct step STEPS[] = {
        {0, 0, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {0.1, 59.999, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {0.2, 60, VOTE, TRI_YES, TRI_NO, 0, "1 pending>active-unack S2 at 0.2 onset 0 lasted 60\n"},
        {0.3, 100, VOTE, TRI_NO, TRI_YES, 0, NULL},
        {0.4, 400, VOTE, TRI_YES, TRI_NO, 0,
            "2 active-unack>cleared-unack S2 at 0.4 onset 0 lasted 400\n"},
        {0.5, 460, VOTE, TRI_NO, TRI_YES, 0,
            "3 cleared-unack>active-unack S2 at 0.5 onset 400 lasted 60\n"},
    };
    play(0, STEPS, sizeof STEPS / sizeof STEPS[0]);
}

/* Before a device is heard its clock is the hub's; its first message may set it back. */
static void test_alarms__a_clock_set_back_loses_no_time_afterwards(void **unused)
{
    (void)unused;
    static const struct step STEPS[] = {
        {0, 30, VOTE, TRI_NO, TRI_YES, 0, NULL},
        {10, 10, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {40, 40, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {70, 0, TIME, 0, 0, 0, "1 pending>active-unack S2 at 70 onset 10 lasted 60\n"},
    };
    play(0, STEPS, sizeof STEPS / sizeof STEPS[0]);
}

/* How far a device lags is known better after a while; what passed meanwhile has passed, however often it was asked. */
static void test_alarms__a_clock_set_back_in_a_run_loses_none_of_it(void **unused)
{
    (void)unused;
    static const struct step SELDOM[] = {
        {0, 0, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {40, 30, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {50, 20, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {90, 0, TIME, 0, 0, 0, "1 pending>active-unack S2 at 70 onset 0 lasted 60\n"},
    };
    static const struct step OFTEN[] = {
        {0, 0, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {40, 30, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {45, 35, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {50, 20, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {90, 0, TIME, 0, 0, 0, "1 pending>active-unack S2 at 70 onset 0 lasted 60\n"},
    };
    play(0, SELDOM, sizeof SELDOM / sizeof SELDOM[0]);
    play(0, OFTEN, sizeof OFTEN / sizeof OFTEN[0]);
}

static void test_alarms__without_delays_a_vote_is_enough(void **unused)
{
    (void)unused;
    static const struct step STEPS[] = {
        {0, 0, VOTE, TRI_YES, TRI_NO, 0, "1 pending>active-unack S2 at 0 onset 0 lasted 0\n"},
        {5, 5, VOTE, TRI_NO, TRI_YES, 0, "2 active-unack>cleared-unack S2 at 5 onset 0 lasted 5\n"},
        {6, 6, VOTE, TRI_UNKNOWN, TRI_UNKNOWN, 0, NULL},
        {7, 7, VOTE, TRI_YES, TRI_NO, 0, "3 cleared-unack>active-unack S2 at 7 onset 7 lasted 0\n"},
    };
    play(1, STEPS, sizeof STEPS / sizeof STEPS[0]);
}

static void test_alarms__conditions_that_overlap_neither_flap_nor_hang(void **unused)
{
    (void)unused;
    static const struct step STEPS[] = {
        {0, 0, VOTE, TRI_YES, TRI_YES, 0, "1 pending>active-unack S2 at 0 onset 0 lasted 0\n"},
        {1, 1, VOTE, TRI_YES, TRI_YES, 0, NULL},
        {900, 0, TIME, 0, 0, 0, NULL},
        {901, 901, VOTE, TRI_NO, TRI_YES, 0,
            "2 active-unack>cleared-unack S2 at 901 onset 0 lasted 901\n"},
    };
    play(1, STEPS, sizeof STEPS / sizeof STEPS[0]);
}

static void test_alarms__clearing_out_of_unknown_ends_the_run(void **unused)
{
    (void)unused;
    static const struct step STEPS[] = {
        {0, 0, VOTE, TRI_YES, TRI_YES, 0, NULL},
        {60, 0, TIME, 0, 0, 0, "1 pending>active-unack S2 at 60 onset 0 lasted 60\n"},
        {1000, 1000, VOTE, TRI_UNKNOWN, TRI_YES, 0, NULL},
        {1299.999, 0, TIME, 0, 0, 0, NULL},
        {1300, 0, TIME, 0, 0, 0, "2 active-unack>cleared-unack S2 at 1300 onset 0 lasted 1300\n"},
        {1400, 1400, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {1460, 0, TIME, 0, 0, 0, "3 cleared-unack>active-unack S2 at 1460 onset 1400 lasted 60\n"},
    };
    play(0, STEPS, sizeof STEPS / sizeof STEPS[0]);
}

static void test_alarms__severity_follows_the_votes_while_it_holds(void **unused)
{
    (void)unused;
    static const struct step STEPS[] = {
        {0, 0, VOTE, TRI_YES, TRI_NO, SEVERITY_S3, NULL},
        {10, 10, VOTE, TRI_YES, TRI_NO, SEVERITY_S2, NULL},
        {60, 0, TIME, 0, 0, 0, "1 pending>active-unack S2 at 60 onset 0 lasted 60\n"},
        {70, 70, VOTE, TRI_YES, TRI_NO, SEVERITY_S1,
            "2 active-unack>active-unack S1 at 70 onset 0 lasted 70\n"},
        {80, 80, VOTE, TRI_UNKNOWN, TRI_UNKNOWN, SEVERITY_S3, NULL},
        {90, 90, VOTE, TRI_NO, TRI_YES, SEVERITY_S3, NULL},
        {400, 400, VOTE, TRI_NO, TRI_YES, SEVERITY_S3,
            "3 active-unack>cleared-unack S1 at 400 onset 0 lasted 400\n"},
        {500, 500, VOTE, TRI_YES, TRI_NO, SEVERITY_S3, NULL},
        {560, 0, TIME, 0, 0, 0, "4 cleared-unack>active-unack S3 at 560 onset 500 lasted 60\n"},
    };
    play(0, STEPS, sizeof STEPS / sizeof STEPS[0]);
}

/* A grade that is unknown for a while must not make an alarm more and less severe in turn. */
static void test_alarms__an_unsure_severity_changes_none(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    struct alarm_vote vote = {.when = TRI_YES,
        .clear = TRI_NO,
        .severity = SEVERITY_S3,
        .severity_unsure = true, /* nothing was said before: it is what is known */
        .hub_ms = HUB_0 * SECOND_MS,
        .local_ms = EVENT_0 * SECOND_MS};
    alarms_vote(&TABLE, scene.state, &vote, hear, &scene);
    assert_int_equal(SEVERITY_S3, alarms_view(&TABLE, scene.state, 0).severity);
    vote.severity = SEVERITY_S1;
    alarms_vote(&TABLE, scene.state, &vote, hear, &scene);
    assert_int_equal(SEVERITY_S3, alarms_view(&TABLE, scene.state, 0).severity);
    vote.severity_unsure = false;
    alarms_vote(&TABLE, scene.state, &vote, hear, &scene);
    assert_int_equal(SEVERITY_S1, alarms_view(&TABLE, scene.state, 0).severity);
    free(scene.state);
}

static void test_alarms__a_return_that_does_not_last_changes_nothing(void **unused)
{
    (void)unused;
    static const struct step STEPS[] = {
        {0, 0, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {60, 0, TIME, 0, 0, 0, "1 pending>active-unack S2 at 60 onset 0 lasted 60\n"},
        {100, 100, VOTE, TRI_NO, TRI_YES, 0, NULL},
        {400, 0, TIME, 0, 0, 0, "2 active-unack>cleared-unack S2 at 400 onset 0 lasted 400\n"},
        {500, 500, VOTE, TRI_YES, TRI_NO, 0, NULL},
        {559, 559, VOTE, TRI_NO, TRI_YES, 0, NULL},
        {3000, 0, TIME, 0, 0, 0, NULL},
    };
    struct scene scene = begin();
    for (size_t i = 0; i < sizeof STEPS / sizeof STEPS[0]; i++) {
        take(&scene, 0, &STEPS[i]);
    }
    struct alarm_view view = alarms_view(&TABLE, scene.state, 0);
    assert_int_equal(ALARM_CLEARED_UNACK, view.state);
    assert_int_equal(EVENT_0 * SECOND_MS, view.onset.ms);
    free(scene.state);
}

/* --- commands --- */

/* A raised alarm at second 60, held since second 0. */
static struct scene raised(enum severity severity)
{
    struct scene scene = begin();
    take(&scene, 0, &(struct step){0, 0, VOTE, TRI_YES, TRI_NO, severity, NULL});
    alarms_time(&TABLE, scene.state, (HUB_0 + 60) * SECOND_MS, hear, &scene);
    return scene;
}

static void test_alarms__a_person_moves_an_alarm_by_the_table(void **unused)
{
    (void)unused;
    static const struct order ACTIVE[] = {
        {65, ALARM_ACKNOWLEDGE, 2, "", 0, ALARM_ANSWER_STALE, NULL},
        {65, ALARM_CLOSE, 1, "bypass", 0, ALARM_ANSWER_WRONG_STATE, NULL},
        {65, ALARM_ASSIGN, 1, "", 0, ALARM_ANSWER_BAD_COMMAND, NULL},
        {65, ALARM_UNSHELVE, 1, "", 0, ALARM_ANSWER_WRONG_STATE, NULL},
        {65, ALARM_ACKNOWLEDGE, 1, "", 0, ALARM_ANSWER_DONE,
            "2 active-unack>active-ack S2 at 65 onset 0 lasted 65\n"},
        {66, ALARM_ACKNOWLEDGE, -1, "", 0, ALARM_ANSWER_WRONG_STATE, NULL},
        {70, ALARM_ASSIGN, -1, "wang", 0, ALARM_ANSWER_DONE,
            "3 active-ack>active-ack S2 at 70 onset 0 lasted 70\n"},
    };
    static const struct order CLEARED[] = {
        {500, ALARM_CLOSE, 4, "", 0, ALARM_ANSWER_NO_FINDING, NULL},
        {500, ALARM_CLOSE, 4, "bypass", 0, ALARM_ANSWER_DONE,
            "5 cleared-ack>closed S2 at 500 onset 0 lasted 400\n"},
        {501, ALARM_ACKNOWLEDGE, -1, "", 0, ALARM_ANSWER_NO_SUCH_ALARM, NULL},
    };
    struct scene scene = raised(0);
    char alarm[ALARM_ID_SIZE + 1];
    memcpy(alarm, scene.alarm, sizeof alarm);
    obey(&scene, alarm, ACTIVE, sizeof ACTIVE / sizeof ACTIVE[0]);
    take(&scene, 0, &(struct step){100, 100, VOTE, TRI_NO, TRI_YES, 0, NULL});
    take(&scene, 0,
        &(struct step){
            450, 0, TIME, 0, 0, 0, "4 active-ack>cleared-ack S2 at 400 onset 0 lasted 400\n"});
    obey(&scene, alarm, CLEARED, sizeof CLEARED / sizeof CLEARED[0]);
    assert_int_equal(
        ALARM_ANSWER_NO_SUCH_ALARM, give(&scene, "0123456789ABCDEF0123456789ABCDEF", &CLEARED[2]));
    free(scene.state);
}

static void test_alarms__a_condition_under_way_when_it_is_closed_raises_another(void **unused)
{
    (void)unused;
    static const struct order ORDERS[] = {
        {430, ALARM_ACKNOWLEDGE, -1, "", 0, ALARM_ANSWER_DONE,
            "3 cleared-unack>cleared-ack S2 at 430 onset 0 lasted 400\n"},
        {440, ALARM_CLOSE, -1, "bypass", 0, ALARM_ANSWER_DONE,
            "4 cleared-ack>closed S2 at 440 onset 0 lasted 400\n"},
    };
    struct scene scene = raised(0);
    char alarm[ALARM_ID_SIZE + 1];
    memcpy(alarm, scene.alarm, sizeof alarm);
    take(&scene, 0, &(struct step){100, 100, VOTE, TRI_NO, TRI_YES, 0, NULL});
    take(&scene, 0,
        &(struct step){
            400, 0, TIME, 0, 0, 0, "2 active-unack>cleared-unack S2 at 400 onset 0 lasted 400\n"});
    take(&scene, 0, &(struct step){420, 420, VOTE, TRI_YES, TRI_NO, 0, NULL});
    obey(&scene, alarm, ORDERS, sizeof ORDERS / sizeof ORDERS[0]);
    take(&scene, 0, &(struct step){479.999, 0, TIME, 0, 0, 0, NULL});
    take(&scene, 0,
        &(struct step){
            480, 0, TIME, 0, 0, 0, "1 pending>active-unack S2 at 480 onset 420 lasted 60\n"});
    assert_string_not_equal(alarm, scene.alarm);
    free(scene.state);
}

static void test_alarms__what_is_set_aside_comes_back(void **unused)
{
    (void)unused;
    static const struct order ORDERS[] = {
        {65, ALARM_SHELVE, -1, "", 60, ALARM_ANSWER_NO_REASON, NULL},
        {65, ALARM_SHELVE, -1, "x", 0, ALARM_ANSWER_NOT_SHELVABLE, NULL},
        {65, ALARM_SHELVE, -1, "x", 8 * 3600 + 0.001, ALARM_ANSWER_NOT_SHELVABLE, NULL},
        {65, ALARM_SHELVE, -1, "x", 8 * 3600, ALARM_ANSWER_DONE,
            "2 active-unack>active-unack S2 at 65 onset 0 lasted 65\n"},
        {70, ALARM_UNSHELVE, -1, "", 0, ALARM_ANSWER_DONE,
            "3 active-unack>active-unack S2 at 70 onset 0 lasted 70\n"},
        {80, ALARM_SHELVE, -1, "x", 20, ALARM_ANSWER_DONE,
            "4 active-unack>active-unack S2 at 80 onset 0 lasted 80\n"},
    };
    struct scene scene = raised(0);
    obey(&scene, scene.alarm, ORDERS, sizeof ORDERS / sizeof ORDERS[0]);
    assert_int_equal(27000, alarms_view(&TABLE, scene.state, 0).shelved_until.ms);
    take(&scene, 0, &(struct step){99.999, 0, TIME, 0, 0, 0, NULL});
    take(&scene, 0,
        &(struct step){
            500, 0, TIME, 0, 0, 0, "5 active-unack>active-unack S2 at 100 onset 0 lasted 100\n"});
    assert_int_equal(0, alarms_view(&TABLE, scene.state, 0).shelved_until.ms);
    free(scene.state);
    scene = raised(SEVERITY_S1);
    assert_int_equal(ALARM_ANSWER_NOT_SHELVABLE,
        give(&scene, scene.alarm, &(struct order){65, ALARM_SHELVE, -1, "x", 1, 0, NULL}));
    free(scene.state);
}

static void test_alarms__what_grows_more_severe_is_no_longer_set_aside(void **unused)
{
    (void)unused;
    struct scene scene = raised(SEVERITY_S3);
    obey(&scene, scene.alarm,
        &(struct order){70, ALARM_SHELVE, -1, "x", 600, ALARM_ANSWER_DONE,
            "2 active-unack>active-unack S3 at 70 onset 0 lasted 70\n"},
        1);
    take(&scene, 0,
        &(struct step){80, 80, VOTE, TRI_YES, TRI_NO, SEVERITY_S1,
            "3 active-unack>active-unack S1 at 80 onset 0 lasted 80\n"});
    assert_int_equal(0, alarms_view(&TABLE, scene.state, 0).shelved_until.ms);
    free(scene.state);
}

/* --- reload, identity, determinism --- */

static void test_alarms__a_reload_carries_states_and_closes_what_is_gone(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    take(&scene, 0, &(struct step){0, 0, VOTE, TRI_YES, TRI_NO, 0, NULL});
    vote_on(&scene, 1, &(struct step){0, 0, VOTE, TRI_YES, TRI_NO, 0, NULL});
    struct arena arena = {0};
    struct alarm_table swapped = alarm_table_new(SWAPPED, 2, TABLE.area, &arena);
    struct scene fresh = begin();
    alarms_carry(
        &TABLE, scene.state, &swapped, fresh.state, (HUB_0 + 30) * SECOND_MS, hear, &fresh);
    alarms_carried(&swapped, fresh.state, (HUB_0 + 30) * SECOND_MS, hear, &fresh);
    assert_string_equal("", fresh.said);
    assert_int_equal(ALARM_ACTIVE_UNACK, alarms_view(&swapped, fresh.state, 0).state);
    assert_int_equal(ALARM_PENDING, alarms_view(&swapped, fresh.state, 1).state);
    assert_int_equal((HUB_0 + 60) * SECOND_MS, alarms_due(&swapped, fresh.state));
    alarms_time(&swapped, fresh.state, (HUB_0 + 100) * SECOND_MS, hear, &fresh);
    assert_string_equal("1 pending>active-unack S2 at 60 onset 0 lasted 60\n", fresh.said);
    struct alarm_table fewer = alarm_table_new(PROMPT_ONLY, 1, TABLE.area, &arena);
    struct scene last = begin();
    alarms_carry(&swapped, fresh.state, &fewer, last.state, (HUB_0 + 110) * SECOND_MS, hear, &last);
    alarms_carried(&fewer, last.state, (HUB_0 + 110) * SECOND_MS, hear, &last);
    assert_string_equal("2 active-unack>closed S2 at 110 onset 0 lasted 110\n", last.said);
    assert_int_equal(ALARM_ACTIVE_UNACK, alarms_view(&fewer, last.state, 0).state);
    free(scene.state);
    free(fresh.state);
    free(last.state);
    arena_free(&arena);
}

static void test_alarms__the_id_is_the_cause(void **unused)
{
    (void)unused;
    struct scene one = raised(0), two = raised(SEVERITY_S1);
    assert_string_equal(one.alarm, two.alarm);
    assert_int_equal(ALARM_ID_SIZE, strspn(one.alarm, "0123456789abcdef"));
    free(two.state);
    two = begin();
    take(&two, 0, &(struct step){0.001, 0.001, VOTE, TRI_YES, TRI_NO, 0, NULL});
    alarms_time(&TABLE, two.state, (HUB_0 + 61) * SECOND_MS, hear, &two);
    assert_string_not_equal(one.alarm, two.alarm); /* another onset */
    free(one.state);
    free(two.state);
}

static uint64_t next(uint64_t *seed)
{
    *seed = hash64(slice_from(seed, sizeof *seed));
    return *seed;
}

/* Time told in pieces or at once: the same state to the byte, the same words. */
static void test_alarms__time_in_pieces_is_time_at_once(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed < 300; seed++) {
        struct scene pieces = begin(), once = begin();
        uint64_t chance = seed;
        double at = 0;
        for (int i = 0; i < 40; i++) {
            double before = at;
            at += (double)(next(&chance) % 200);
            struct step step = {at, at, VOTE, (enum tri)(next(&chance) % 3),
                (enum tri)(next(&chance) % 3), (enum severity)(1 + next(&chance) % 4), NULL};
            pieces.said[0] = '\0';
            once.said[0] = '\0';
            for (double part = before; part < at; part += 7) {
                alarms_time(
                    &TABLE, pieces.state, (int64_t)((part + HUB_0) * SECOND_MS), hear, &pieces);
            }
            alarms_time(&TABLE, pieces.state, (int64_t)((at + HUB_0) * SECOND_MS), hear, &pieces);
            alarms_time(&TABLE, once.state, (int64_t)((at + HUB_0) * SECOND_MS), hear, &once);
            vote_on(&pieces, (uint32_t)(i % 2), &step);
            vote_on(&once, (uint32_t)(i % 2), &step);
            assert_string_equal(once.said, pieces.said);
        }
        assert_memory_equal(once.state, pieces.state, alarms_state_size(TABLE.count));
        free(pieces.state);
        free(once.state);
    }
}

int main(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_alarms__a_raise_has_the_instant_it_fell_due_however_late_time_is),
        cmocka_unit_test(test_alarms__no_resets_both_timers),
        cmocka_unit_test(test_alarms__unknown_pauses_both_timers),
        cmocka_unit_test(test_alarms__unknown_at_the_same_instant_keeps_the_onset),
        cmocka_unit_test(test_alarms__event_time_that_jumps_raises_at_the_vote),
        cmocka_unit_test(test_alarms__a_clock_set_back_loses_no_time_afterwards),
        cmocka_unit_test(test_alarms__a_clock_set_back_in_a_run_loses_none_of_it),
        cmocka_unit_test(test_alarms__without_delays_a_vote_is_enough),
        cmocka_unit_test(test_alarms__conditions_that_overlap_neither_flap_nor_hang),
        cmocka_unit_test(test_alarms__clearing_out_of_unknown_ends_the_run),
        cmocka_unit_test(test_alarms__severity_follows_the_votes_while_it_holds),
        cmocka_unit_test(test_alarms__an_unsure_severity_changes_none),
        cmocka_unit_test(test_alarms__a_return_that_does_not_last_changes_nothing),
        cmocka_unit_test(test_alarms__a_person_moves_an_alarm_by_the_table),
        cmocka_unit_test(test_alarms__a_condition_under_way_when_it_is_closed_raises_another),
        cmocka_unit_test(test_alarms__what_is_set_aside_comes_back),
        cmocka_unit_test(test_alarms__what_grows_more_severe_is_no_longer_set_aside),
        cmocka_unit_test(test_alarms__a_reload_carries_states_and_closes_what_is_gone),
        cmocka_unit_test(test_alarms__the_id_is_the_cause),
        cmocka_unit_test(test_alarms__time_in_pieces_is_time_at_once),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
