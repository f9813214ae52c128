#include "tests/unit/check.h"

#include "tests/unit/hj212_make.h"
#include "validators/hj212_fields.h"

#define HEAD "QN=20260101000000001;ST=31;CN=2011;PW=123456;MN=M1;Flag=4;"

static struct hj212_reader reader;
static struct message message;
static enum edition read_in;

/* From an exact-size copy, which the message borrows from until the next call. */
static void read_segment(const char *segment)
{
    static uint8_t *copy;
    struct slice cp;
    free(copy);
    copy = exact_copy(segment, strlen(segment));
    memset(&message, 0, sizeof message);
    hj212_header_read(&message, slice_from(copy, strlen(segment)), &cp);
    message.edition = read_in;
    if (cp.size > 0) {
        hj212_items_read(&message, &reader, cp);
    }
}

/* The rules broken so far, by name, in the order of their rows. */
static const char *broken(void)
{
    static char names[1000];
    names[0] = '\0';
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        if (rule_set_has(&message.verdict.broken, (enum validity_rule)id)) {
            strcat(names, names[0] == '\0' ? "" : " ");
            strcat(names, validity_rule((enum validity_rule)id)->name);
        }
    }
    return names;
}

static void test_hj212_fields__reads_the_header(void **unused)
{
    (void)unused;
    read_segment("QN=20260101000000001;ST=31;CN=2051;PW=123456;MN=010000A8900016F000169DC0;"
                 "Flag=11;PNUM=2;PNO=1;RF=1;CP=&&&&");
    assert_string_equal("", broken());
    assert_true(slice_is(message.qn, "20260101000000001"));
    assert_true(slice_is(message.pw, "123456"));
    assert_true(slice_is(message.mn, "010000A8900016F000169DC0"));
    assert_true(slice_is(message.rf, "1"));
    assert_int_equal(31, message.st_code);
    assert_int_equal(2051, message.cn_code);
    assert_int_equal(11, message.flag_code);
    assert_int_equal(2, message.pnum_code);
    assert_int_equal(1, message.pno_code);
    assert_true(message.has_mn);
}

static void test_hj212_fields__of_a_field_that_stands_twice_the_first_counts(void **unused)
{
    (void)unused;
    read_segment("QN=1;ST=31;CN=2011;MN=M1;MN=M2;CP=&&&&");
    assert_string_equal("field-repeated", broken());
    assert_true(slice_is(message.mn, "M1"));
}

static void test_hj212_fields__marks_what_is_odd(void **unused)
{
    (void)unused;
    static const struct {
        const char *segment, *broken;
    } ROWS[] = {
        {HEAD "CP=&&a01012-Rtd=1,a01012-Flag=N&&", ""},
        {HEAD "CP=&& a01012-Rtd=1&&", "stray-space"},
        {HEAD "CP=&&a01012-Rtd =1&&", "stray-space"},
        {HEAD " CP=&&a01012-Rtd=1&&", "stray-space separator"},
        {HEAD "CP=&& &&", "stray-space"},
        {"QN=1,ST=31;CN=2011;MN=M;CP=&&&&", "separator"},
        {"QN=1;ST=31;CN=2011;MN=M;Flag=5CP=&&&&", "separator"},
        {"ST=31;QN=1;CN=2011;MN=M;CP=&&&&", "field-order"},
        {"QN=1;QN=2;ST=31;CN=2011;MN=M;CP=&&&&", "field-repeated"},
        {"qn=1;ST=31;CN=2011;MN=M;CP=&&&&", "name-case"},
        {"QN=1;XY=1;ST=31;CN=2011;MN=M;CP=&&&&", "field-unknown"},
        {HEAD "CP=&&a01012-Rtd=1;&&", "separator"},
        {HEAD "CP=&&a01012-Rtd=1,a01013-Rtd=1&&", "separator"},
        {HEAD "CP=&&a01012-Rtd=1;a01012-Flag=N&&", "separator"},
        {HEAD "CP=&&BeginTime=1,EndTime=2&&", "separator"},
        {HEAD "CP=&&PolId=a34013,CalibrationType=1&&", ""},
        {HEAD "CP=&a01012-Rtd=1&", "cp-ampersand"},
        {HEAD "CP=&&a01012-Rtd=1", "cp-ampersand"},
        {HEAD "CP=&&a01012-Rtd=1&&;Flag=4", "after-cp"},
        {HEAD "CP=&&a01012-rtd=1&&", "name-case suffix-unknown"},
        {HEAD "CP=&&datatime=20260101000000&&", "name-case"},
        {HEAD "CP=&&a99998-Rtd=1&&", "factor-unknown"},
        {HEAD "CP=&&a01012-Rtd=1,a01012-Rtd=2&&", "item-repeated"},
        {HEAD "CP=&&a01012-Min=1,a01012-Avg=2,a01012-Min=3&&", "item-repeated"},
        {HEAD "CP=&&DataTime=20260101000000;DataTime=20260101000001&&", "item-repeated"},
        {HEAD "CP=&&PolId=w01018;PolId=w01019&&", "item-repeated"},
        {HEAD "CP=&&a01012-Rtd=1,a01012-Flag=N,a01012-Flag=D&&", "item-repeated"},
        {HEAD "CP=&&a01012-Flag=N,a01012-Rtd=1,a01012-Flag=N&&", "item-repeated"},
        {HEAD "CP=&&a01012-Flag=N&&", "flag-alone"},
        {HEAD "CP=&&a01012-Flag=N;a01013-Rtd=1&&", "flag-alone"},
        {HEAD "CP=&&a01012-Rtd&&", "separator value-empty"},
        {HEAD "CP=&&i11001-Info=//a;b//c,d//;i12001-Info=//open&&", ""}, /* two items */
        {HEAD "CP=&&a01012-Rtd=//open;a01013-Rtd=1,a01013-Flag=N&&", "value-not-number"},
        {HEAD ";CP=&&&&", "separator"},
        {HEAD "x;CP=&&&&", "field-unknown separator"},
        {HEAD "CP=a01012-Rtd=1&&", "cp-ampersand"},
        {HEAD "cp=a01012-Rtd=1", "name-case cp-ampersand"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        read_segment(ROWS[i].segment);
        assert_string_equal(ROWS[i].broken, broken());
    }
}

static void test_hj212_fields__says_what_a_value_is(void **unused)
{
    (void)unused;
    static const struct {
        const char *item;
        bool has_value;
        double value;
        const char *broken;
    } ROWS[] = {
        {"a01012-Rtd=123.4", true, 123.4, ""}, {"a01012-Rtd=-0.5", true, -0.5, ""},
        {"a01012-Rtd=", false, 0, "value-empty"}, {"a01012-Rtd=1E3", false, 0, "value-not-number"},
        {"a01012-Rtd=NaN", false, 0, "value-not-number"},
        {"a01012-Rtd=0x10", false, 0, "value-not-number"},
        {"a01012-Rtd=1.2.3", false, 0, "value-not-number"},
        {"a01012-Rtd=9999.99", false, 0, "value-sentinel"}, /* 2025's own example, any factor */
        {"a01012-Rtd=999.9", false, 0, "value-sentinel"},   /* the largest of N3.1 */
        {"a01012-Rtd=999.99", true, 999.99, "value-width"}, {"a01012-Rtd=999.8", true, 999.8, ""},
        {"a01012-Rtd=99.9", true, 99.9, ""}, {"a01012-Rtd=1000.0", true, 1000, "value-width"},
        {"a01012-Rtd=1.25", true, 1.25, "value-width"},
        {"a01012-Cou=100000.25", true, 100000.25, ""}, /* a total is wider than its factor */
        {"a01010-Rtd=9", true, 9, ""},                 /* N1: a full scale that happens */
        {"a01012-Info=//x;y,z=1//", false, 0, ""}, {"SB1-RS=1", true, 1, ""},
        {"a01012-SampleTime=20260101000000", true, 20260101000000, ""},
        {"a01012-SampleTime=today", false, 0, "value-not-number"}, {"a01012-Rtd=5.", true, 5, ""},
        {"a01012-Rtd=-", false, 0, "value-not-number"},
        {"a01012-Cou=0000000000000000000000000000000000000000000000000000000000000000000007.5",
            true, 7.5, ""}, /* of any length */
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char segment[200];
        snprintf(segment, sizeof segment, HEAD "CP=&&%s&&", ROWS[i].item);
        read_segment(segment);
        assert_int_equal(1, message.reading_count);
        assert_string_equal(ROWS[i].broken, broken());
        assert_int_equal(ROWS[i].has_value, message.readings[0].has_value);
        assert_true(!ROWS[i].has_value || message.readings[0].value == ROWS[i].value);
        assert_memory_equal(
            &message.verdict.broken, &message.readings[0].broken, sizeof(struct rule_set));
    }
}

static void test_hj212_fields__a_flag_finds_its_readings(void **unused)
{
    (void)unused;
    static const char *const CPS[] = {
        "a-Rtd=1,a-ZsRtd=2,a-Flag=N;b-Rtd=3,b-Flag=D",
        "a-Flag=N,a-Rtd=1,a-ZsRtd=2;b-Flag=D,b-Rtd=3",
        "a-Rtd=1,a-Flag=N,a-ZsRtd=2;b-Rtd=3;b-Flag=D",
        "a-Rtd=1;a-ZsRtd=2;b-Rtd=3;a-Flag=N;b-Flag=D",
        "a-Flag=N;b-Flag=D;a-Rtd=1;a-ZsRtd=2;b-Rtd=3",
        "a-Rtd=1,a-ZsRtd=2,a-Flag=N;b-Rtd=3;b-Flag=D;a-Flag=C", /* the first stands */
    };
    for (size_t i = 0; i < sizeof CPS / sizeof CPS[0]; i++) {
        char segment[200];
        snprintf(segment, sizeof segment, HEAD "CP=&&%s&&", CPS[i]);
        read_segment(segment);
        assert_int_equal(3, message.reading_count);
        for (size_t k = 0; k < 3; k++) {
            const struct reading *reading = &message.readings[k];
            assert_true(slice_is(reading->flag, slice_is(reading->factor, "a") ? "N" : "D"));
        }
    }
}

static void test_hj212_fields__letters_are_values_in_working_conditions(void **unused)
{
    (void)unused;
    read_segment("ST=45;CN=2011;MN=M;CP=&&p99101-Rtd=St,p99101-Flag=N&&");
    assert_true(message.readings[0].is_text);
    assert_false(rule_set_has(&message.verdict.broken, RULE_VALUE_NOT_NUMBER));
}

/* All that was read, as text. */
static void tell(char *to, size_t size)
{
    size_t at = (size_t)snprintf(to, size, "%s;", broken());
    for (size_t i = 0; i < message.field_count; i++) {
        const struct plain_field *field = &message.fields[i];
        at += (size_t)snprintf(to + at, size - at, " %.*s %.*s;", (int)field->name.size,
            (const char *)field->name.ptr, (int)field->value.size, (const char *)field->value.ptr);
    }
    for (size_t i = 0; i < message.reading_count; i++) {
        const struct reading *reading = &message.readings[i];
        at += (size_t)snprintf(to + at, size - at, " %.*s %.*s %.*s %.*s %d %d %d %.17g %llx;",
            (int)reading->factor.size, (const char *)reading->factor.ptr, (int)reading->field.size,
            (const char *)reading->field.ptr, (int)reading->text.size,
            (const char *)reading->text.ptr, (int)reading->flag.size,
            (const char *)reading->flag.ptr, reading->has_value, reading->is_text, reading->joins,
            reading->value, (unsigned long long)reading->suffix);
    }
    assert_true(at < size);
}

/* Whatever was read before, in whatever edition, and foretells what comes: each CP is read as if it were the first. */
static void test_hj212_fields__what_was_foretold_changes_nothing(void **unused)
{
    (void)unused;
    static const char *const ITEMS[] = {"a01012-Rtd=1.5", "a01012-Rtd=1.5,a01012-Flag=N",
        "a01012-Flag=N", "a01012-Flag=NN", "a01012-Flag=", "a01012-Flag= N", "a01012-Flag=N ",
        "a01012-Flag=/", "a01012-Flag= ", "a01012-Flag==", "a01012-Flag=;", "a-SampleTime=1",
        "a-SampleTime=20260101000000", "a01012-Flag=@", "a01012-Flag=N=", "a01012-Flag=//;,//",
        "a01012-flag=N", "a01012-Rtd= 1.5", "a01012-Rtd=1.5 ", "a01012-Rtd =1.5", " a01012-Rtd=1.5",
        "a01012-Rtd=007.5", "a01012-Rtd=0.5", "a01012-Rtd=", "a01012-Rtd", "a01012-Rtd;",
        "a01012-Rtd=1.5=2", "a01012-Rtd=1.5.5", "a01012-Rtd=5.", "a01012-Rtd=.5", "a01012-Rtd=-5",
        "a01012-Rtd=1E3", "a01012-Rtd=//1,2//", "a01012-Rtd=1234567", "a01012-Rtd=12345678",
        "a01012-Rtd=12345.6", "a01012-Rtd=12345.67", "a01012-Rtd=123456.", "a01012-Rtd=9999.99",
        "b01012-Rtd=1.5", "a01012-Rte=1.5", "a01012-Rtdd=1.5", "a01012-Rt=1.5", "a01012-rtd=1.5",
        "a01013-Rtd=1.5", "a01012_Rtd=1.5", "a01012-Rtd-Rtd=1.5", "a-Rtd=1", "a-Rtds=1", "LA-Rtd=1",
        "a01012-SampleTime=20260101000000", "a01012-SampleTime=1", "i11001-Info=7", "p99101-Rtd=St",
        "p99101-Rtd=1", "a01012-Cou=7", "a01012-sixteen16=1", "a01012-Sixteen16=1",
        "a01012-Fifteen1=1", "b01012-Fifteen1=1", "a01012-Seventeen17=1", "PolId=w01018",
        "DataTime=20260101000000", "DataTim=20260101000000", "Datatime=1.5", "x", "", "=", "=1"};
    enum { COUNT = sizeof ITEMS / sizeof ITEMS[0] };
    static char segments[COUNT][200], alone[COUNT][1000], after[1000];
    for (int i = 0; i < COUNT; i++) {
        snprintf(segments[i], sizeof segments[i], HEAD "CP=&&%s;a01014-Rtd=1.5&&", ITEMS[i]);
        memset(&reader, 0, sizeof reader);
        read_segment(segments[i]);
        tell(alone[i], sizeof alone[i]);
    }
    for (int row = 0; row < COUNT * COUNT * EDITION_COUNT; row++) {
        read_in = (enum edition)(row % EDITION_COUNT);
        read_segment(segments[row / EDITION_COUNT % COUNT]);
        read_in = (enum edition)0;
        read_segment(segments[row / EDITION_COUNT / COUNT]);
        tell(after, sizeof after);
        assert_string_equal(alone[row / EDITION_COUNT / COUNT], after);
    }
}

/* The place of a name that foretells is taken by one that is too short for that, as all are here. */
static void test_hj212_fields__a_name_that_was_forgotten_foretells_nothing(void **unused)
{
    (void)unused;
    static char segment[64 * 1024], alone[1000], after[1000];
    size_t size = (size_t)snprintf(segment, sizeof segment, HEAD "CP=&&a01012-Rtd=1.5");
    for (int i = 0; i < 2 * 50 * 50; i++) {
        size += (size_t)snprintf(segment + size, sizeof segment - size,
            ";%c%c-%s=", 'A' + i / 2 % 50, 'A' + i / 100, i % 2 == 0 ? "Rtd" : "Avg");
    }
    snprintf(segment + size, sizeof segment - size, "&&");
    for (int round = 0; round < 2; round++) {
        read_segment(HEAD "CP=&&a01012-Rtd=1.5;a01014-Rtd=1.5&&");
        tell(round == 0 ? alone : after, sizeof alone);
        read_segment(segment);
    }
    assert_string_equal(alone, after);
}

static void test_hj212_fields__log_text_may_hold_the_marks_of_the_frame(void **unused)
{
    (void)unused;
    read_segment(HEAD "CP=&&DataTime=20260101000000;i11001-Info=//a;b,c=d&&e//;PolId=w01018&&");
    assert_int_equal(1, message.reading_count);
    assert_true(slice_is(message.readings[0].text, "//a;b,c=d&&e//"));
    assert_int_equal(1, message.field_count);
    assert_true(slice_is(message.fields[0].value, "w01018"));
}

/* Over the limits by one, and at them. */
static void test_hj212_fields__too_many_items_are_refused(void **unused)
{
    (void)unused;
    static char segment[64 * 1024];
    for (size_t count = READINGS_MAX; count <= READINGS_MAX + 1; count++) {
        size_t size = (size_t)snprintf(segment, sizeof segment, HEAD "CP=&&a-Rtd=1");
        for (size_t i = 1; i < count; i++) {
            size += (size_t)snprintf(segment + size, sizeof segment - size, ",a-Rtd=%zu", i);
        }
        snprintf(segment + size, sizeof segment - size, "&&");
        read_segment(segment);
        assert_int_equal(READINGS_MAX, message.reading_count);
        assert_int_equal(
            count > READINGS_MAX, rule_set_has(&message.verdict.broken, RULE_TOO_MANY_ITEMS));
    }
    for (size_t count = PLAIN_FIELDS_MAX; count <= PLAIN_FIELDS_MAX + 1; count++) {
        size_t size = (size_t)snprintf(segment, sizeof segment, HEAD "CP=&&x=1");
        for (size_t i = 1; i < count; i++) {
            size += (size_t)snprintf(segment + size, sizeof segment - size, ";x%zu=1", i);
        }
        snprintf(segment + size, sizeof segment - size, "&&");
        read_segment(segment);
        assert_int_equal(PLAIN_FIELDS_MAX, message.field_count);
        assert_int_equal(
            count > PLAIN_FIELDS_MAX, rule_set_has(&message.verdict.broken, RULE_TOO_MANY_ITEMS));
    }
}

/* Nothing may be read beyond the end, however the segment ends. */
static void test_hj212_fields__every_truncation_is_read_within_its_bytes(void **unused)
{
    (void)unused;
    char segment[] = HEAD "PNUM=2;PNO=1;CP=&&DataTime=20260101000000;a01012-Rtd=1.5,a01012-Flag=N;"
                          "i11001-Info=//a;b//&&";
    for (size_t size = sizeof segment - 1; size > 0; size--) {
        segment[size] = '\0';
        read_segment(segment);
        assert_true(message.reading_count <= 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hj212_fields__reads_the_header),
        cmocka_unit_test(test_hj212_fields__of_a_field_that_stands_twice_the_first_counts),
        cmocka_unit_test(test_hj212_fields__marks_what_is_odd),
        cmocka_unit_test(test_hj212_fields__says_what_a_value_is),
        cmocka_unit_test(test_hj212_fields__a_flag_finds_its_readings),
        cmocka_unit_test(test_hj212_fields__letters_are_values_in_working_conditions),
        cmocka_unit_test(test_hj212_fields__what_was_foretold_changes_nothing),
        cmocka_unit_test(test_hj212_fields__a_name_that_was_forgotten_foretells_nothing),
        cmocka_unit_test(test_hj212_fields__log_text_may_hold_the_marks_of_the_frame),
        cmocka_unit_test(test_hj212_fields__too_many_items_are_refused),
        cmocka_unit_test(test_hj212_fields__every_truncation_is_read_within_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
