#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filings/filings.h"
#include "tests/unit/check.h"
#include "validators/registry_csv.h"

#define NOW_MS INT64_C(1788192000000) /* 2026-09-01T00:00:00+08:00 */

/* Two firms of one town, a third elsewhere. */
struct scene {
    struct registry registry;
    struct filing_book *book;
    struct filing_outcome outcome;
    char result[FILING_RESULT_SIZE];
    int64_t now_ms;
};

/* A table of the registry's bundle; its size is counted here. */
static void add_table(struct text *bundle, const char *name, const char *rows)
{
    text_add(bundle, "--- ");
    text_add(bundle, name);
    text_add_byte(bundle, ' ');
    text_add_int(bundle, (int64_t)strlen(rows));
    text_add_byte(bundle, '\n');
    text_add(bundle, rows);
    text_add_byte(bundle, '\n');
}

static void load(struct registry *registry, const char *enterprises, const char *equipment)
{
    char space[4096];
    struct text bundle = text_in(space, sizeof space);
    struct report report = {0};
    add_table(&bundle, "area.csv", "area\n140581\n");
    add_table(&bundle, "devices.csv",
        "mn,name,kind,enterprise,format,interval_s\nM1,meter,electricity,E1,senml,10\n");
    add_table(&bundle, "enterprises.csv", enterprises);
    add_table(&bundle, "equipment.csv", equipment);
    add_table(&bundle, "linkages.csv",
        "linkage,enterprise,role,equipment\nL1,E1,production,F1\nL1,E1,treatment,T1\n");
    add_table(&bundle, "outlets.csv", "outlet,name,enterprise\nO1,stack,E1\n");
    assert_int_equal(STATUS_OK, registry_parse(text_slice(&bundle), registry, &report));
    report_free(&report);
}

static const char ENTERPRISES[] = "enterprise,name,town\nE1,a,north\nE2,b,north\nE3,c,south\n";
static const char EQUIPMENT[] =
    "equipment,name,enterprise\nF1,furnace,E1\nT1,filter,E1\nG2,furnace,E2\n";

static struct scene begin(void)
{
    struct scene scene = {.now_ms = NOW_MS};
    load(&scene.registry, ENTERPRISES, EQUIPMENT);
    scene.book = calloc(1, filing_book_size(&scene.registry));
    assert_non_null(scene.book);
    filings_lay_out(&scene.registry, scene.book);
    return scene;
}

static void end(struct scene *scene)
{
    free(scene->book);
    registry_free(&scene->registry);
}

/* user: of the bureau; an MN or enterprise with a plus before it: a plant. The payload from an exact heap copy. */
static const char *tell(struct scene *scene, const char *user, const char *payload)
{
    static char name[40];
    size_t size = strlen(payload);
    char *copy = malloc(size + 1);
    struct text result = text_in(scene->result, sizeof scene->result - 1);
    struct filing_source source = {
        .name = slice_of(user[0] == '+' ? user + 1 : user),
        .teller = user[0] == '+' ? FILING_BY_PLANT : FILING_BY_BUREAU,
        .wall = {scene->now_ms},
    };
    assert_non_null(copy);
    memcpy(copy, payload, size);
    scene->outcome =
        filings_obey(&scene->registry, scene->book, &source, slice_from(copy, size), &result);
    free(copy);
    scene->result[result.size] = '\0';
    const char *said = strstr(scene->result, "\"result\":\"");
    assert_non_null(said);
    snprintf(name, sizeof name, "%.*s", (int)strcspn(said + 10, "\""), said + 10);
    return name;
}

static void test_filings__what_is_taken_and_what_not(void **unused)
{
    (void)unused;
    static const struct {
        const char *user, *payload, *want;
    } ROWS[] = {
        {"+M1", "{\"id\":\"a\",\"kind\":\"repair\",\"to\":\"2026-09-01T08:00:00+08:00\"}", "taken"},
        {"+E1", "{\"id\":\"a\",\"kind\":\"repair\",\"to\":\"2026-09-01T08:00:00+08:00\"}",
            "repeated"},
        {"+E1", "{\"id\":\"a\",\"kind\":\"repair\",\"to\":\"2026-09-01T09:00:00+08:00\"}",
            "superseded"},
        {"+E1",
            "{\"id\":\"a\",\"kind\":\"repair\",\"from\":\"2026-09-01T00:00:00+08:00\",\"to\":"
            "\"2026-09-01T09:00:00+08:00\"}",
            "repeated"}, /* without `from` it begins when it was told first */
        {"+E2", "{\"id\":\"a\",\"kind\":\"repair\",\"to\":\"2026-09-01T08:00:00+08:00\"}", "taken"},
        {"+M1", "{\"id\":\"b\",\"kind\":\"repair\"}", "no-end"},
        {"+M1", "{\"id\":\"b\",\"kind\":\"repairs\",\"to\":\"2026-09-01T08:00:00+08:00\"}",
            "no-such-kind"},
        {"+M9", "{\"id\":\"b\",\"kind\":\"cleaned\"}", "no-such-plant"},
        {"+M1", "{\"id\":\"b\",\"kind\":\"halt\"}", "not-yours"},
        {"+M1", "{\"id\":\"b\",\"kind\":\"cleaned\",\"equipment\":\"T1\"}", "taken"},
        {"+M1", "{\"id\":\"c\",\"kind\":\"cleaned\",\"equipment\":\"G2\"}", "not-of-plant"},
        {"+M1", "{\"id\":\"c\",\"kind\":\"cleaned\",\"equipment\":\"Z9\"}", "no-such-subject"},
        {"+M1", "{\"id\":\"c\",\"kind\":\"cleaned\",\"equipment\":\"T1\",\"linkage\":\"L1\"}",
            "no-such-subject"},
        {"+M1", "{\"id\":\"c\",\"kind\":\"cleaned\",\"area\":\"140581\"}", "not-of-plant"},
        {"+M1", "{\"id\":\"c\",\"kind\":\"cleaned\",\"from\":\"2026-09-01T00:05:00+08:00\"}",
            "taken"},
        {"+M1", "{\"id\":\"d\",\"kind\":\"cleaned\",\"from\":\"2026-09-01T00:05:01+08:00\"}",
            "bad-time"},
        {"+M1", "{\"id\":\"d\",\"kind\":\"cleaned\",\"from\":\"2025-08-30T00:00:00+08:00\"}",
            "bad-time"},
        {"+M1", "{\"id\":\"d\",\"kind\":\"cleaned\",\"from\":\"yesterday\"}", "bad-filing"},
        {"+M1", "{\"id\":\"d\",\"kind\":\"test\",\"to\":\"2026-09-01T00:00:00+08:00\"}",
            "bad-time"},
        {"+M1", "{\"id\":\"d e\",\"kind\":\"cleaned\"}", "bad-filing"},
        {"+M1", "{\"id\":\"d\",\"kind\":\"cleaned\",\"action\":\"burn\"}", "bad-filing"},
        {"+M1", "{\"id\":\"d\",\"kind\":\"cleaned\"", "bad-filing"},
        {"+M1", "{\"id\":\"d\",\"kind\":\"cleaned\",\"number\":1}", "bad-number"},
        {"li", "{\"id\":\"d\",\"kind\":\"limit\",\"enterprise\":\"E1\"}", "bad-number"},
        {"li", "{\"id\":\"d\",\"kind\":\"limit\",\"enterprise\":\"E1\",\"number\":101}",
            "bad-number"},
        {"li", "{\"id\":\"d\",\"kind\":\"limit\",\"enterprise\":\"E1\",\"number\":\"50\"}",
            "bad-number"},
        {"li", "{\"id\":\"d\",\"kind\":\"limit\",\"enterprise\":\"E1\",\"number\":100}", "taken"},
        {"li", "{\"id\":\"e\",\"kind\":\"halt\"}", "no-such-subject"},
        {"li", "{\"id\":\"e\",\"kind\":\"halt\",\"town\":\"north\"}", "taken"},
        {"li", "{\"id\":\"f\",\"kind\":\"halt\",\"town\":\"nowhere\"}", "no-such-subject"},
        {"li", "{\"id\":\"a\",\"action\":\"withdraw\"}", "no-such-filing"},
        {"li", "{\"id\":\"a\",\"action\":\"withdraw\",\"by\":\"plant:E1\"}", "withdrawn"},
        {"+M1", "{\"id\":\"b\",\"action\":\"withdraw\",\"by\":\"li\"}", "withdrawn"}, /* its own */
        {"+M1", "{\"id\":\"a\",\"kind\":\"repair\",\"to\":\"2026-09-01T08:00:00+08:00\"}", "gone"},
    };
    struct scene scene = begin();
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_string_equal(ROWS[i].want, tell(&scene, ROWS[i].user, ROWS[i].payload));
    }
    assert_int_equal(6, scene.book->count);
    end(&scene);
}

/* Of this kind, asked at an instant: who told it, or "". */
static const char *in_force(
    const struct scene *scene, enum filing_kind kind, struct filing_place place, int64_t at_ms)
{
    static char id[FILING_ID_SIZE + 1];
    struct filing_view view = filing_in_force(scene->book, &scene->registry, kind, &place, at_ms);
    if (view.filing == NULL) {
        return "";
    }
    uint32_t index = (uint32_t)(view.filing - filing_at(scene->book, 0));
    snprintf(id, sizeof id, "%.*s", view.filing->id_size, filing_words_at(scene->book, index)->id);
    return id;
}

/* E1 is the first enterprise, F1 and T1 the first equipment, in linkage L1. */
static const struct filing_place OF_E1 = {0, NONE, NONE, NONE, NONE};
static const struct filing_place OF_E2 = {1, NONE, NONE, NONE, NONE};
static const struct filing_place OF_E3 = {2, NONE, NONE, NONE, NONE};
static const struct filing_place OF_L1 = {0, NONE, 0, NONE, NONE};
static const struct filing_place OF_F1 = {0, NONE, 0, 0, NONE};

static void test_filings__the_closest_decides_and_of_these_the_last(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    tell(&scene, "li", "{\"id\":\"area\",\"kind\":\"limit\",\"area\":\"140581\",\"number\":80}");
    tell(&scene, "li", "{\"id\":\"town\",\"kind\":\"limit\",\"town\":\"north\",\"number\":70}");
    assert_string_equal("town", in_force(&scene, FILING_LIMIT, OF_E1, NOW_MS));
    assert_string_equal("town", in_force(&scene, FILING_LIMIT, OF_E2, NOW_MS));
    assert_string_equal("area", in_force(&scene, FILING_LIMIT, OF_E3, NOW_MS));
    tell(&scene, "li", "{\"id\":\"e1\",\"kind\":\"limit\",\"enterprise\":\"E1\",\"number\":50}");
    tell(&scene, "wang", "{\"id\":\"e1b\",\"kind\":\"limit\",\"enterprise\":\"E1\",\"number\":60}");
    assert_string_equal("e1b", in_force(&scene, FILING_LIMIT, OF_E1, NOW_MS));
    tell(&scene, "li", "{\"id\":\"t1\",\"kind\":\"limit\",\"equipment\":\"T1\",\"number\":10}");
    assert_string_equal("e1b", in_force(&scene, FILING_LIMIT, OF_E1, NOW_MS));
    assert_string_equal("t1", in_force(&scene, FILING_LIMIT, OF_L1, NOW_MS));
    assert_string_equal("", in_force(&scene, FILING_HALT, OF_L1, NOW_MS));
    end(&scene);
}

static void test_filings__hold_from_their_first_instant_to_before_their_last(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    tell(&scene, "+M1",
        "{\"id\":\"r\",\"kind\":\"repair\",\"from\":\"2026-09-01T01:00:00+08:00\",\"to\":"
        "\"2026-09-01T02:00:00+08:00\"}");
    assert_string_equal("", in_force(&scene, FILING_REPAIR, OF_F1, NOW_MS + HOUR_MS - 1));
    assert_string_equal("r", in_force(&scene, FILING_REPAIR, OF_F1, NOW_MS + HOUR_MS));
    assert_string_equal("r", in_force(&scene, FILING_REPAIR, OF_F1, NOW_MS + 2 * HOUR_MS - 1));
    assert_string_equal("", in_force(&scene, FILING_REPAIR, OF_F1, NOW_MS + 2 * HOUR_MS));
    struct filing_view ahead =
        filing_in_force(scene.book, &scene.registry, FILING_REPAIR, &OF_F1, NOW_MS);
    assert_int_equal(NOW_MS + HOUR_MS, ahead.turns_ms);
    assert_null(filing_last(scene.book, &scene.registry, FILING_REPAIR, &OF_F1, NOW_MS));
    scene.now_ms = NOW_MS + HOUR_MS + 1;
    assert_string_equal("withdrawn", tell(&scene, "+M1", "{\"id\":\"r\",\"action\":\"withdraw\"}"));
    assert_int_equal(0, scene.outcome.enterprise);
    assert_string_equal("r", in_force(&scene, FILING_REPAIR, OF_F1, NOW_MS + HOUR_MS));
    assert_string_equal("", in_force(&scene, FILING_REPAIR, OF_F1, NOW_MS + HOUR_MS + 1));
    assert_null(
        filing_last(scene.book, &scene.registry, FILING_REPAIR, &OF_F1, NOW_MS + 3 * HOUR_MS));
    end(&scene);
}

static void test_filings__records_are_told_by_the_last(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    tell(&scene, "li",
        "{\"id\":\"1\",\"kind\":\"manual-comparison\",\"mn\":\"M1\",\"number\":12.5,\"from\":"
        "\"2026-08-31T10:00:00+08:00\"}");
    tell(&scene, "li",
        "{\"id\":\"2\",\"kind\":\"manual-comparison\",\"mn\":\"M1\",\"number\":31,\"from\":"
        "\"2026-08-30T10:00:00+08:00\"}");
    struct filing_place device = {0, NONE, NONE, NONE, 0};
    const struct filing *last =
        filing_last(scene.book, &scene.registry, FILING_COMPARISON, &device, NOW_MS);
    assert_non_null(last);
    assert_true(last->number == 0.125);
    assert_int_equal(NOW_MS - 14 * HOUR_MS, last->to_ms);
    end(&scene);
}

static void test_filings__a_plant_that_tells_much_forgets_its_own(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    char payload[200];
    for (int i = 0; i < FILINGS_OF_PLANT_MAX; i++) {
        snprintf(payload, sizeof payload,
            "{\"id\":\"%d\",\"kind\":\"test\",\"from\":\"2026-09-02T00:00:00+08:00\",\"to\":"
            "\"2026-09-03T00:00:00+08:00\"}",
            i);
        assert_string_equal("taken", tell(&scene, "+M1", payload));
    }
    assert_string_equal("full", tell(&scene, "+M1", "{\"id\":\"x\",\"kind\":\"cleaned\"}"));
    assert_string_equal("taken", tell(&scene, "+E2", "{\"id\":\"x\",\"kind\":\"cleaned\"}"));
    scene.now_ms += 2 * DAY_MS;
    assert_string_equal("taken", tell(&scene, "+M1", "{\"id\":\"x\",\"kind\":\"cleaned\"}"));
    assert_int_equal(FILINGS_OF_PLANT_MAX + 1, scene.book->count);
    end(&scene);
}

/* 268 places: what is in force stays, what is over goes, the oldest first. */
static void test_filings__at_capacity_only_what_is_over_makes_room(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    char payload[200];
    tell(&scene, "li", "{\"id\":\"done\",\"kind\":\"seal\",\"enterprise\":\"E1\",\"number\":7}");
    for (uint32_t i = 1; i < scene.book->capacity; i++) {
        snprintf(payload, sizeof payload, "{\"id\":\"%u\",\"kind\":\"%s\",\"enterprise\":\"E1\"}",
            i, i % 2 == 0 ? "halt" : "exemption");
        assert_string_equal("taken", tell(&scene, "li", payload));
    }
    assert_string_equal(
        "taken", tell(&scene, "li", "{\"id\":\"a\",\"kind\":\"halt\",\"enterprise\":\"E2\"}"));
    assert_null(filing_last(scene.book, &scene.registry, FILING_SEAL, &OF_E1, NOW_MS));
    assert_string_equal(
        "full", tell(&scene, "li", "{\"id\":\"b\",\"kind\":\"halt\",\"enterprise\":\"E2\"}"));
    assert_string_equal("a", in_force(&scene, FILING_HALT, OF_E2, NOW_MS));
    for (uint32_t kind = 0; kind < FILING_KIND_COUNT; kind++) {
        for (uint32_t i = scene.book->first[kind]; i < scene.book->first[kind + 1]; i++) {
            assert_int_equal(kind, filing_at(scene.book, i)->kind);
        }
    }
    end(&scene);
}

static void test_filings__find_their_subject_in_another_registry(void **unused)
{
    (void)unused;
    struct scene scene = begin();
    tell(&scene, "li", "{\"id\":\"t\",\"kind\":\"halt\",\"town\":\"south\"}");
    tell(&scene, "li", "{\"id\":\"g\",\"kind\":\"retired\",\"equipment\":\"G2\"}");
    struct registry without, again;
    load(&without, "enterprise,name,town\nE3,c,south\nE1,a,north\n",
        "equipment,name,enterprise\nF1,furnace,E1\nT1,filter,E1\n");
    load(&again, ENTERPRISES, "equipment,name,enterprise\nF1,f,E1\nG2,g,E2\nT1,t,E1\n");
    struct filing_book *between = calloc(1, filing_book_size(&without));
    struct filing_book *last = calloc(1, filing_book_size(&again));
    assert_true(between != NULL && last != NULL);
    filings_lay_out(&without, between);
    filings_lay_out(&again, last);
    filings_carry(&scene.registry, scene.book, &without, between, NOW_MS);
    assert_int_equal(2, between->count);
    struct filing_place first = {0, NONE, NONE, NONE, NONE}; /* E3, of the south */
    assert_non_null(filing_in_force(between, &without, FILING_HALT, &first, NOW_MS).filing);
    filings_carry(&without, between, &again, last, NOW_MS);
    struct filing_place second = {1, NONE, NONE, 1, NONE};
    assert_non_null(filing_in_force(last, &again, FILING_RETIRED, &second, NOW_MS).filing);
    assert_null(filing_in_force(last, &again, FILING_HALT, &second, NOW_MS).filing);
    free(between);
    free(last);
    registry_free(&without);
    registry_free(&again);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filings__what_is_taken_and_what_not),
        cmocka_unit_test(test_filings__the_closest_decides_and_of_these_the_last),
        cmocka_unit_test(test_filings__hold_from_their_first_instant_to_before_their_last),
        cmocka_unit_test(test_filings__records_are_told_by_the_last),
        cmocka_unit_test(test_filings__a_plant_that_tells_much_forgets_its_own),
        cmocka_unit_test(test_filings__at_capacity_only_what_is_over_makes_room),
        cmocka_unit_test(test_filings__find_their_subject_in_another_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
