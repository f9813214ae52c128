#include "tests/unit/check.h"
#include "tests/unit/hj212_make.h"
#include "validators/decode.h"

#define MN "010000A8900016F000169DC0"
#define DATA(q)                                                                                    \
    "QN=2026010100000000" q ";ST=31;CN=2011;PW=123456;MN=" MN                                      \
    ";Flag=5;CP=&&DataTime=20260101000000;"                                                        \
    "a21026-Rtd=18.5,a21026-Flag=N&&"

static struct decoder decoder;
static struct decode_context context;
static char bytes[FRAME_SIZE_MAX];

static void begin(size_t size)
{
    decoder_begin(&decoder, &context, slice_from(bytes, size));
}

/* The next message's verdict, and whether this rule is among those it broke. */
static void expect(enum verdict_kind kind, enum validity_rule broken)
{
    assert_true(decoder_next(&decoder));
    assert_int_equal(kind, decoder.message.verdict.kind);
    assert_true(rule_set_has(&decoder.message.verdict.broken, broken));
}

static void expect_fine(void)
{
    assert_true(decoder_next(&decoder));
    assert_int_equal(VERDICT_ACCEPTED, decoder.message.verdict.kind);
    assert_true(rule_set_empty(&decoder.message.verdict.broken));
}

/* One frame of this segment, judged. */
static const struct message *judge(const char *segment)
{
    begin(frame_append(bytes, 0, segment));
    assert_true(decoder_next(&decoder));
    return &decoder.message;
}

static int setup(void **unused)
{
    (void)unused;
    context = (struct decode_context){0};
    return 0;
}

static void test_decode__an_empty_payload_is_one_message(void **unused)
{
    (void)unused;
    begin(0);
    expect(VERDICT_REJECTED, RULE_PAYLOAD_EMPTY);
    assert_int_equal(0, decoder.message.size);
    assert_false(decoder_next(&decoder));
}

static void test_decode__messages_cover_every_byte_in_order(void **unused)
{
    (void)unused;
    size_t size = (size_t)snprintf(bytes, sizeof bytes, "noise##12");
    size = frame_append(bytes, size, DATA("1"));
    size += (size_t)snprintf(bytes + size, sizeof bytes - size, "##9999 more");
    size = frame_append(bytes, size, DATA("2"));
    size = frame_append(bytes, size, DATA("3")) - 2; /* no line end */
    begin(size);
    size_t at = 0;
    static const enum verdict_kind KINDS[] = {
        VERDICT_REJECTED, VERDICT_ACCEPTED, VERDICT_REJECTED, VERDICT_ACCEPTED, VERDICT_ACCEPTED};
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        assert_true(decoder_next(&decoder));
        assert_int_equal(KINDS[i], decoder.message.verdict.kind);
        assert_int_equal(at, decoder.message.offset);
        at += decoder.message.size;
    }
    assert_int_equal(size, at);
    assert_false(decoder_next(&decoder));
}

static void test_decode__a_broken_off_frame_takes_no_other_with_it(void **unused)
{
    (void)unused;
    char whole[FRAME_SIZE_MAX];
    size_t whole_size = frame_append(whole, 0, DATA("1"));
    for (size_t kept = 1; kept < whole_size - 2; kept++) {
        memcpy(bytes, whole, kept);
        begin(frame_append(bytes, kept, DATA("2")));
        assert_true(decoder_next(&decoder));
        assert_int_equal(VERDICT_REJECTED, decoder.message.verdict.kind);
        assert_int_equal(kept, decoder.message.size);
        expect_fine();
        assert_false(decoder_next(&decoder));
    }
}

static void test_decode__every_changed_byte_is_caught(void **unused)
{
    (void)unused;
    size_t size = frame_append(bytes, 0, DATA("1")) - 2;
    for (size_t at = 0; at < size; at++) {
        char kept = bytes[at];
        for (int other = 0; other < 256; other++) {
            bool same = at >= size - 4 && (other | 0x20) == (kept | 0x20); /* CRC in either case */
            bytes[at] = (char)other;
            begin(size);
            while (bytes[at] != kept && !same && decoder_next(&decoder)) {
                assert_int_not_equal(VERDICT_ACCEPTED, decoder.message.verdict.kind);
            }
        }
        bytes[at] = kept;
    }
}

static void test_decode__one_crc_kind_and_what_else_would_fit(void **unused)
{
    (void)unused;
    static const char FRAME_MODBUS[] = /* its CRC is CRC-16/MODBUS */
        "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=" MN
        ";Flag=5;CP=&&RtdInterval=30&&0759\r\n";
    size_t size = sizeof FRAME_MODBUS - 1;
    memcpy(bytes, FRAME_MODBUS, size);
    begin(size);
    expect(VERDICT_REJECTED, RULE_CRC_WRONG);
    assert_true(rule_set_has(&decoder.message.verdict.broken, RULE_CRC_MODBUS_FITS));
    context.crc_given = true;
    context.crc = CRC_MODBUS;
    begin(size);
    expect(VERDICT_ACCEPTED, RULE_CRC_DIALECT);
    context.crc = CRC_MODBUS_SWAPPED;
    begin(size);
    expect(VERDICT_REJECTED, RULE_CRC_WRONG);
    context.crc = CRC_MODBUS;
    begin(frame_append(bytes, 0, DATA("1")));
    expect(VERDICT_REJECTED, RULE_CRC_STANDARD_FITS);
}

/* Two devices: one by the standard, one whose profile names CRC-16/MODBUS. */
static const struct registry *county(void)
{
    static const struct {
        const char *mn;
        enum crc_kind crc;
    } ROWS[] = {{MN, CRC_STANDARD}, {"M2", CRC_MODBUS}};
    static struct device devices[2];
    static struct registry registry;
    if (registry.device_count == 0) {
        registry.device_by_mn = table_new(&registry.arena, 2);
        for (uint32_t i = 0; i < 2; i++) {
            devices[i] = (struct device){.mn = slice_of(ROWS[i].mn),
                .outlet = NONE,
                .pw = slice_of("123456"),
                .format = FORMAT_HJ212,
                .crc = ROWS[i].crc};
            table_add(&registry.device_by_mn, devices[i].mn, i);
        }
        registry.devices = devices;
        registry.device_count = 2;
    }
    return &registry;
}

static void test_decode__the_registry_says_who_with_which_password_and_crc(void **unused)
{
    (void)unused;
    static const struct {
        const char *mn, *pw;
        enum verdict_kind kind;
        enum validity_rule broken;
    } ROWS[] = {
        {MN, "123457", VERDICT_QUARANTINED, RULE_PW_WRONG},
        {MN, "12345", VERDICT_QUARANTINED, RULE_PW_WRONG},
        {MN, "1234567", VERDICT_QUARANTINED, RULE_PW_WRONG},
        {MN, "", VERDICT_QUARANTINED, RULE_PW_WRONG},
        {"M3", "123456", VERDICT_QUARANTINED, RULE_MN_UNKNOWN},
        {"M2", "123456", VERDICT_REJECTED, RULE_CRC_STANDARD_FITS},
    };
    context.registry = county();
    begin(frame_append(bytes, 0, DATA("1")));
    expect_fine();
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char segment[200];
        snprintf(segment, sizeof segment, "ST=31;CN=2011;PW=%s;MN=%s;Flag=4;CP=&&&&", ROWS[i].pw,
            ROWS[i].mn);
        const struct message *message = judge(segment);
        assert_int_equal(ROWS[i].kind, message->verdict.kind);
        assert_true(rule_set_has(&message->verdict.broken, ROWS[i].broken));
    }
    context.crc_given = true; /* --crc overrides the profile */
    context.crc = CRC_STANDARD;
    const struct message *message = judge("ST=31;CN=2011;PW=123456;MN=M2;Flag=4;CP=&&&&");
    assert_int_equal(VERDICT_ACCEPTED, message->verdict.kind);
}

static void test_decode__the_topic_names_the_sender(void **unused)
{
    (void)unused;
    context.has_topic = true;
    context.topic_mn = slice_of(MN);
    begin(frame_append(bytes, 0, DATA("1")));
    expect_fine();
    context.topic_mn = slice_of("010000A8900016F000169DC1");
    begin(frame_append(bytes, 0, DATA("1")));
    expect(VERDICT_QUARANTINED, RULE_MN_NOT_TOPIC);
}

static void test_decode__what_a_missing_or_empty_field_does(void **unused)
{
    (void)unused;
    static const struct {
        const char *segment;
        enum verdict_kind kind;
        enum validity_rule broken;
    } ROWS[] = {
        {"CN=2011;PW=123456;MN=M;Flag=4;CP=&&&&", VERDICT_REJECTED, RULE_ST_MISSING},
        {"ST=31;PW=123456;MN=M;Flag=4;CP=&&&&", VERDICT_REJECTED, RULE_CN_MISSING},
        {"ST=31;CN=2011;PW=123456;Flag=4;CP=&&&&", VERDICT_REJECTED, RULE_MN_MISSING},
        {"ST=31;CN=2011;PW=123456;MN=M;Flag=4", VERDICT_REJECTED, RULE_CP_MISSING},
        {"ST=31;CN=2011;PW=123456;MN=;Flag=4;CP=&&&&", VERDICT_QUARANTINED, RULE_MN_EMPTY},
        {"ST=31;CN=2011;PW=123456;MN=M;Flag=4;CP=&&&&", VERDICT_ACCEPTED, RULE_QN_MISSING},
        {"ST=31;CN=2011;MN=M;Flag=4;CP=&&&&", VERDICT_ACCEPTED, RULE_PW_MISSING},
        {"ST=31;CN=201;MN=M;Flag=4;CP=&&&&", VERDICT_ACCEPTED, RULE_CN_FORM},
        {"QN=1;ST=31;CN=2011;MN=M;Flag=4;CP=&&&&", VERDICT_ACCEPTED, RULE_QN_FORM},
        {"ST=31;CN=2011;MN=M;Flag=x;CP=&&&&", VERDICT_ACCEPTED, RULE_FLAG_FORM},
        {"ST=31;CN=2011;MN=" MN ";CP=&&&&", VERDICT_ACCEPTED, RULE_FLAG_MISSING},
        {"ST=31;CN=2011;MN=M;Flag=7;CP=&&&&", VERDICT_ACCEPTED, RULE_PNUM_FLAG},
        {"ST=31;CN=2011;MN=M;Flag=4;CP=&&DataTime=20260230000000&&", VERDICT_QUARANTINED,
            RULE_DATATIME_IMPOSSIBLE},
        {"ST=31;CN=2061;MN=M;Flag=4;CP=&&DataTime=20260101001000&&", VERDICT_ACCEPTED,
            RULE_PERIOD_ALIGNMENT},
        {"ST=31;CN=2011;MN=M;Flag=4;CP=&&a21026-Rtd=1&&", VERDICT_ACCEPTED, RULE_DATATIME_MISSING},
        {"ST=31;CN=2051;MN=M;Flag=4;CP=&&a21026-Min=2,a21026-Avg=1&&", VERDICT_ACCEPTED,
            RULE_MIN_AVG_MAX},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct message *message = judge(ROWS[i].segment);
        assert_int_equal(ROWS[i].kind, message->verdict.kind);
        assert_true(rule_set_has(&message->verdict.broken, ROWS[i].broken));
    }
    static const char *const EMPTY_MN[] = {"1001", "1002", "9011", "9012", "9013"};
    for (size_t i = 0; i < sizeof EMPTY_MN / sizeof EMPTY_MN[0]; i++) {
        char segment[200];
        snprintf(segment, sizeof segment, "QN=20260101000000001;ST=91;CN=%s;PW=;MN=;Flag=8;CP=&&&&",
            EMPTY_MN[i]);
        assert_int_equal(VERDICT_ACCEPTED, judge(segment)->verdict.kind);
    }
}

static void test_decode__tells_the_edition_and_why(void **unused)
{
    (void)unused;
    static const struct {
        const char *mn, *flag;
        enum edition edition;
    } ROWS[] = {
        {MN, ";Flag=5", EDITION_2017},
        {MN, ";Flag=9", EDITION_2025},
        {MN, "", EDITION_2017},
        {MN, ";Flag=12", EDITION_UNKNOWN},
        {"A110000_0001", ";Flag=9", EDITION_2017}, /* surface water has used 8 and 9 since 2020 */
        {"88888888888888", ";Flag=3", EDITION_2005},
        {"88888888888888", "", EDITION_2005},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char segment[200];
        snprintf(segment, sizeof segment, "ST=31;CN=2011;PW=123456;MN=%s%s;CP=&&&&", ROWS[i].mn,
            ROWS[i].flag);
        const struct message *message = judge(segment);
        assert_int_equal(ROWS[i].edition, message->edition);
        assert_true(message->edition_reason[0] != '\0');
    }
}

static void test_decode__an_answer_is_wanted_where_the_frame_asks(void **unused)
{
    (void)unused;
    static const struct {
        const char *cn, *flag;
        bool wanted;
    } ROWS[] = {
        {"2011", "5", true},
        {"2011", "4", false},
        {"9015", "5", true},
        {"9014", "5", false},
        {"1062", "5", false},
        {"9021", "5", true},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char segment[200];
        snprintf(segment, sizeof segment,
            "QN=20260101000000001;ST=31;CN=%s;PW=123456;MN=" MN ";Flag=%s;CP=&&&&", ROWS[i].cn,
            ROWS[i].flag);
        assert_int_equal(ROWS[i].wanted, judge(segment)->answer_wanted);
    }
}

static void test_decode__time_and_direction_are_judged_only_where_known(void **unused)
{
    (void)unused;
    begin(frame_append(bytes, 0, DATA("1")));
    expect_fine();
    context.has_arrival = true;
    assert_true(event_time_from_rfc3339(slice_of("2025-12-31T23:55:00+08:00"), &context.arrival));
    begin(
        frame_append(bytes, 0, DATA("1"))); /* exactly 300 s ahead, but for the last digits of QN */
    expect_fine();
    context.arrival.ms -= 1;
    begin(frame_append(bytes, 0, DATA("1")));
    expect(VERDICT_QUARANTINED, RULE_TIME_AHEAD);
    judge("QN=20990101000000001;ST=31;CN=2011;PW=123456;MN=" MN
          ";Flag=5;CP=&&DataTime=20251231000000;a21026-Rtd=1,a21026-Flag=N&&");
    assert_true(rule_set_has(&decoder.message.verdict.broken, RULE_TIME_AHEAD)); /* its clock is */
    setup(NULL);
    context.direction = DIRECTION_UP;
    judge("QN=20260101000000001;ST=31;CN=1062;PW=123456;MN=" MN ";Flag=5;CP=&&RtdInterval=30&&");
    assert_true(rule_set_has(&decoder.message.verdict.broken, RULE_DIRECTION));
    context.direction = DIRECTION_DOWN;
    judge("QN=20260101000000001;ST=31;CN=1062;PW=123456;MN=" MN ";Flag=5;CP=&&RtdInterval=30&&");
    assert_true(rule_set_empty(&decoder.message.verdict.broken));
}

static void test_decode__encrypted_without_a_key_is_told_from_a_wrong_crc(void **unused)
{
    (void)unused;
    size_t size = frame_append(bytes, 0,
        "QN=20260101000000001;ST=31;CN=2011;PW=123456;MN=" MN ";Flag=9;CP=&&0123456789abcdef&&");
    char *cipher = strstr(bytes, "0123456789abcdef");
    memset(cipher, 0xB0, 16); /* no UTF-8, yet no control characters */
    begin(size);
    expect(VERDICT_QUARANTINED, RULE_ENCRYPTED_NO_KEY);
    memset(cipher, 'x', 16);
    begin(size);
    expect(VERDICT_REJECTED, RULE_CRC_WRONG);
}

static void test_decode__a_length_in_characters_is_named(void **unused)
{
    (void)unused;
    static const char SEGMENT[] = "QN=20260101000000001;ST=31;CN=3020;PW=123456;MN=" MN
                                  ";Flag=5;CP=&&i11001-Info=//清洗管路//&&";
    size_t size = sizeof SEGMENT - 1;
    int written = snprintf(bytes, sizeof bytes, "##%04zu%s%04X\r\n", size - 8, SEGMENT,
        made_crc((const uint8_t *)SEGMENT, size)); /* four characters of three bytes each */
    begin((size_t)written);
    expect(VERDICT_REJECTED, RULE_LENGTH_COUNTS_CHARACTERS);
    assert_false(decoder_next(&decoder));
}

/* Limits by one: 1024 is the standard's, 9999 what four digits can say. */
static void test_decode__long_segments_are_read_and_marked(void **unused)
{
    (void)unused;
    char segment[FRAME_SIZE_MAX];
    static const size_t SIZES[] = {1024, 1025, 4096, 9999};
    for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
        size_t size = (size_t)snprintf(segment, sizeof segment,
            "QN=20260101000000001;ST=31;CN=3020;PW=123456;MN=" MN ";Flag=5;CP=&&i11001-Info=//");
        memset(segment + size, 'x', SIZES[i] - size - 4);
        memcpy(segment + SIZES[i] - 4, "//&&", 5);
        const struct message *message = judge(segment);
        assert_int_equal(VERDICT_ACCEPTED, message->verdict.kind);
        assert_int_equal(
            SIZES[i] > 1024, rule_set_has(&message->verdict.broken, RULE_SEGMENT_TOO_LONG));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_decode__an_empty_payload_is_one_message, setup),
        cmocka_unit_test_setup(test_decode__messages_cover_every_byte_in_order, setup),
        cmocka_unit_test_setup(test_decode__a_broken_off_frame_takes_no_other_with_it, setup),
        cmocka_unit_test_setup(test_decode__every_changed_byte_is_caught, setup),
        cmocka_unit_test_setup(test_decode__one_crc_kind_and_what_else_would_fit, setup),
        cmocka_unit_test_setup(
            test_decode__the_registry_says_who_with_which_password_and_crc, setup),
        cmocka_unit_test_setup(test_decode__the_topic_names_the_sender, setup),
        cmocka_unit_test_setup(test_decode__what_a_missing_or_empty_field_does, setup),
        cmocka_unit_test_setup(test_decode__tells_the_edition_and_why, setup),
        cmocka_unit_test_setup(test_decode__an_answer_is_wanted_where_the_frame_asks, setup),
        cmocka_unit_test_setup(test_decode__time_and_direction_are_judged_only_where_known, setup),
        cmocka_unit_test_setup(
            test_decode__encrypted_without_a_key_is_told_from_a_wrong_crc, setup),
        cmocka_unit_test_setup(test_decode__a_length_in_characters_is_named, setup),
        cmocka_unit_test_setup(test_decode__long_segments_are_read_and_marked, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
