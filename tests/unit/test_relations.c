#include "tests/unit/check.h"

#include <math.h>

#include "tests/unit/hj212_make.h"
#include "validators/decode.h"

/* Readings of one frame against each other: each boundary from both sides. */

#define MN "010000A8900016F000169DC0"

static struct decoder decoder;
static char bytes[FRAME_SIZE_MAX];

/* One device at an outlet with this reference oxygen. */
static const struct registry *outlet_with(double o2_reference)
{
    static struct device device;
    static struct outlet outlet;
    static struct registry registry;
    if (registry.device_count == 0) {
        registry.device_by_mn = table_new(&registry.arena, 1);
        device = (struct device){.mn = slice_of(MN), .outlet = 0, .edition = EDITION_2017};
        table_add(&registry.device_by_mn, device.mn, 0);
        registry.devices = &device;
        registry.device_count = 1;
        registry.outlets = &outlet;
        registry.outlet_count = 1;
    }
    outlet.o2_reference = o2_reference;
    return &registry;
}

static bool breaks(double o2_reference, const char *items, enum validity_rule rule)
{
    static char segment[2048];
    static uint32_t first[2];
    struct registry registry = *outlet_with(o2_reference);
    registry.device_signal_first = first;
    struct decode_context context = {.registry = &registry};
    snprintf(segment, sizeof segment,
        "QN=20260101000000001;ST=31;CN=2011;PW=123456;MN=" MN
        ";Flag=4;CP=&&DataTime=20260101000000;%s&&",
        items);
    decoder_begin(&decoder, &context, slice_from(bytes, frame_append(bytes, 0, segment)));
    assert_true(decoder_next(&decoder));
    return rule_set_has(&decoder.message.verdict.broken, rule);
}

/* C (21 - 9) / (21 - 15) = 2 C, within 2 % or 0.5. */
static void test_relations__a_converted_value_follows_from_the_oxygen(void **unused)
{
    (void)unused;
    static const struct {
        double o2_reference;
        const char *items;
        bool wrong;
    } ROWS[] = {
        {9, "a21026-Rtd=50,a21026-ZsRtd=100,a21026-Flag=N;a19001-Rtd=15,a19001-Flag=N", false},
        {9, "a19001-Rtd=15,a19001-Flag=N;a21026-Rtd=50,a21026-ZsRtd=102,a21026-Flag=N", false},
        {9, "a21026-Rtd=50,a21026-ZsRtd=102.1,a21026-Flag=N;a19001-Rtd=15,a19001-Flag=N", true},
        {9, "a21026-Rtd=50,a21026-ZsRtd=97.9,a21026-Flag=N;a19001-Rtd=15,a19001-Flag=N", true},
        {9, "a21026-Rtd=1,a21026-ZsRtd=2.5,a21026-Flag=N;a19001-Rtd=15,a19001-Flag=N", false},
        {9, "a21026-Rtd=1,a21026-ZsRtd=2.6,a21026-Flag=N;a19001-Rtd=15,a19001-Flag=N", true},
        {9, "a21026-Avg=50,a21026-ZsAvg=90,a21026-Flag=N;a19001-Avg=15,a19001-Flag=N", true},
        /* the mean is not compared with the moment */
        {9, "a21026-Avg=50,a21026-ZsAvg=90,a21026-Flag=N;a19001-Rtd=15,a19001-Flag=N", false},
        /* by excess air: 21 - 21 / 1.8 */
        {21 - 21 / 1.8, "a21026-Rtd=60,a21026-ZsRtd=100,a21026-Flag=N;a19001-Rtd=14,a19001-Flag=N",
            false},
        {21 - 21 / 1.8, "a21026-Rtd=60,a21026-ZsRtd=103,a21026-Flag=N;a19001-Rtd=14,a19001-Flag=N",
            true},
        /* nothing is converted here; no oxygen; cannot be worked out; not usable; no number */
        {(double)NAN, "a21026-Rtd=50,a21026-ZsRtd=1,a21026-Flag=N;a19001-Rtd=15,a19001-Flag=N",
            false},
        {9, "a21026-Rtd=50,a21026-ZsRtd=1,a21026-Flag=N", false},
        {9, "a21026-Rtd=50,a21026-ZsRtd=1,a21026-Flag=N;a19001-Rtd=20,a19001-Flag=N", false},
        {9, "a21026-Rtd=50,a21026-ZsRtd=1,a21026-Flag=N;a19001-Rtd=19.9,a19001-Flag=N", true},
        {9, "a21026-Rtd=50,a21026-ZsRtd=1,a21026-Flag=N;a19001-Rtd=15,a19001-Flag=M", false},
        {9, "a21026-Rtd=50,a21026-ZsRtd=1,a21026-Flag=C;a19001-Rtd=15,a19001-Flag=N", false},
        {9, "a21026-Rtd=50,a21026-ZsRtd=9999.99,a21026-Flag=N;a19001-Rtd=15,a19001-Flag=N", false},
        {9, "a21026-Rtd=50,a21026-Flag=N;a34013-ZsRtd=1,a34013-Flag=N;a19001-Rtd=15,a19001-Flag=N",
            false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (breaks(ROWS[i].o2_reference, ROWS[i].items, RULE_CONVERSION_WRONG) != ROWS[i].wrong) {
            fail_msg("row %zu: %s", i, ROWS[i].items);
        }
    }
}

/* 1.533 * 20 + 10 = 40.66, within 3 % (1.22) or 1. */
static void test_relations__nox_is_the_sum_of_its_parts(void **unused)
{
    (void)unused;
    static const struct {
        const char *items;
        bool wrong;
    } ROWS[] = {
        {"a21002-Rtd=40.7,a21002-Flag=N;a21003-Rtd=20,a21003-Flag=N;a21004-Rtd=10,a21004-Flag=N",
            false},
        {"a21003-Rtd=20,a21003-Flag=N;a21004-Rtd=10,a21004-Flag=N;a21002-Rtd=41.8,a21002-Flag=N",
            false},
        {"a21002-Rtd=41.9,a21002-Flag=N;a21003-Rtd=20,a21003-Flag=N;a21004-Rtd=10,a21004-Flag=N",
            true},
        {"a21002-Rtd=0.9,a21002-Flag=N;a21003-Rtd=0,a21003-Flag=N;a21004-Rtd=0,a21004-Flag=N",
            false},
        {"a21002-Rtd=1.1,a21002-Flag=N;a21003-Rtd=0,a21003-Flag=N;a21004-Rtd=0,a21004-Flag=N",
            true},
        {"a21002-Rtd=90,a21002-Flag=N;a21003-Rtd=20,a21003-Flag=N", false},
        {"a21002-Rtd=90,a21002-Flag=D;a21003-Rtd=20,a21003-Flag=N;a21004-Rtd=10,a21004-Flag=N",
            false},
        {"a21002-Avg=90,a21002-Flag=N;a21003-Rtd=20,a21003-Flag=N;a21004-Rtd=10,a21004-Flag=N",
            false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (breaks((double)NAN, ROWS[i].items, RULE_SUM_OF_PARTS) != ROWS[i].wrong) {
            fail_msg("row %zu: %s", i, ROWS[i].items);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_relations__a_converted_value_follows_from_the_oxygen),
        cmocka_unit_test(test_relations__nox_is_the_sum_of_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
