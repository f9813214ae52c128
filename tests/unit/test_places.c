#include "tests/unit/check.h"
#include "tests/unit/hj212_make.h"
#include "validators/decode.h"

#define MN   "010000A8900016F000169DC0"
#define HEAD "QN=20260101000000001;ST=31;CN=2011;PW=123456;MN=" MN ";Flag=5;"
#define TIME "DataTime=20260101000000;"
#define ITEM "a21026-Rtd=18.5,a21026-Flag=N"

static struct decoder decoder;
static char bytes[FRAME_SIZE_MAX];

/* The first message of these bytes breaks the rule at `where`, the last time that it stands there. */
static void expect(size_t size, enum validity_rule id, const char *where)
{
    struct decode_context context = {0};
    struct slice at;
    decoder_begin(&decoder, &context, slice_from(bytes, size));
    assert_true(decoder_next(&decoder));
    assert_true(rule_set_has(&decoder.message.verdict.broken, id));
    assert_true(message_place(&decoder.message, id, &at));
    assert_int_equal(strlen(where), at.size);
    assert_memory_equal(where, at.ptr, at.size);
}

static void test_places__name_the_bytes_that_break_a_rule(void **unused)
{
    (void)unused;
    static const struct {
        const char *segment;
        enum validity_rule id;
        const char *where;
    } ROWS[] = {
        {HEAD "CP=&&" TIME "a21026-Rtd=1E3,a21026-Flag=N&&", RULE_VALUE_NOT_NUMBER, "1E3"},
        {HEAD "CP=&&" TIME "x99999-Rtd=1,x99999-Flag=N&&", RULE_FACTOR_UNKNOWN, "x99999"},
        {HEAD "CP=&&DataTime=20260230000000;" ITEM "&&", RULE_DATATIME_IMPOSSIBLE,
            "20260230000000"},
        {HEAD "CP=&&" TIME ITEM ";&&", RULE_SEPARATOR, ";"},
        {HEAD "CP=&&" TIME "a21026-Rtd=18.5;a21026-Flag=N&&", RULE_SEPARATOR, ";"},
        {HEAD "CP=&&" TIME ITEM ",   =1&&", RULE_SEPARATOR, ","},
        {HEAD "CP=&& " TIME ITEM "&&", RULE_STRAY_SPACE, " "},
        {HEAD "CP=&&" TIME ITEM "&&x", RULE_AFTER_CP, "x"},
        {HEAD "CP=&" TIME ITEM "&", RULE_CP_AMPERSAND, "&"},
        {HEAD "CP=&&" TIME ITEM, RULE_CP_AMPERSAND, ""},
        {HEAD "CP=&&" TIME ITEM ";" ITEM "&&", RULE_ITEM_REPEATED, "a21026-Rtd=18.5"},
        {HEAD "CP=&&" TIME ITEM ";a34013-Flag=N&&", RULE_FLAG_ALONE, "a34013"},
        {HEAD "Zz=1;CP=&&" TIME ITEM "&&", RULE_FIELD_UNKNOWN, "Zz=1"},
        {HEAD "ST=31;CP=&&" TIME ITEM "&&", RULE_FIELD_REPEATED, "ST=31"},
        {"qn=1;ST=31;CN=2011;PW=123456;MN=" MN ";Flag=5;CP=&&&&", RULE_NAME_CASE, "qn"},
        {"qn=1;ST=31;CN=2011;PW=123456;MN=" MN ";Flag=5;CP=&&&&", RULE_QN_FORM, "1"},
        {HEAD "cp=&&" TIME ITEM "&&", RULE_NAME_CASE, "cp="},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        expect(frame_append(bytes, 0, ROWS[i].segment), ROWS[i].id, ROWS[i].where);
    }
}

static void test_places__of_framing(void **unused)
{
    (void)unused;
    size_t size = frame_append(bytes, 0, HEAD "CP=&&" TIME ITEM "&&");
    expect(size - 2, RULE_LINE_END, "");
    expect(size - 4, RULE_FRAME_TRUNCATED, "");
    memcpy(bytes + size - 6, "0000", 4);
    expect(size, RULE_CRC_WRONG, "0000");
    memcpy(bytes + 2, "0001", 4);
    expect(size, RULE_LENGTH_WRONG, "0001");
    memcpy(bytes + 2, "00x5", 4);
    expect(size, RULE_LENGTH_DIGITS, "00x5");
    memcpy(bytes, "junk", 4);
    expect(4, RULE_FRAME_JUNK, "junk");
}

static void test_places__what_a_frame_lacks_has_none(void **unused)
{
    (void)unused;
    struct decode_context context = {0};
    struct slice at;
    decoder_begin(
        &decoder, &context, slice_from(bytes, frame_append(bytes, 0, HEAD "CP=&&" ITEM "&&")));
    assert_true(decoder_next(&decoder));
    assert_true(rule_set_has(&decoder.message.verdict.broken, RULE_DATATIME_MISSING));
    assert_false(message_place(&decoder.message, RULE_DATATIME_MISSING, &at));
}

static void test_places__each_rule_says_how_it_is_mended(void **unused)
{
    (void)unused;
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        struct validity_mend mend = validity_mend((enum validity_rule)id);
        if (mend.en == NULL || mend.zh == NULL) {
            fail_msg("mends.def has no row for %s", validity_rule((enum validity_rule)id)->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places__name_the_bytes_that_break_a_rule),
        cmocka_unit_test(test_places__of_framing),
        cmocka_unit_test(test_places__what_a_frame_lacks_has_none),
        cmocka_unit_test(test_places__each_rule_says_how_it_is_mended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
