#include "tests/unit/check.h"

#include "broker-bridge/bundle.h"
#include "broker-bridge/pipeline.h"
#include "broker-bridge/pipeline_state.h"
#include "tests/unit/hj212_make.h"
#include "validators/hj212_crc.h"

#define MN      "010000A8900016F000169DC1" /* a device of the golden registry, PW 123456 */
#define WALL_MS INT64_C(1788192000000)     /* 2026-09-01T00:00:00+08:00 */

static struct pipeline *pipeline;
static char answers[4096];  /* what went to down/hj212 */
static char verdicts[8192]; /* and to down/verdict */

static void listen(void *context, const struct effect *effect)
{
    (void)context;
    if (effect->kind == EFFECT_ANSWER) {
        size_t verdict = strlen("verdict");
        const char *end = (const char *)effect->topic.ptr + effect->topic.size;
        bool is_verdict = memcmp(end - verdict, "verdict", verdict) == 0;
        snprintf(is_verdict ? verdicts : answers, is_verdict ? sizeof verdicts : sizeof answers,
            "%.*s", (int)effect->payload.size, (const char *)effect->payload.ptr);
    }
}

static int load(void **unused)
{
    (void)unused;
    struct arena arena = {0};
    struct report report = {0};
    struct revision *revision = NULL;
    struct slice registry, rules;
    struct record record = {
        .kind = RECORD_RULES, .epoch = 1, .wall = {WALL_MS}, .session = SESSION_UP};
    bool fine =
        registry_dir_read(SOURCE_DIR "/tests/golden/registry-small", &arena, &registry, &report) ==
            STATUS_OK &&
        rules_dir_read(SOURCE_DIR "/rules", &arena, &rules, &report) == STATUS_OK &&
        revision_prepare(registry, rules, slice_of("140581"), &revision, &report) == STATUS_OK;
    if (fine) {
        pipeline = pipeline_new(slice_of("140581"));
        revision_free(pipeline_step(pipeline, &record, revision, listen, NULL));
    }
    arena_free(&arena);
    report_free(&report);
    return fine ? 0 : -1;
}

static int unload(void **unused)
{
    (void)unused;
    pipeline_free(pipeline);
    return 0;
}

static void take(const char *topic, const char *bytes, size_t size, int64_t at_ms)
{
    static uint64_t sequence = 1;
    answers[0] = '\0';
    verdicts[0] = '\0';
    struct record record = {.kind = RECORD_MESSAGE,
        .epoch = 1,
        .sequence = ++sequence,
        .wall = {WALL_MS + at_ms},
        .mono = {at_ms},
        .session = SESSION_UP,
        .topic = slice_of(topic),
        .payload = slice_from(bytes, size)};
    pipeline_step(pipeline, &record, NULL, listen, NULL);
}

static void publish(const char *topic, const char *segment, int64_t at_ms)
{
    char bytes[FRAME_SIZE_MAX];
    take(topic, bytes, frame_append(bytes, 0, segment), at_ms);
}

#define UP   "ems/v1/140581/" MN "/up/hj212"
#define NEW  "ems/v1/140581/new/logger7/up/hj212"
#define Q(n) "QN=2026090100000000" n ";"
#define WHO  "PW=123456;MN=" MN ";"

/* HJ 212-2017 6.5 and C.48; 2025: Flag 8; 2005 (one source): the QN stands in CP. */
static void test_answers__are_these_bytes(void **unused)
{
    (void)unused;
    static const struct {
        const char *topic, *segment, *answer; /* the answer's segment; "" for none */
    } ROWS[] = {
        {UP, Q("1") "ST=31;CN=2011;" WHO "Flag=5;CP=&&&&",
            Q("1") "ST=91;CN=9014;" WHO "Flag=4;CP=&&&&"},
        {UP, Q("1") "ST=31;CN=2011;" WHO "Flag=5;CP=&&&&", /* a duplicate, answered again */
            Q("1") "ST=91;CN=9014;" WHO "Flag=4;CP=&&&&"},
        {UP, Q("2") "ST=31;CN=2011;" WHO "Flag=4;CP=&&&&", ""},
        {UP, Q("3") "ST=31;CN=2051;" WHO "Flag=7;PNUM=2;PNO=1;CP=&&&&",
            Q("3") "ST=91;CN=9014;" WHO "Flag=4;CP=&&&&"},
        {UP, Q("4") "ST=44;CN=2011;" WHO "Flag=9;CP=&&&&",
            Q("4") "ST=91;CN=9014;" WHO "Flag=4;CP=&&&&"}, /* its profile says 2017 */
        {UP, Q("5") "ST=31;CN=9015;" WHO "Flag=5;CP=&&&&",
            Q("5") "ST=91;CN=9013;" WHO "Flag=4;CP=&&&&"},
        {UP, Q("6") "ST=31;CN=1013;" WHO "Flag=5;CP=&&&&",
            Q("6") "ST=91;CN=9013;" WHO "Flag=4;CP=&&&&"},
        {UP, Q("7") "ST=31;CN=2063;" WHO "Flag=5;CP=&&&&", /* a maker's own */
            Q("7") "ST=91;CN=9014;" WHO "Flag=4;CP=&&&&"},
        {UP, Q("8") "ST=91;CN=9014;" WHO "Flag=5;CP=&&&&", ""}, /* answers are not answered */
        {UP, Q("9") "ST=91;CN=9012;" WHO "Flag=5;CP=&&ExeRtn=1&&", ""},
        {UP, "ST=31;CN=2011;" WHO "Flag=5;CP=&&&&", ""},                /* under which QN? */
        {UP, Q("1") "ST=31;CN=2011;PW=000000;MN=" MN ";Flag=5;CP=&&&&", /* quarantined */
            Q("1") "ST=91;CN=9014;PW=000000;MN=" MN ";Flag=4;CP=&&&&"},
        {UP, Q("1") "CN=2011;" WHO "Flag=5;CP=&&&&", ""}, /* rejected */
        {"ems/v1/140581/NEW-9/up/hj212",
            Q("1") "ST=31;CN=2011;PW=1;MN=NEW-9;Flag=9;CP=&&DataTime=20260101000000&&",
            Q("1") "ST=91;CN=9014;PW=1;MN=NEW-9;Flag=4;CP=&&&&"},
        {"ems/v1/140581/88888888888888/up/hj212",
            Q("1") "ST=31;CN=2011;PW=123456;MN=88888888888888;Flag=1;CP=&&&&",
            "ST=91;CN=9014;PW=123456;MN=88888888888888;Flag=0;CP=&&QN=20260901000000001&&"},
        {NEW, Q("1") "ST=31;CN=1001;PW=123456;MN=;Flag=9;CP=&&i23005-Info=//A//&&",
            Q("1") "ST=91;CN=9013;PW=123456;MN=;Flag=8;CP=&&&&"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char want[FRAME_SIZE_MAX] = "";
        if (ROWS[i].answer[0] != '\0') {
            frame_append(want, 0, ROWS[i].answer);
        }
        publish(ROWS[i].topic, ROWS[i].segment, 1000);
        assert_string_equal(want, answers);
    }
}

static void test_answers__a_wrong_crc_is_never_answered(void **unused)
{
    (void)unused;
    char bytes[FRAME_SIZE_MAX];
    size_t size = frame_append(bytes, 0, Q("1") "ST=31;CN=2011;" WHO "Flag=5;CP=&&&&");
    bytes[size - 3] = bytes[size - 3] == '0' ? '1' : '0';
    take(UP, bytes, size, 1000);
    assert_string_equal("", answers);
    assert_non_null(strstr(verdicts, "\"crc-wrong\""));
}

/* A device that checks with MODBUS would not understand another CRC, believed or not. */
static void test_answers__come_with_the_crc_of_the_device(void **unused)
{
    (void)unused;
    static const char *const PASSWORDS[] = {"123456", "wrong!"};
    struct registry *registry = &pipeline->revision->registry;
    enum crc_kind *crc = &registry->devices[registry_device(registry, slice_of(MN))].crc;
    *crc = CRC_MODBUS;
    for (size_t i = 0; i < sizeof PASSWORDS / sizeof PASSWORDS[0]; i++) {
        char segment[200], bytes[FRAME_SIZE_MAX];
        snprintf(segment, sizeof segment, Q("1") "ST=31;CN=2011;PW=%s;MN=" MN ";Flag=5;CP=&&&&",
            PASSWORDS[i]);
        size_t size = frame_append(bytes, 0, segment);
        snprintf(bytes + size - 6, 7, "%04X\r\n", hj212_crc(CRC_MODBUS, slice_of(segment)));
        take(UP, bytes, size, 1000);
        struct slice answer = slice_of(answers);
        char want[8];
        assert_true(answer.size > 12);
        struct slice said = slice_from(answer.ptr + 6, answer.size - 12);
        snprintf(want, sizeof want, "%04X\r\n", hj212_crc(CRC_MODBUS, said));
        assert_string_equal(want, answers + answer.size - 6);
    }
    *crc = CRC_STANDARD;
}

/* The verdict is the object of `hjhub check --json`, with the arrival and each rule in words. */
static void test_answers__the_verdict_tells_what_was_read(void **unused)
{
    (void)unused;
    publish(UP,
        Q("1") "ST=31;CN=2011;" WHO "Flag=4;CP=&&DataTime=20260901000000;a21026-Rtd=x,"
               "a21026-Flag=N&&",
        2000);
    assert_non_null(strstr(verdicts, "\"at\":\"2026-09-01T00:00:02.000+08:00\","));
    assert_non_null(strstr(verdicts,
        "\"items\":[{\"factor\":\"a21026\",\"field\":\"Rtd\",\"text\":\"x\",\"flag\":\"N\","
        "\"rules\":[{\"id\":\"value-not-number\",\"consequence\":\"withhold\"}]}]"));
    assert_null(strstr(verdicts, "123456")); /* the password is not repeated */
}

static void report_at(const char *mn, int64_t at_s, const char *items)
{
    char segment[300];
    snprintf(segment, sizeof segment,
        Q("0") "ST=31;CN=2011;PW=123456;MN=%s;Flag=4;CP=&&DataTime=2026090100%02d%02d;%s&&", mn,
        (int)(at_s / 60), (int)(at_s % 60), items);
    char topic[100];
    snprintf(topic, sizeof topic, "ems/v1/140581/%s/up/hj212", mn);
    publish(topic, segment, at_s * SECOND_MS);
}

/* Marked is used: loggers whose QN never changes are watched like any other. */
static void test_answers__a_qn_that_never_changes_hides_nothing(void **unused)
{
    (void)unused;
    for (int64_t at_s = 10; at_s <= 400; at_s += 10) {
        report_at("METER-E1", at_s, "d20101-Rtd=400,d20101-Flag=N;d30101-Rtd=60,d30101-Flag=N");
        report_at(MN, at_s, "e10101-Rtd=42.5,e10101-Flag=N;e10301-Rtd=0,e10301-Flag=N");
        assert_null(strstr(verdicts, "duplicate"));
        assert_true((strstr(verdicts, "qn-reused") != NULL) == (at_s > 10));
    }
    /* Others may stand: of what the tests before sent. */
    bool raised = false;
    for (uint32_t i = 0; i < pipeline_instance_count(pipeline); i++) {
        struct pipeline_instance instance = pipeline_instance(pipeline, i);
        raised = raised || (slice_is(instance.rule, "bypass-damper-open") &&
                               strcmp(instance.state, "active-unack") == 0);
    }
    assert_true(raised);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers__are_these_bytes),
        cmocka_unit_test(test_answers__a_wrong_crc_is_never_answered),
        cmocka_unit_test(test_answers__come_with_the_crc_of_the_device),
        cmocka_unit_test(test_answers__the_verdict_tells_what_was_read),
        cmocka_unit_test(test_answers__a_qn_that_never_changes_hides_nothing),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
