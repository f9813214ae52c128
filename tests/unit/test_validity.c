#include "tests/unit/check.h"

#include "tests/unit/hj212_make.h"
#include "validators/decode.h"
#include "validators/duplicates.h"

/* Every rule of validity has a row that breaks it, and whose verdict is what the rule's consequence asks for.
 * A rule without a row fails the last test. */

#define MN          "010000A8900016F000169DC0"
#define TIME        "DataTime=20260101000000;"
#define COMMAND(cn) "QN=20260101000000001;ST=31;CN=" cn ";PW=123456;MN=" MN ";Flag=4;"
#define HEAD        COMMAND("2011")
#define DATA(items) HEAD "CP=&&" TIME items "&&"
#define KEYED_FRAME(cp, crc)                                                                       \
    "##0103QN=20250101000000001;ST=31;CN=3020;PW=123456;MN=" MN ";Flag=8;CP=&&" cp "&&" crc "\r\n"
#define PACK "\x81\xa3\x21\x62M/\x00" /* one record, bn "M/", n and one more pair to come */

enum how { SEGMENT, BYTES, SENML, UP, DOWN, ARRIVED, REGISTERED, TOPIC, AFTER, KEYED, ALLOWED };

static const struct row {
    enum validity_rule rule;
    enum how how;
    const char *input;
    size_t size; /* of BYTES and SENML; 0: up to the NUL */
} ROWS[] = {
    {RULE_PAYLOAD_EMPTY, BYTES, "", 0},
    {RULE_FRAME_JUNK, BYTES, "noise", 0},
    {RULE_FRAME_TRUNCATED, BYTES, "##0101QN=", 0},
    {RULE_LENGTH_DIGITS, BYTES, "##01x1QN=", 0},
    {RULE_LENGTH_WRONG, BYTES, "##0003QN=xxxx", 0},
    {RULE_LENGTH_COUNTS_CHARACTERS, BYTES, "##0011CP=&&\xe6\xb2\xb9\xe7\x83\x9f&&&&0000", 0},
    {RULE_CRC_WRONG, BYTES, "##0005hello1A2b", 0},
    {RULE_CRC_MODBUS_FITS, BYTES,
        "##0009"
        "123456789"
        "4B37",
        0},
    {RULE_CRC_MODBUS_SWAPPED_FITS, BYTES,
        "##0009"
        "123456789"
        "374B",
        0},
    {RULE_CRC_STANDARD_FITS, REGISTERED, "ST=31;CN=2011;PW=123456;MN=M2;Flag=4;CP=&&&&", 0},
    {RULE_LINE_END, BYTES,
        "##0009"
        "123456789"
        "2F80",
        0},
    {RULE_SEGMENT_TOO_LONG, SEGMENT, NULL, 0},
    {RULE_ST_MISSING, SEGMENT, "CN=2011;PW=123456;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_CN_MISSING, SEGMENT, "ST=31;PW=123456;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_MN_MISSING, SEGMENT, "ST=31;CN=2011;PW=123456;Flag=4;CP=&&&&", 0},
    {RULE_CP_MISSING, SEGMENT, "ST=31;CN=2011;PW=123456;MN=" MN ";Flag=4", 0},
    {RULE_MN_EMPTY, SEGMENT, "ST=31;CN=2011;PW=123456;MN=;Flag=4;CP=&&&&", 0},
    {RULE_QN_MISSING, SEGMENT, "ST=31;CN=2011;PW=123456;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_PW_MISSING, SEGMENT, "ST=31;CN=2011;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_FLAG_MISSING, SEGMENT, "ST=31;CN=2011;PW=123456;MN=" MN ";CP=&&&&", 0},
    {RULE_QN_FORM, SEGMENT, "QN=1;ST=31;CN=2011;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_ST_FORM, SEGMENT, "ST=131;CN=2011;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_CN_FORM, SEGMENT, "ST=31;CN=211;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_FLAG_FORM, SEGMENT, "ST=31;CN=2011;MN=" MN ";Flag=256;CP=&&&&", 0},
    {RULE_MN_LENGTH, SEGMENT, "ST=31;CN=2011;MN=M;Flag=4;CP=&&&&", 0},
    {RULE_PW_LENGTH, SEGMENT, "ST=31;CN=2011;PW=1;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_RF_FORM, SEGMENT, "ST=31;CN=2011;MN=" MN ";Flag=4;RF=1;CP=&&&&", 0},
    {RULE_RF_FORM, SEGMENT, "ST=31;CN=2011;MN=" MN ";Flag=8;RF=0;CP=&&&&", 0},
    {RULE_FIELD_UNKNOWN, SEGMENT, HEAD "XY=1;CP=&&&&", 0},
    {RULE_FIELD_REPEATED, SEGMENT, HEAD "Flag=5;CP=&&&&", 0},
    {RULE_FIELD_ORDER, SEGMENT, "CN=2011;ST=31;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_NAME_CASE, SEGMENT, HEAD "cp=&&&&", 0},
    {RULE_STRAY_SPACE, SEGMENT, HEAD "CP=&& &&", 0},
    {RULE_SEPARATOR, SEGMENT, HEAD "CP=&&" TIME "&&", 0},
    {RULE_CP_AMPERSAND, SEGMENT, HEAD "CP=&PolId=w01018&", 0},
    {RULE_AFTER_CP, SEGMENT, HEAD "CP=&&&&x", 0},
    {RULE_PNUM_FLAG, SEGMENT, HEAD "PNUM=1;PNO=1;CP=&&&&", 0},
    {RULE_CN_UNKNOWN, SEGMENT, "ST=31;CN=2063;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_CN_EDITION, SEGMENT, "ST=31;CN=2111;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_DIRECTION, UP, "ST=31;CN=1062;MN=" MN ";Flag=4;CP=&&RtdInterval=30&&", 0},
    {RULE_DIRECTION, DOWN, "ST=31;CN=9012;MN=" MN ";Flag=4;CP=&&ExeRtn=1&&", 0},
    {RULE_TOO_MANY_ITEMS, SEGMENT, NULL, 0},
    {RULE_ENCRYPTED_NO_KEY, BYTES, "##0058ST=31;CN=2011;MN=" MN ";Flag=8;CP=&&\xb0\x01&&0000", 0},
    {RULE_DATATIME_MISSING, SEGMENT, HEAD "CP=&&a21026-Rtd=1,a21026-Flag=N&&", 0},
    {RULE_DATATIME_IMPOSSIBLE, SEGMENT, HEAD "CP=&&DataTime=20260230000000&&", 0},
    {RULE_DATATIME_DIGITS, SEGMENT, HEAD "CP=&&DataTime=20260101000000000&&", 0},
    {RULE_TIME_AHEAD, ARRIVED, HEAD "CP=&&DataTime=20260101000501&&", 0},
    {RULE_PERIOD_ALIGNMENT, SEGMENT,
        "ST=31;CN=2031;MN=" MN ";Flag=4;CP=&&DataTime=20260101010000&&", 0},
    {RULE_MN_UNKNOWN, REGISTERED, "ST=31;CN=2011;PW=123456;MN=M9;Flag=4;CP=&&&&", 0},
    {RULE_MN_NOT_TOPIC, TOPIC, "ST=31;CN=2011;PW=123456;MN=M9;Flag=4;CP=&&&&", 0},
    {RULE_PW_WRONG, REGISTERED, "ST=31;CN=2011;PW=654321;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_FORMAT_WRONG, REGISTERED, "ST=31;CN=2011;PW=123456;MN=M3;Flag=4;CP=&&&&", 0},
    {RULE_VALUE_NOT_NUMBER, SEGMENT, DATA("a21026-Rtd=1E3,a21026-Flag=N"), 0},
    {RULE_VALUE_EMPTY, SEGMENT, DATA("a21026-Rtd=,a21026-Flag=N"), 0},
    {RULE_VALUE_SENTINEL, SEGMENT, DATA("a21026-Rtd=99999.99,a21026-Flag=N"), 0},
    {RULE_VALUE_SENTINEL, SEGMENT,
        "ST=31;CN=2011;PW=123456;MN=" MN ";Flag=8;CP=&&" TIME "a19001-Rtd=99.99,a19001-Flag=N&&",
        0},
    {RULE_VALUE_SENTINEL, SEGMENT, DATA("w01001-Rtd=99.99,w01001-Flag=N"), 0},
    {RULE_VALUE_WIDTH, SEGMENT, DATA("a21026-Rtd=1.234,a21026-Flag=N"), 0},
    {RULE_FACTOR_UNKNOWN, SEGMENT, DATA("a99999-Rtd=1,a99999-Flag=N"), 0},
    {RULE_SUFFIX_UNKNOWN, SEGMENT, DATA("a21026-Foo=1,a21026-Flag=N"), 0},
    {RULE_DATA_FLAG_MISSING, SEGMENT, DATA("a21026-Rtd=1"), 0},
    {RULE_DATA_FLAG_UNKNOWN, SEGMENT, DATA("a21026-Rtd=1,a21026-Flag=x"), 0},
    {RULE_FLAG_ALONE, SEGMENT, DATA("a21026-Flag=N"), 0},
    {RULE_UNIT_IMPOSSIBLE, REGISTERED, NULL, 0},
    {RULE_MIN_AVG_MAX, SEGMENT, DATA("a21026-Min=2,a21026-Avg=1,a21026-Flag=N"), 0},
    {RULE_ITEM_REPEATED, SEGMENT, DATA("a21026-Rtd=1,a21026-Rtd=1,a21026-Flag=N"), 0},
    {RULE_VALUE_RANGE, SEGMENT, DATA("a19001-Rtd=100.1,a19001-Flag=N"), 0},
    {RULE_VALUE_RANGE, SEGMENT, DATA("SB1-RS=6"), 0},
    {RULE_VALUE_RANGE, SEGMENT, DATA("a19001-Rtd=-0.1,a19001-Flag=N"), 0},
    {RULE_VALUE_RANGE, SEGMENT, DATA("a19001-Max=100.1,a19001-Flag=N"), 0},
    {RULE_CP_VALUE_FORM, SEGMENT, DATA("w01018-SampleTime=20260230000000"), 0},
    {RULE_CP_NAME_UNKNOWN, SEGMENT, COMMAND("1061") "CP=&&RtdInterval=30;Foo=1&&", 0},
    {RULE_CP_FIELD_MISSING, SEGMENT, COMMAND("1000") "CP=&&OverTime=5&&", 0},
    {RULE_CP_FIELD_UNEXPECTED, SEGMENT, COMMAND("1012") "CP=&&SystemTime=20260101000000;Stime=1&&",
        0},
    {RULE_CP_FIELD_UNEXPECTED, DOWN, COMMAND("2012") "CP=&&DataTime=20260101000000&&", 0},
    {RULE_CP_VALUE_FORM, SEGMENT, COMMAND("1012") "CP=&&SystemTime=20260230000000&&", 0},
    {RULE_CP_VALUE_RANGE, SEGMENT, COMMAND("1062") "CP=&&RtdInterval=29&&", 0},
    {RULE_RETURN_CODE_UNKNOWN, SEGMENT, COMMAND("9011") "CP=&&QnRtn=11&&", 0},
    {RULE_ITEMS_MISSING, UP, COMMAND("2011") "CP=&&DataTime=20260101000000&&", 0},
    {RULE_ITEM_UNEXPECTED, SEGMENT, DATA("a21026-Rtd=1,a21026-Flag=N;SB1-RS=1"), 0},
    {RULE_PACKET_DIGITS, SEGMENT, "ST=31;CN=2011;MN=" MN ";Flag=10;PNUM=10;PNO=1;CP=&&&&", 0},
    {RULE_ST_UNKNOWN, SEGMENT, "ST=43;CN=2011;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_ST_EDITION, SEGMENT, "ST=44;CN=2011;MN=" MN ";Flag=4;CP=&&&&", 0},
    {RULE_CRC_DIALECT, ALLOWED, "##0044ST=31;CN=2011;PW=123456;MN=M2;Flag=4;CP=&&&&5127", 0},
    {RULE_CRC_CASE, BYTES,
        "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=" MN
        ";Flag=5;CP=&&RtdInterval=30&&1c80\r\n",
        0},
    {RULE_LENGTH_CHARACTERS, ALLOWED,
        "##0074ST=31;CN=3020;MN=" MN
        ";Flag=4;CP=&&i11001-Info=//\xe6\xb2\xb9\xe7\x83\x9f//&&B101\r\n",
        0},
    {RULE_TEXT_ENCODING, SEGMENT, HEAD "CP=&&i11001-Info=//\xd3\xcd//&&", 0},
    {RULE_TEXT_GBK, ALLOWED, NULL, 0},
    {RULE_KEY_REUSED, AFTER, DATA("a21026-Rtd=1,a21026-Flag=N"), 0},
    {RULE_QN_REUSED, AFTER, HEAD "CP=&&DataTime=20260101000100&&", 0},
    {RULE_RESEND_FRESH, SEGMENT,
        "QN=20260101000105000;ST=31;CN=2051;PW=123456;MN=" MN
        ";Flag=8;RF=1;CP=&&DataTime=20260101000100;a21026-Avg=1,a21026-Flag=N&&",
        0},
    {RULE_CONVERSION_WRONG, REGISTERED,
        DATA("a21026-Rtd=10,a21026-ZsRtd=19,a21026-Flag=N;a19001-Rtd=15,a19001-Flag=N"), 0},
    {RULE_SUM_OF_PARTS, SEGMENT,
        DATA("a21002-Rtd=50,a21002-Flag=N;a21003-Rtd=20,a21003-Flag=N;"
             "a21004-Rtd=10,a21004-Flag=N"),
        0},
    {RULE_PERIOD_ALIGNMENT, REGISTERED,
        COMMAND("2051") "CP=&&DataTime=20260101000100;a21026-Avg=1,a21026-Flag=N&&", 0},
    {RULE_LATE, AFTER, HEAD "CP=&&DataTime=20250101000000&&", 0},
    {RULE_SENML_CBOR, SENML, "\x9a\x08\x00\x00\x00", 5},
    {RULE_SENML_FORM, SENML, "\xa0", 1},
    {RULE_SENML_LIMIT, SENML,
        PACK "\x63"
             "a-b"
             "\x18\x63\x81\x81\x81\x81\x81\x81\x81\x81\x81\x01",
        23},
    {RULE_SENML_DUPLICATE_KEY, SENML,
        PACK "\x61"
             "a\x00\x61"
             "b",
        12},
    {RULE_SENML_UTF8, SENML, PACK "\x61\xff", 9},
    {RULE_SENML_LABEL, SENML,
        PACK "\x63"
             "a-b\x62x_\x01",
        15},
    {RULE_SENML_NO_BASE, SENML,
        "\x81\xa2\x00\x63"
        "a-b\x02\x01",
        9},
    {RULE_SENML_NAME, SENML,
        PACK "\x62"
             "ab\x02\x01",
        12},
    {RULE_SENML_TIME, SENML,
        "\x81\xa4\x21\x62M/\x00\x63"
        "a-b\x02\x01\x06\xf6",
        15},
    {RULE_KEY_FITS_NOT, KEYED, KEYED_FRAME("PolId=w01018;x=\x80", "3840"), 0},
    /* PolId=w01018;x=1 by SM4 with sixteen "0", made with openssl enc */
    {RULE_KEY_OUTSIDE_VALIDITY, KEYED,
        KEYED_FRAME("\x80\x6e\x31\x39\x84\x53\xb1\xbb\x9a\x7d\xf7\xec\x73\xbc\x2b\x53", "3840"), 0},
    {RULE_PLAIN_THOUGH_KEY, KEYED, KEYED_FRAME("PolId=w01018;x=1", "3840"), 0},
    {RULE_CIPHER_PRINTED, KEYED,
        KEYED_FRAME(
            "{0x80,0x6E,0x31,0x39,0x84,0x53,0xB1,0xBB,0x9A,0x7D,0xF7,0xEC,0x73,0xBC,0x2B,0x53}",
            "3840"),
        0},
};

static struct decoder decoder;
static char bytes[FRAME_SIZE_MAX];

/* A device by the standard, one that uses CRC-16/MODBUS, one that should send SenML, with a power in kW. */
static const struct registry *county(void)
{
    static struct device devices[3];
    static struct signal signals[1];
    static struct outlet outlets[1] = {{.o2_reference = 9}};
    static uint32_t first[4] = {0, 0, 0, 1};
    static struct registry registry;
    static const char *const NAMES[] = {MN, "M2", "M3"};
    if (registry.device_count == 0) {
        registry.device_by_mn = table_new(&registry.arena, 3);
        for (uint32_t i = 0; i < 3; i++) {
            devices[i] = (struct device){.mn = slice_of(NAMES[i]),
                .pw = slice_of("123456"),
                .format = i == 2 ? FORMAT_SENML : FORMAT_HJ212,
                .crc = i == 1 ? CRC_MODBUS : CRC_STANDARD};
            devices[i].outlet = NONE;
            table_add(&registry.device_by_mn, devices[i].mn, i);
        }
        signals[0] = (struct signal){.device = 2,
            .cn = 2011,
            .factor = slice_of("a"),
            .field = slice_of("b"),
            .unit = slice_of("kW")};
        devices[0].outlet = 0;
        devices[0].has_minute_interval = true;
        devices[0].minute_interval = 5;
        registry.outlets = outlets;
        registry.devices = devices;
        registry.device_count = 3;
        registry.signals = signals;
        registry.signal_count = 1;
        registry.device_signal_first = first;
    }
    return &registry;
}

/* One key, of 2026. */
static const struct keyring *keys(void)
{
    static struct keyring *keyring;
    static struct report report;
    static const char FILE_OF[] =
        "mn,key_id,key,from,until\n" MN ",k1,0000000000000000,2026-01-01,\n";
    if (keyring == NULL) {
        assert_int_equal(
            STATUS_OK, keyring_parse(slice_of(FILE_OF), slice_of("keys.csv"), &keyring, &report));
    }
    return keyring;
}

/* A frame of so many plain fields. */
static size_t long_frame(size_t count)
{
    static char segment[FRAME_SIZE_MAX - 64];
    size_t size = (size_t)snprintf(segment, sizeof segment, HEAD "CP=&&DataTime=20260101000000");
    for (size_t i = 0; i < count; i++) {
        size += (size_t)snprintf(segment + size, sizeof segment - size, ";x%020zu=1", i);
    }
    snprintf(segment + size, sizeof segment - size, "&&");
    return frame_append(bytes, 0, segment);
}

/* The payload of a row, in `bytes`; its size. Three are too long to write down or not of text. */
static size_t payload_of(const struct row *row)
{
    static const char IN_WATT[] = "\x81\xa4\x21\x63M3/\x00\x63"
                                  "a-b\x01\x61W\x02\x01";
    if (row->rule == RULE_UNIT_IMPOSSIBLE) {
        memcpy(bytes, IN_WATT, sizeof IN_WATT - 1);
        return sizeof IN_WATT - 1;
    }
    if (row->rule == RULE_SEGMENT_TOO_LONG) {
        return long_frame(40);
    }
    if (row->rule == RULE_TOO_MANY_ITEMS) {
        return long_frame(65);
    }
    if (row->rule == RULE_TEXT_GBK) {
        return frame_append(bytes, 0, HEAD "CP=&&i11001-Info=//\xd3\xcd//&&");
    }
    if (row->how == ALLOWED || row->how == BYTES || row->how == SENML || row->how == KEYED) {
        size_t size = row->size > 0 ? row->size : strlen(row->input);
        memcpy(bytes, row->input, size);
        return size;
    }
    return frame_append(bytes, 0, row->input);
}

static struct decode_context context_of(const struct row *row)
{
    struct decode_context context = {0};
    bool pack = row->how == SENML || row->rule == RULE_UNIT_IMPOSSIBLE;
    context.format = pack ? FORMAT_SENML : FORMAT_HJ212;
    context.keys = row->how == KEYED ? keys() : NULL;
    context.registry = row->how == REGISTERED ? county() : NULL;
    context.length = row->how == ALLOWED ? LENGTH_CHARACTERS : LENGTH_BYTES;
    context.charset = row->how == ALLOWED ? CHARSET_GBK : CHARSET_UTF8;
    context.direction = row->how == UP     ? DIRECTION_UP
                        : row->how == DOWN ? DIRECTION_DOWN
                                           : DIRECTION_UNKNOWN;
    context.crc_given = row->rule == RULE_CRC_DIALECT;
    context.crc = context.crc_given ? CRC_MODBUS : CRC_STANDARD;
    context.has_topic = row->how == TOPIC;
    context.topic_mn = slice_of(MN);
    context.has_arrival = row->how == ARRIVED;
    event_time_from_rfc3339(slice_of("2026-01-01T00:00:00+08:00"), &context.arrival);
    return context;
}

static const struct pace PACE = {.realtime_s = 60, .minute_min = 10};

/* What came before: the same QN with another value; later data. */
static void judge_past(struct message *message)
{
    uint64_t *ring = calloc(1, duplicates_size(PACE));
    struct message before = {.mn = message->mn,
        .st = message->st,
        .cn = message->cn,
        .cn_code = message->cn_code,
        .qn = message->qn,
        .segment = slice_of("other"),
        .has_data_time = true,
        .data_time = {INT64_C(1767196800000)}};
    assert_non_null(ring);
    assert_int_equal(SAME_FRESH, duplicates_check(ring, PACE, &before));
    switch (duplicates_check(ring, PACE, message)) {
    case SAME_CONFLICT:
        rule_set_add(&message->verdict.broken, RULE_KEY_REUSED);
        break;
    case SAME_REUSED:
        rule_set_add(&message->verdict.broken, RULE_QN_REUSED);
        break;
    case SAME_LATE:
        rule_set_add(&message->verdict.broken, RULE_LATE);
        break;
    case SAME_FRESH:
    case SAME_DUPLICATE:
        break;
    }
    free(ring);
}

static enum verdict_kind least_for(enum consequence consequence)
{
    static const enum verdict_kind KINDS[] = {[CONSEQUENCE_MARK] = VERDICT_ACCEPTED,
        [CONSEQUENCE_WITHHOLD] = VERDICT_ACCEPTED,
        [CONSEQUENCE_QUARANTINE] = VERDICT_QUARANTINED,
        [CONSEQUENCE_REJECT] = VERDICT_REJECTED};
    return KINDS[consequence];
}

/* A reading that breaks a withholding rule has no value; one that breaks only marks keeps it. */
static void readings_fit(const struct message *message)
{
    for (size_t i = 0; i < message->reading_count; i++) {
        const struct reading *reading = &message->readings[i];
        bool withheld = false;
        for (unsigned id = 0; id < RULE_COUNT; id++) {
            withheld = withheld || (rule_set_has(&reading->broken, (enum validity_rule)id) &&
                                       validity_rule((enum validity_rule)id)->consequence ==
                                           CONSEQUENCE_WITHHOLD);
        }
        assert_true(reading->has_value == (!withheld && !reading->is_text));
    }
}

static void test_validity__each_row_breaks_its_rule(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct decode_context context = context_of(&ROWS[i]);
        decoder_begin(&decoder, &context, slice_from(bytes, payload_of(&ROWS[i])));
        assert_true(decoder_next(&decoder));
        struct message *message = &decoder.message;
        if (ROWS[i].how == AFTER) {
            judge_past(message);
        }
        if (!rule_set_has(&message->verdict.broken, ROWS[i].rule)) {
            fail_msg("row %zu does not break %s", i, validity_rule(ROWS[i].rule)->name);
        }
        assert_true(message->verdict.kind >= least_for(validity_rule(ROWS[i].rule)->consequence));
        readings_fit(message);
    }
}

/* What is told of a message that came in sub-packets: test_parts.c breaks each. */
static bool of_parts(unsigned id)
{
    return id == RULE_PARTS_MISSING || id == RULE_PART_CONFLICT || id == RULE_PNUM_DISAGREES ||
           id == RULE_PART_LATE || id == RULE_PARTS_LIMIT;
}

static void test_validity__no_rule_is_without_a_row(void **unused)
{
    (void)unused;
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        size_t row = 0;
        while (row < sizeof ROWS / sizeof ROWS[0] && ROWS[row].rule != (enum validity_rule)id) {
            row += 1;
        }
        if (row == sizeof ROWS / sizeof ROWS[0] && !of_parts(id)) {
            fail_msg("nothing breaks %s", validity_rule((enum validity_rule)id)->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validity__each_row_breaks_its_rule),
        cmocka_unit_test(test_validity__no_rule_is_without_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
