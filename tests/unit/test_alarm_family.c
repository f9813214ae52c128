#include "core/hash.h"
#include "tests/unit/alarm_scene.h"

/* One outage and a thousand devices that stand under it; the last instance stands under nobody. */
enum { OUTAGE = 0, DEVICES = 1000, LONER = DEVICES + 1, COUNT = DEVICES + 2 };

static const uint32_t PARENTS[] = {OUTAGE};

struct county {
    struct arena arena;
    struct instance instances[COUNT];
    const struct instance *list[COUNT];
    struct alarm_table table;
    struct scene scene;
};

static struct county *county_new(void)
{
    struct county *county = calloc(1, sizeof *county);
    assert_non_null(county);
    for (uint32_t i = 0; i < COUNT; i++) {
        struct instance *instance = &county->instances[i];
        *instance = (struct instance){.rule = slice_of(i == OUTAGE ? "outage" : "offline"),
            .subject = slice_from(&instance->fingerprint, sizeof instance->fingerprint),
            .clear_after_ms = 300 * SECOND_MS,
            .fingerprint = i + 1,
            .name_hash = i + 1};
        if (i != OUTAGE && i != LONER) {
            instance->parents = PARENTS;
            instance->parent_count = 1;
        }
        county->list[i] = instance;
    }
    county->table = alarm_table_new(county->list, COUNT, slice_of("140581"), &county->arena);
    county->scene = begin_on(&county->table);
    county->scene.in_full = true;
    return county;
}

static void county_free(struct county *county)
{
    free(county->scene.state);
    arena_free(&county->arena);
    free(county);
}

static void say(struct county *county, uint32_t instance, double at, enum tri when)
{
    struct step step = {at, at, VOTE, when, when == TRI_NO ? TRI_YES : TRI_NO, 0, NULL};
    county->scene.said[0] = '\0';
    vote_on(&county->scene, instance, &step);
}

static void carried(struct county *county, double at)
{
    alarms_carried(&county->table, county->scene.state, (int64_t)((at + HUB_0) * SECOND_MS), hear,
        &county->scene);
}

static void pass_until(struct county *county, double at)
{
    county->scene.said[0] = '\0';
    alarms_time(&county->table, county->scene.state, (int64_t)((at + HUB_0) * SECOND_MS), hear,
        &county->scene);
}

static struct alarm_view view_of(const struct county *county, uint32_t instance)
{
    return alarms_view(&county->table, county->scene.state, instance);
}

/* Work for an officer: open, and not held back. */
static uint32_t work(const struct county *county)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        struct alarm_view view = view_of(county, i);
        count += alarm_state_open(view.state) && !view.held_back;
    }
    return count;
}

static void test_family__what_a_parent_explains_is_not_announced(void **unused)
{
    (void)unused;
    struct county *county = county_new();
    say(county, OUTAGE, 0, TRI_YES);
    char parent[ALARM_ID_SIZE + 1];
    memcpy(parent, county->scene.alarm, sizeof parent);
    say(county, 1, 5, TRI_YES);
    assert_string_equal(
        "1 pending>active-unack S2 at 5 onset 5 lasted 0 suppressed quiet\n", county->scene.said);
    say(county, LONER, 5, TRI_YES);
    assert_string_equal("1 pending>active-unack S2 at 5 onset 5 lasted 0\n", county->scene.said);
    assert_int_equal(2, work(county));
    county_free(county);
}

/* The child was told before its parent: one word that it is suppressed, so that it leaves the desk. */
static void test_family__a_parent_that_comes_later_takes_its_children(void **unused)
{
    (void)unused;
    struct county *county = county_new();
    say(county, 1, 0, TRI_YES);
    say(county, 2, 1000, TRI_YES);
    say(county, OUTAGE, 1001, TRI_YES);
    assert_string_equal("1 pending>active-unack S2 at 1001 onset 1001 lasted 0\n"
                        "2 active-unack>active-unack S2 at 1001 onset 1000 lasted 1: suppressed "
                        "suppressed\n",
        county->scene.said); /* what began 1,001 s before has another cause */
    county_free(county);
}

static void test_family__what_somebody_has_taken_up_stays_his(void **unused)
{
    (void)unused;
    static const struct order SEEN = {1, ALARM_ACKNOWLEDGE, -1, "", 0, ALARM_ANSWER_DONE,
        "2 active-unack>active-ack S2 at 1 onset 0 lasted 1\n"};
    struct county *county = county_new();
    say(county, 1, 0, TRI_YES);
    obey(&county->scene, county->scene.alarm, &SEEN, 1);
    say(county, OUTAGE, 2, TRI_YES);
    assert_false(view_of(county, 1).held_back);
    county_free(county);
}

/* At the parent's end: what holds is told, what is clearing is waited for, what is over lapses. */
static void test_family__children_are_looked_at_again_when_the_parent_is_over(void **unused)
{
    (void)unused;
    struct county *county = county_new();
    say(county, OUTAGE, 0, TRI_YES);
    for (uint32_t i = 1; i <= 4; i++) {
        say(county, i, 1, TRI_YES);
    }
    say(county, 1, 100, TRI_NO);
    say(county, OUTAGE, 200, TRI_NO);
    say(county, 2, 300, TRI_NO);
    say(county, 4, 400, TRI_UNKNOWN);
    pass_until(county, 499);
    assert_int_equal(ALARM_CLEARED_UNACK, view_of(county, 1).state);
    assert_true(view_of(county, 1).held_back);
    pass_until(county, 500);
    assert_string_equal(
        "2 active-unack>cleared-unack S2 at 500 onset 0 lasted 500\n"
        "3 cleared-unack>closed S2 at 500 onset 1 lasted 399: lapsed suppressed quiet\n"
        "2 active-unack>active-unack S2 at 500 onset 1 lasted 499: parent-over\n"
        "2 active-unack>active-unack S2 at 500 onset 1 lasted 499: parent-over\n",
        county->scene.said);
    pass_until(county, 600);
    assert_string_equal(
        "2 active-unack>cleared-unack S2 at 600 onset 1 lasted 599 suppressed quiet\n"
        "3 cleared-unack>closed S2 at 600 onset 1 lasted 599: lapsed suppressed quiet\n",
        county->scene.said);
    assert_int_equal(3, work(county)); /* the outage itself, and the two that stay away */
    county_free(county);
}

/* At one instant, whichever is asked first: one case. */
static void test_family__parent_and_child_at_once_are_one_case(void **unused)
{
    (void)unused;
    for (uint32_t first = OUTAGE; first <= 1; first++) {
        struct county *county = county_new();
        say(county, first, 0, TRI_YES);
        say(county, 1 - first, 0, TRI_YES);
        assert_int_equal(1, work(county));
        assert_true(view_of(county, 1).held_back);
        county_free(county);
    }
}

/* One message ends both: the child that is asked after its parent is not told for the blink between. */
static void test_family__parent_and_child_that_end_at_once_end_as_one(void **unused)
{
    (void)unused;
    for (uint32_t first = OUTAGE; first <= 1; first++) {
        struct county *county = county_new();
        county->instances[OUTAGE].clear_after_ms = 0;
        county->instances[1].clear_after_ms = 0;
        say(county, OUTAGE, 0, TRI_YES);
        say(county, 1, 0, TRI_YES);
        say(county, 2, 0, TRI_YES);
        uint32_t told = county->scene.announced;
        say(county, first, 60, TRI_NO);
        say(county, 1 - first, 60, TRI_NO);
        assert_int_equal(told + 1, county->scene.announced); /* the parent is over */
        pass_until(county, 60);
        assert_int_equal(ALARM_CLOSED, view_of(county, 1).state);
        assert_non_null(strstr(county->scene.said, ": parent-over\n")); /* the other stays away */
        assert_int_equal(2, work(county));
        county_free(county);
    }
}

static void test_family__a_parent_that_nobody_hears_of_explains_nothing(void **unused)
{
    (void)unused;
    static const struct order OUT = {
        1, ALARM_OUT_OF_SERVICE, -1, "w-17", 0, ALARM_ANSWER_DONE, NULL};
    struct county *county = county_new();
    say(county, OUTAGE, 0, TRI_YES);
    char parent[ALARM_ID_SIZE + 1];
    memcpy(parent, county->scene.alarm, sizeof parent);
    say(county, 1, 0, TRI_YES);
    assert_int_equal(ALARM_ANSWER_DONE, give(&county->scene, parent, &OUT));
    pass_until(county, 1);
    assert_non_null(strstr(county->scene.said, "parent-over"));
    say(county, 2, 2, TRI_YES);
    assert_int_equal(2, work(county));
    county_free(county);
}

/* A thousand devices are away at once, and come back at once: one alarm, whatever the order. */
static void test_family__a_thousand_at_once_are_one(void **unused)
{
    (void)unused;
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct county *county = county_new();
        uint32_t order[COUNT - 1];
        for (uint32_t i = 0; i < COUNT - 1; i++) {
            uint64_t chance = hash64(slice_from(&(uint64_t){seed * COUNT + i}, sizeof seed));
            uint32_t at = (uint32_t)(chance % (i + 1));
            order[i] = order[at];
            order[at] = i;
        }
        for (uint32_t i = 0; i < COUNT - 1; i++) {
            say(county, order[i], (double)i / COUNT, TRI_YES);
        }
        assert_int_equal(1, work(county));
        assert_true(alarm_state_open(view_of(county, OUTAGE).state));
        for (uint32_t i = 0; i < COUNT - 1; i++) {
            say(county, order[i], 3600 + (double)i / COUNT, TRI_NO);
        }
        uint32_t told = county->scene.announced;
        pass_until(county, 4000);
        assert_int_equal(1, work(county));
        assert_int_equal(ALARM_CLEARED_UNACK, view_of(county, OUTAGE).state);
        for (uint32_t i = 1; i <= DEVICES; i++) {
            assert_int_equal(ALARM_CLOSED, view_of(county, i).state);
        }
        assert_true(county->scene.announced >= told);
        county_free(county);
    }
}

/* A reload without the parent's rule: its children stand for themselves. */
static void test_family__a_reload_keeps_parents_and_frees_orphans(void **unused)
{
    (void)unused;
    struct county *county = county_new(), *same = county_new(), *fewer = county_new();
    say(county, OUTAGE, 0, TRI_YES);
    say(county, 1, 1, TRI_YES);
    alarms_carry(&county->table, county->scene.state, &same->table, same->scene.state,
        (HUB_0 + 2) * SECOND_MS, hear, &same->scene);
    carried(same, 2);
    assert_string_equal("", same->scene.said);
    assert_true(view_of(same, 1).held_back);
    fewer->instances[OUTAGE].fingerprint = 99999;
    fewer->instances[OUTAGE].name_hash = 99999;
    fewer->table = alarm_table_new(fewer->list, COUNT, slice_of("140581"), &fewer->arena);
    alarms_carry(&same->table, same->scene.state, &fewer->table, fewer->scene.state,
        (HUB_0 + 3) * SECOND_MS, hear, &fewer->scene);
    carried(fewer, 3);
    assert_string_equal("2 active-unack>closed S2 at 3 onset 0 lasted 3: rule-removed\n"
                        "2 active-unack>active-unack S2 at 3 onset 1 lasted 2: parent-over\n",
        fewer->scene.said);
    county_free(county);
    county_free(same);
    county_free(fewer);
}

static void hear_parent(void *context, const struct transition *transition)
{
    memcpy(context, transition->parent, sizeof transition->parent);
}

/* A reload numbers instances anew: a child that it takes away names its parent by the old numbers, one that stays
 * by the new. */
static void test_family__a_reload_that_numbers_anew_names_the_same_parent(void **unused)
{
    (void)unused;
    enum { GONE = 1, STAYS = 2, MOVED = 7 };
    struct county *county = county_new(), *turned = county_new();
    char parent[ALARM_ID_SIZE + 1], named[ALARM_ID_SIZE + 1] = "";
    say(county, OUTAGE, 0, TRI_YES);
    memcpy(parent, county->scene.alarm, sizeof parent);
    say(county, GONE, 1, TRI_YES);
    say(county, STAYS, 1, TRI_YES);
    const struct instance swap = turned->instances[OUTAGE];
    turned->instances[OUTAGE] = turned->instances[MOVED];
    turned->instances[MOVED] = swap;
    for (uint32_t i = 0; i < COUNT; i++) { /* a subject goes with its instance */
        struct instance *moved = &turned->instances[i];
        moved->subject = slice_from(&moved->fingerprint, sizeof moved->fingerprint);
    }
    turned->instances[GONE].fingerprint = 99999;
    turned->instances[OUTAGE].parents = turned->instances[STAYS].parents = &(uint32_t){MOVED};
    turned->table = alarm_table_new(turned->list, COUNT, slice_of("140581"), &turned->arena);
    county->instances[OUTAGE].clear_after_ms = 0;
    say(county, OUTAGE, 2, TRI_NO); /* its children are to be looked at again */
    alarms_carry(&county->table, county->scene.state, &turned->table, turned->scene.state,
        (HUB_0 + 2) * SECOND_MS, hear_parent, named);
    assert_string_equal(parent, named);
    named[0] = '\0';
    alarms_carried(
        &turned->table, turned->scene.state, (HUB_0 + 2) * SECOND_MS, hear_parent, named);
    assert_string_equal(parent, named);
    assert_false(view_of(turned, STAYS).held_back);
    county_free(county);
    county_free(turned);
}

/* The same rule and subject in another linkage is commissioned anew. */
static void test_family__a_changed_linkage_is_in_shadow(void **unused)
{
    (void)unused;
    struct county *county = county_new(), *changed = county_new();
    say(county, LONER, 0, TRI_YES);
    changed->instances[LONER].linkage_hash = 5;
    changed->instances[LONER].fingerprint = 99999;
    changed->table = alarm_table_new(changed->list, COUNT, slice_of("140581"), &changed->arena);
    alarms_carry(&county->table, county->scene.state, &changed->table, changed->scene.state,
        (HUB_0 + 3) * SECOND_MS, hear, &changed->scene);
    carried(changed, 3);
    say(changed, LONER, 4, TRI_YES);
    assert_string_equal(
        "1 pending>active-unack S2 at 4 onset 4 lasted 0 shadow quiet\n", changed->scene.said);
    county_free(county);
    county_free(changed);
}

int main(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_family__what_a_parent_explains_is_not_announced),
        cmocka_unit_test(test_family__a_parent_that_comes_later_takes_its_children),
        cmocka_unit_test(test_family__what_somebody_has_taken_up_stays_his),
        cmocka_unit_test(test_family__children_are_looked_at_again_when_the_parent_is_over),
        cmocka_unit_test(test_family__parent_and_child_at_once_are_one_case),
        cmocka_unit_test(test_family__parent_and_child_that_end_at_once_end_as_one),
        cmocka_unit_test(test_family__a_parent_that_nobody_hears_of_explains_nothing),
        cmocka_unit_test(test_family__a_thousand_at_once_are_one),
        cmocka_unit_test(test_family__a_reload_keeps_parents_and_frees_orphans),
        cmocka_unit_test(test_family__a_reload_that_numbers_anew_names_the_same_parent),
        cmocka_unit_test(test_family__a_changed_linkage_is_in_shadow),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
