#include <string.h>

#include "schemas/topic.h"
#include "schemas/units.h"
#include "tests/unit/check.h"

static void test_topic__reads_the_tree_and_refuses_the_rest(void **unused)
{
    (void)unused;
    static const struct {
        const char *topic;
        enum topic_kind kind;
        const char *area, *name;
    } ROWS[] = {
        {"ems/v1/140581/010000A8900016F000169DC0/up/hj212", TOPIC_UP_HJ212, "140581",
            "010000A8900016F000169DC0"},
        {"ems/v1/140581/M1/up/senml", TOPIC_UP_SENML, "140581", "M1"},
        {"ems/v1/140581/new/user-1/up/hj212", TOPIC_NEW_UP_HJ212, "140581", "user-1"},
        {"ems/v1/140581/alarm/cmd/zhang", TOPIC_ALARM_CMD, "140581", "zhang"},
        {"ems/v1/140581/alarm/cmd/zhang/result", TOPIC_ALARM_CMD_RESULT, "140581", "zhang"},
        {"ems/v1/140581/alarm/open/0123", TOPIC_ALARM_OPEN, "140581", "0123"},
        {"ems/v1/140581/hub", TOPIC_HUB, "140581", ""},
        {"ems/v1/140581/hub/probe", TOPIC_HUB_PROBE, "140581", ""},
        {"ems/v1/14058/M1/up/hj212", TOPIC_UNKNOWN, "", ""},         /* 5 digits */
        {"ems/v1/1405811234567/M1/up/hj212", TOPIC_UNKNOWN, "", ""}, /* 13 digits */
        {"ems/v1/14058A/M1/up/hj212", TOPIC_UNKNOWN, "", ""},
        {"ems/v1/140581//up/hj212", TOPIC_UNKNOWN, "", ""},
        {"ems/v1/140581/M1/up/hj212/", TOPIC_UNKNOWN, "", ""},
        {"ems/v1/140581/M1/up/hj212/x", TOPIC_UNKNOWN, "", ""},
        {"ems/v1/140581/M1/up", TOPIC_UNKNOWN, "", ""},
        {"ems/v1/140581/M 1/up/hj212", TOPIC_UNKNOWN, "", ""},
        {"ems/v2/140581/M1/up/hj212", TOPIC_UNKNOWN, "", ""},
        {"", TOPIC_UNKNOWN, "", ""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct topic topic = topic_parse(slice_of(ROWS[i].topic));
        assert_int_equal(ROWS[i].kind, topic.kind);
        assert_true(slice_is(topic.area, ROWS[i].area));
        assert_true(slice_is(topic.name, ROWS[i].name));
    }
}

static void test_topic__every_kind_reads_back_as_written(void **unused)
{
    (void)unused;
    for (int kind = TOPIC_UNKNOWN + 1; kind < TOPIC_COUNT; kind++) {
        char space[160];
        struct text text = text_in(space, sizeof space);
        topic_write(&text, (enum topic_kind)kind, slice_of("140581"), slice_of("M1"));
        assert_int_equal(kind, topic_parse(text_slice(&text)).kind);
    }
}

static void test_units__compare_only_what_is_alike(void **unused)
{
    (void)unused;
    const struct unit *kw = unit_find(slice_of("kW"));
    const struct unit *w = unit_find(slice_of("W"));
    const struct unit *kwh = unit_find(slice_of("kWh"));
    const struct unit *h = unit_find(slice_of("h"));
    const struct unit *c = unit_find(slice_of("degC"));
    assert_non_null(kw);
    assert_true(dimension_equal(kw->dimension, w->dimension));
    assert_false(dimension_equal(kw->dimension, c->dimension));
    assert_true(
        dimension_equal(kwh->dimension, dimension_multiply(kw->dimension, h->dimension, 1)));
    assert_true(
        dimension_equal(kw->dimension, dimension_multiply(kwh->dimension, h->dimension, -1)));
    assert_true(kwh->scale == kw->scale * h->scale);
    assert_null(unit_find(slice_of("furlong")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_topic__reads_the_tree_and_refuses_the_rest),
        cmocka_unit_test(test_topic__every_kind_reads_back_as_written),
        cmocka_unit_test(test_units__compare_only_what_is_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
