#include <stdlib.h>

#include "alarms/tally.h"
#include "tests/unit/check.h"

/* Enterprise 0 has five instances, enterprise 1 one; the fifth asks of alarms itself, the sixth is no evidence. */
static const struct instance INSTANCES[] = {
    {.enterprise = 0, .evidence = EVIDENCE_GAS, .fingerprint = 1, .name_hash = 1},
    {.enterprise = 0, .evidence = EVIDENCE_GAS, .fingerprint = 2, .name_hash = 2},
    {.enterprise = 0, .evidence = EVIDENCE_POWER, .fingerprint = 3, .name_hash = 3},
    {.enterprise = 1, .evidence = EVIDENCE_VIDEO, .fingerprint = 4, .name_hash = 4},
    {.enterprise = 0, .asks_alarms = true, .fingerprint = 5, .name_hash = 5},
    {.enterprise = 0, .fingerprint = 6, .name_hash = 6},
};

enum {
    COUNT = sizeof INSTANCES / sizeof INSTANCES[0],
    GAS = 0,
    OTHER_GAS,
    POWER,
    VIDEO,
    ASKS,
    NONE_OF
};

struct desk {
    struct arena arena;
    const struct instance *list[COUNT];
    struct alarm_table table, late;
    struct enterprise enterprises[2];
    struct registry registry;
    struct alarm_tallies *tallies;
};

static struct desk *desk_new(void)
{
    struct desk *desk = calloc(1, sizeof *desk);
    for (size_t i = 0; i < COUNT; i++) {
        desk->list[i] = &INSTANCES[i];
    }
    desk->table = alarm_table_new(desk->list, COUNT, slice_of("140581"), &desk->arena);
    desk->late = desk->table;
    desk->late.late = true;
    desk->enterprises[0].id = slice_of("E0");
    desk->enterprises[1].id = slice_of("E1");
    desk->registry = (struct registry){.enterprises = desk->enterprises, .enterprise_count = 2};
    desk->registry.enterprise_by_id = table_new(&desk->arena, 2);
    for (uint32_t i = 0; i < 2; i++) {
        table_add(&desk->registry.enterprise_by_id, desk->enterprises[i].id, i);
    }
    desk->tallies = calloc(1, alarm_tallies_size(2, COUNT));
    alarm_tallies_lay_out(desk->tallies, &desk->registry, COUNT);
    return desk;
}

static void desk_free(struct desk *desk)
{
    free(desk->tallies);
    arena_free(&desk->arena);
    free(desk);
}

/* Minute 1000 is where the tests begin. */
static int64_t minute(double number)
{
    return (int64_t)((1000 + number) * MINUTE_MS);
}

static void tell(struct desk *desk, uint32_t instance, enum alarm_state to, int severity, double at)
{
    alarm_tallies_take(desk->tallies, &desk->table,
        &(struct transition){.instance = instance,
            .to = to,
            .graded = (enum severity)severity,
            .severity = SEVERITY_S1,
            .hub_ms = minute(at)});
}

static uint32_t raised(const struct desk *desk, int severity, double within, double at)
{
    return tally_raised(
        desk->tallies, (enum severity)severity, (int64_t)(within * MINUTE_MS), minute(at));
}

/* Kinds by their gravest: S1, S2, S3, as digits. */
static uint32_t evidence(const struct desk *desk, uint32_t enterprise, double within, double at)
{
    uint32_t digits = 0;
    for (int i = SEVERITY_S1; i <= SEVERITY_S3; i++) {
        digits = digits * 10 + tally_evidence(desk->tallies, enterprise, (enum severity)i,
                                   (int64_t)(within * MINUTE_MS), minute(at));
    }
    return digits;
}

static void test_tally__counts_what_comes_to_the_desk(void **unused)
{
    (void)unused;
    struct desk *desk = desk_new();
    tell(desk, GAS, ALARM_ACTIVE_UNACK, SEVERITY_S2, 0);
    tell(desk, GAS, ALARM_ACTIVE_ACK, SEVERITY_S2, 1); /* the same alarm */
    tell(desk, NONE_OF, ALARM_ACTIVE_UNACK, SEVERITY_S4, 2);
    tell(desk, ASKS, ALARM_ACTIVE_UNACK, SEVERITY_S1, 2); /* feeds nobody */
    assert_int_equal(1, raised(desk, SEVERITY_S3, 10, 2));
    assert_int_equal(2, raised(desk, SEVERITY_S4, 10, 2));
    tell(desk, GAS, ALARM_CLEARED_ACK, SEVERITY_S2, 3);
    tell(desk, GAS, ALARM_ACTIVE_UNACK, SEVERITY_S3, 4); /* it came again */
    assert_int_equal(2, raised(desk, SEVERITY_S3, 10, 9.9));
    assert_int_equal(1, raised(desk, SEVERITY_S3, 10, 10)); /* what was ten minutes ago is over */
    assert_int_equal(0, raised(desk, SEVERITY_S3, 10, 14));
    for (int i = 0; i < 3; i++) { /* an hour later nothing of the ring is left */
        tell(desk, POWER, ALARM_ACTIVE_UNACK, SEVERITY_S1, 70 + i);
        tell(desk, POWER, ALARM_CLEARED_UNACK, SEVERITY_S1, 70.5 + i);
    }
    assert_int_equal(3, raised(desk, SEVERITY_S4, 60, 72.9));
    desk_free(desk);
}

static void test_tally__what_is_set_aside_does_not_count(void **unused)
{
    (void)unused;
    struct desk *desk = desk_new();
    struct transition transition = {.instance = GAS,
        .to = ALARM_ACTIVE_UNACK,
        .graded = SEVERITY_S2,
        .hub_ms = minute(0),
        .suppressed = true};
    alarm_tallies_take(desk->tallies, &desk->table, &transition);
    assert_int_equal(0, raised(desk, SEVERITY_S4, 10, 0));
    assert_int_equal(0, evidence(desk, 0, 10, 0));
    transition.suppressed = false; /* its parent is over */
    alarm_tallies_take(desk->tallies, &desk->table, &transition);
    assert_int_equal(1, raised(desk, SEVERITY_S4, 10, 0));
    assert_int_equal(10, evidence(desk, 0, 10, 0));
    desk_free(desk);
}

static void test_tally__each_kind_of_evidence_is_as_grave_as_its_gravest(void **unused)
{
    (void)unused;
    struct desk *desk = desk_new();
    tell(desk, GAS, ALARM_ACTIVE_UNACK, SEVERITY_S3, 0);
    assert_int_equal(1, evidence(desk, 0, 10, 0));
    tell(desk, OTHER_GAS, ALARM_ACTIVE_UNACK, SEVERITY_S1, 1);
    assert_int_equal(100, evidence(desk, 0, 10, 1));
    tell(desk, POWER, ALARM_ACTIVE_UNACK, SEVERITY_S2, 2);
    assert_int_equal(110, evidence(desk, 0, 10, 2));
    assert_int_equal(0, evidence(desk, 1, 10, 2)); /* another firm's */
    tell(desk, VIDEO, ALARM_ACTIVE_UNACK, SEVERITY_S2, 2);
    assert_int_equal(10, evidence(desk, 1, 10, 2));
    tell(desk, OTHER_GAS, ALARM_CLEARED_UNACK, SEVERITY_S1, 5);
    assert_int_equal(
        110, evidence(desk, 0, 10, 15)); /* ten minutes after its end it is still known */
    assert_int_equal(11, evidence(desk, 0, 10, 15.1)); /* the other holds on, as long as it holds */
    assert_int_equal(11, evidence(desk, 0, 10, 5000));
    desk_free(desk);
}

static void test_tally__live_and_late_alarms_are_two(void **unused)
{
    (void)unused;
    struct desk *desk = desk_new();
    struct transition late = {
        .instance = GAS, .to = ALARM_ACTIVE_UNACK, .graded = SEVERITY_S2, .hub_ms = minute(0)};
    alarm_tallies_take(desk->tallies, &desk->late, &late);
    tell(desk, GAS, ALARM_ACTIVE_UNACK, SEVERITY_S2, 0);
    assert_int_equal(2, raised(desk, SEVERITY_S4, 10, 0));
    tell(desk, GAS, ALARM_CLOSED, SEVERITY_S2, 1);
    assert_int_equal(10, evidence(desk, 0, 1, 5000));
    desk_free(desk);
}

/* The new registry has the firms the other way round, and one alarm less. */
static void test_tally__a_reload_keeps_what_is_still_there(void **unused)
{
    (void)unused;
    struct desk *desk = desk_new(), *next = desk_new();
    tell(desk, GAS, ALARM_ACTIVE_UNACK, SEVERITY_S2, 0);
    tell(desk, POWER, ALARM_ACTIVE_UNACK, SEVERITY_S1, 1);
    static struct instance swapped[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        swapped[i] = INSTANCES[i];
        swapped[i].enterprise = 1 - INSTANCES[i].enterprise;
        swapped[i].fingerprint = i == POWER ? 99 : INSTANCES[i].fingerprint;
        next->list[i] = &swapped[i];
    }
    next->table = alarm_table_new(next->list, COUNT, slice_of("140581"), &next->arena);
    next->registry.enterprise_by_id = table_new(&next->arena, 2);
    for (uint32_t i = 0; i < 2; i++) {
        next->enterprises[i].id = desk->enterprises[1 - i].id;
        table_add(&next->registry.enterprise_by_id, next->enterprises[i].id, i);
    }
    tell(desk, POWER, ALARM_CLOSED, SEVERITY_S1, 2); /* its rule is gone */
    alarm_tallies_carry(
        &desk->registry, &desk->table, desk->tallies, &next->registry, &next->table, next->tallies);
    assert_int_equal(2, raised(next, SEVERITY_S4, 10, 3));
    assert_int_equal(110, evidence(next, 1, 10, 3));
    assert_int_equal(10, evidence(next, 1, 10, 5000)); /* and what holds holds on */
    tell(next, GAS, ALARM_CLOSED, SEVERITY_S2, 5000);
    assert_int_equal(0, evidence(next, 1, 10, 5011));
    desk_free(desk);
    desk_free(next);
}

int main(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_tally__counts_what_comes_to_the_desk),
        cmocka_unit_test(test_tally__what_is_set_aside_does_not_count),
        cmocka_unit_test(test_tally__each_kind_of_evidence_is_as_grave_as_its_gravest),
        cmocka_unit_test(test_tally__live_and_late_alarms_are_two),
        cmocka_unit_test(test_tally__a_reload_keeps_what_is_still_there),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
