#include "tests/unit/check.h"

#include "broker-bridge/bundle.h"
#include "broker-bridge/pipeline.h"
#include "tests/unit/hj212_make.h"
#include "tests/unit/no_malloc.h"
#include "validators/parts.h"

#define MN       "010000A8900016F000169DC0" /* CEMS of the golden registry: verdicts for faults */
#define BYPASS   "010000A8900016F000169DC1" /* verdicts always */
#define DAY_MS_0 INT64_C(1788192000000)     /* 2026-09-01T00:00:00+08:00 */

static struct slice registry, rules;
static struct arena arena;
static struct pipeline *pipeline;
static char joined[4096]; /* what was said of joined messages */
static char told[4096];   /* and told to a device of them */
static uint64_t said;     /* a hash of all effects */
static uint64_t sequence;
static char alarms[16 * 1024];

static void keep(char *space, size_t size, const struct effect *effect)
{
    size_t at = strlen(space);
    snprintf(space + at, size - at, "%.*s", (int)effect->payload.size,
        (const char *)effect->payload.ptr);
}

static void listen(void *context, const struct effect *effect)
{
    (void)context;
    said = said * 31 + (uint64_t)effect->kind;
    for (size_t i = 0; i < effect->payload.size; i++) {
        said = (said ^ effect->payload.ptr[i]) * UINT64_C(1099511628211);
    }
    if (effect->kind == EFFECT_JOINED) {
        keep(joined, sizeof joined, effect);
    } else if (effect->kind == EFFECT_ANSWER && effect->payload.ptr[0] == '{') {
        keep(told, sizeof told, effect);
    } else if (effect->kind == EFFECT_TRANSITION) {
        keep(alarms, sizeof alarms, effect);
    }
}

static struct revision *prepare(void)
{
    struct report report = {0};
    struct revision *revision = NULL;
    enum status status = revision_prepare(registry, rules, slice_of("140581"), &revision, &report);
    assert_int_equal(STATUS_OK, status);
    report_free(&report);
    return revision;
}

static void forget(void)
{
    joined[0] = told[0] = alarms[0] = '\0';
}

static int begin(void **unused)
{
    (void)unused;
    struct record record = {
        .kind = RECORD_RULES, .epoch = 1, .wall = {DAY_MS_0}, .session = SESSION_UP};
    pipeline = pipeline_new(slice_of("140581"));
    revision_free(pipeline_step(pipeline, &record, prepare(), listen, NULL));
    sequence = 1;
    forget();
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    pipeline_free(pipeline);
    return 0;
}

static int load(void **unused)
{
    (void)unused;
    struct report report = {0};
    bool fine = registry_dir_read(SOURCE_DIR "/tests/golden/registry-small", &arena, &registry,
                    &report) == STATUS_OK &&
                rules_dir_read(SOURCE_DIR "/rules", &arena, &rules, &report) == STATUS_OK;
    report_free(&report);
    return fine ? 0 : -1;
}

static int unload(void **unused)
{
    (void)unused;
    arena_free(&arena);
    return 0;
}

static void step(enum record_kind kind, const char *topic, struct slice payload, int64_t at_ms)
{
    struct record record = {.kind = kind,
        .epoch = 1,
        .sequence = ++sequence,
        .wall = {DAY_MS_0 + at_ms},
        .mono = {at_ms},
        .session = SESSION_UP,
        .topic = slice_of(topic),
        .payload = payload};
    pipeline_step(pipeline, &record, NULL, listen, NULL);
}

static void tick(int64_t at_s)
{
    step(RECORD_TICK, "", (struct slice){0}, at_s * 1000);
}

/* One frame; each with a QN of its own. */
static void part(const char *mn, int64_t at_s, const char *head, const char *cp)
{
    char bytes[FRAME_SIZE_MAX], segment[2048], topic[80];
    snprintf(segment, sizeof segment, "QN=20260901%09u;ST=31;%s;CP=&&%s&&",
        (unsigned)sequence % 1000, head, cp);
    snprintf(topic, sizeof topic, "ems/v1/140581/%s/up/hj212", mn);
    step(RECORD_MESSAGE, topic, slice_from(bytes, frame_append(bytes, 0, segment)), at_s * 1000);
}

#define HEAD(cn, pnum, pno) "CN=" cn ";PW=123456;MN=" MN ";Flag=6;PNUM=" pnum ";PNO=" pno
#define AT                  "DataTime=20260901000000;"

static bool has(const char *text, const char *words)
{
    return strstr(text, words) != NULL;
}

/* What two or three parts say together: the words that the joined record has, and those it has not. */
static void test_parts__are_judged_as_the_message_they_were_cut_from(void **unused)
{
    static const struct {
        const char *one, *two, *has, *has_not;
    } ROWS[] = {
        {"a21026-Avg=1,a21026-Flag=N", "a21002-Avg=2,a21002-Flag=N",
            "\"joined\":\"complete\",\"rules\":[],\"edition\":\"2017\",\"st\":\"31\",\"cn\":"
            "\"2061\","
            "\"mn\":\"" MN "\",\"pnum\":\"2\",\"datatime\":\"20260901000000\",\"missing\":[],"
            "\"items\":[]}",
            "min-avg-max"},
        /* cut inside a factor: Min and Avg here, Max there */
        {"a21026-Min=5,a21026-Avg=6", "a21026-Max=4,a21026-Flag=N", "min-avg-max", "data-flag"},
        {"a21026-Min=5,a21026-Avg=6", "a21026-Max=7,a21026-Flag=N", "\"rules\":[]", "min-avg-max"},
        /* its -Flag in another part */
        {"a21026-Avg=6", "a21026-Flag=N", "\"rules\":[]", "flag"},
        {"a21026-Flag=N", "a21026-Avg=6", "\"rules\":[]", "flag"},
        {"a21026-Avg=6", "a21002-Avg=6,a21002-Flag=N", "data-flag-missing", "alone"},
        {"a21026-Avg=6,a21026-Flag=N", "a21002-Flag=N", "flag-alone", "missing\",\"cons"},
        /* NOx in another part than NO and NO2 */
        {"a21003-Avg=10,a21003-Flag=N;a21004-Avg=10,a21004-Flag=N", "a21002-Avg=100,a21002-Flag=N",
            "sum-of-parts", "repeated"},
        /* an item in both */
        {"a21026-Avg=6,a21026-Flag=N;a21002-Avg=1,a21002-Flag=N", "a21026-Avg=6", "item-repeated",
            "part-conflict"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char one[256], two[256];
        begin(unused);
        snprintf(one, sizeof one, AT "%s", ROWS[i].one);
        snprintf(two, sizeof two, AT "%s", ROWS[i].two);
        part(MN, 3660, HEAD("2061", "2", "1"), one);
        assert_string_equal("", joined);
        part(MN, 3661, HEAD("2061", "2", "2"), two);
        assert_true(has(joined, ROWS[i].has));
        assert_false(has(joined, ROWS[i].has_not));
        assert_true(has(joined, "\"rules\":[]") != has(told, "\"joined\"")); /* told if odd */
        assert_int_equal(2, pipeline_figures(pipeline).received); /* frames, and nothing else */
        end(unused);
    }
}

/* C.50 with its parts the other way round: items stand in the order of PNO. */
static void test_parts__come_in_any_order_and_under_any_qn(void **unused)
{
    begin(unused);
    part(MN, 3660, HEAD("2061", "3", "3"), AT "a21026-Max=7,a21026-Flag=N");
    part(MN, 3661, HEAD("2061", "3", "1"), AT "a21026-Min=5");
    part(MN, 3661, HEAD("2051", "3", "2"), AT "a21026-Min=5");                      /* another CN */
    part(MN, 3661, HEAD("2061", "3", "2"), "DataTime=20260901010000;a21026-Avg=5"); /* and time */
    assert_string_equal("", joined);
    part(MN, 3690, HEAD("2061", "3", "2"), AT "a21026-Avg=6");
    assert_true(has(joined, "\"joined\":\"complete\",\"rules\":[]"));
    forget();
    part(MN, 3691, HEAD("2061", "1", "1"), AT "a21026-Avg=6");  /* one of one is whole */
    part(MN, 3691, HEAD("2061", "99", "1"), AT "a21026-Avg=6"); /* more than are held */
    part(MN, 3691, HEAD("2061", "2", "3"), AT "a21026-Avg=6");
    part(MN, 3691, HEAD("2061", "2", "1"), "a21026-Avg=6"); /* no time tells what it belongs to */
    tick(4000);
    assert_false(has(joined, "\"pnum\":\"1\"") || has(joined, "\"pnum\":\"99\""));
    assert_false(has(joined, "\"pnum\":\"2\""));
    end(unused);
}

static void test_parts__are_missed_when_the_time_is_out(void **unused)
{
    begin(unused);
    part(MN, 3660, HEAD("2061", "3", "1"), AT "a21026-Avg=1,a21026-Flag=N");
    tick(3700);
    part(MN, 3710, HEAD("2061", "3", "3"), AT "a21005-Avg=1"); /* waits again from here */
    tick(3769);
    assert_string_equal("", joined);
    tick(3770);
    assert_true(has(joined, "\"at\":\"2026-09-01T01:02:50.000+08:00\",\"joined\":\"incomplete\""));
    assert_true(has(joined, "parts-missing") && has(joined, "\"missing\":[2]"));
    assert_false(has(joined, "data-flag-missing")); /* it may stand in part 2 */
    assert_true(has(told, "parts-missing"));
    forget();
    part(MN, 3771, HEAD("2061", "3", "3"), AT "a21005-Avg=1"); /* resent: nothing new */
    assert_string_equal("", joined);
    part(MN, 3772, HEAD("2061", "3", "2"), AT "a21002-Avg=1,a21002-Flag=N");
    assert_true(has(joined, "part-late") && has(joined, "\"missing\":[]"));
    end(unused);
}

static void test_parts__that_contradict_each_other_are_told(void **unused)
{
    begin(unused);
    part(MN, 3660, HEAD("2061", "2", "1"), AT "a21026-Avg=1,a21026-Flag=N");
    part(MN, 3661, HEAD("2061", "2", "1"), AT "a21026-Avg=1,a21026-Flag=N"); /* resent */
    part(MN, 3661, HEAD("2061", "2", "1"), AT "a21026-Avg=9,a21026-Flag=N");
    assert_string_equal("", joined);
    part(MN, 3662, HEAD("2061", "2", "2"), AT "a21002-Avg=1,a21002-Flag=N");
    assert_true(has(joined, "part-conflict") && has(joined, "\"joined\":\"complete\""));
    forget();
    part(MN, 3663, HEAD("2061", "2", "2"), AT "a21002-Avg=7,a21002-Flag=N"); /* told before */
    assert_true(has(joined, "part-conflict"));
    forget();
    part(MN, 3664, HEAD("2061", "3", "1"), AT "a21026-Avg=1,a21026-Flag=N");
    tick(3800);
    assert_true(has(joined, "pnum-disagrees") && has(joined, "parts-missing"));
    end(unused);
}

/* Four messages a device and nine KiB: the oldest gives way, and says so. */
static void test_parts__are_bounded(void **unused)
{
    begin(unused);
    for (int hour = 0; hour < 6; hour++) {
        char cp[64];
        snprintf(cp, sizeof cp, "DataTime=20260901%02d0000;a21026-Avg=1", hour);
        part(MN, 6 * 3600, HEAD("2061", "2", "1"), cp);
        assert_true(has(joined, "20260901000000") == (hour >= 4));
        assert_true(has(joined, "20260901010000") == (hour >= 5));
    }
    end(unused);
    begin(unused);
    char cp[1200] = AT "a21026-Avg=1", pno[80];
    memset(cp + strlen(cp), '0', 1000); /* much too long a number */
    for (int k = 1; k <= 12; k++) {
        snprintf(pno, sizeof pno, HEAD("2061", "12", "%d"), k);
        part(MN, 3660, pno, cp);
    }
    assert_true(has(joined, "\"joined\":\"complete\"") && has(joined, "parts-limit"));
    assert_false(has(joined, "data-flag-missing")); /* it may stand in what was not held */
    end(unused);
}

/* The bypass monitor, in two parts each ten seconds, its furnace running. Is the alarm raised? */
static bool raises(const char *one, const char *two, int parts)
{
    for (int64_t s = 10; s <= 300; s += 10) {
        char cp[128], head[128];
        int minute = (int)s / 60, second = (int)s % 60;
        snprintf(cp, sizeof cp, "DataTime=2026090100%02d%02d;d20101-Rtd=400", minute, second);
        part("METER-E1", s, "CN=2011;PW=;MN=METER-E1;Flag=4", cp);
        for (int k = 1; k <= parts; k++) {
            snprintf(cp, sizeof cp, "DataTime=2026090100%02d%02d;%s", minute, second,
                k == 1 ? one : two);
            snprintf(head, sizeof head, "CN=2011;PW=123456;MN=" BYPASS ";Flag=6;PNUM=2;PNO=%d", k);
            part(BYPASS, s + 5 * (k - 1), head, cp); /* half the time nobody knows the flag yet */
        }
    }
    return has(alarms, "\"rule\":\"bypass-damper-open\"");
}

static void test_parts__a_flag_in_a_later_part_is_not_overlooked(void **unused)
{
    static const struct {
        const char *one, *two;
        int parts;
        bool raised;
    } ROWS[] = {
        {"e10101-Rtd=42.5,e10101-Flag=N", "a01011-Rtd=1,a01011-Flag=N", 2, true},
        {"e10101-Rtd=42.5", "e10101-Flag=N", 2, true},
        {"e10101-Rtd=42.5", "e10101-Flag=M", 2, false}, /* maintenance */
        {"e10101-Flag=M", "e10101-Rtd=42.5", 2, false},
        {"e10101-Rtd=42.5", "", 1, true}, /* the second never comes: that hides nothing */
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        begin(unused);
        assert_int_equal(ROWS[i].raised, raises(ROWS[i].one, ROWS[i].two, ROWS[i].parts));
        end(unused);
    }
}

/* The same hour cut anew into another number of parts does not count again. */
static void test_parts__of_one_message_count_once(void **unused)
{
    (void)unused;
    static const struct {
        int cn, total;
        bool counts;
    } ROWS[] = {{2061, 2, true}, {2061, 2, false}, {2061, 3, false}, {2051, 2, true}};
    void *block = calloc(1, parts_size());
    assert_non_null(block);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct message message = {.format = FORMAT_HJ212,
            .st_code = 31,
            .cn_code = ROWS[i].cn,
            .pnum_code = ROWS[i].total,
            .has_data_time = true,
            .data_time = {DAY_MS_0},
            .cp = slice_of("&&a21026-Avg=1&&")};
        struct part_taken taken = {0};
        for (message.pno_code = 1; message.pno_code <= ROWS[i].total; message.pno_code++) {
            assert_int_equal(JOIN_NONE, parts_in_the_way(block, &message));
            taken = parts_take(block, &message, 0);
        }
        assert_int_equal(i == 1 ? PART_REPEATS : PART_COMPLETES, taken.fate);
        assert_int_equal(ROWS[i].counts, parts_claim(block, taken.join));
        parts_close(block, taken.join);
    }
    free(block);
}

static void test_parts__a_checkpoint_between_them_changes_nothing(void **unused)
{
    begin(unused);
    part(MN, 3660, HEAD("2061", "3", "1"), AT "a21026-Min=5");
    part(MN, 3661, HEAD("2061", "3", "3"), AT "a21026-Max=4,a21026-Flag=N");
    part(BYPASS, 3661, "CN=2011;PW=123456;MN=" BYPASS ";Flag=6;PNUM=2;PNO=1",
        "DataTime=20260901010100;e10101-Rtd=1");
    struct slice packed = pipeline_pack(pipeline);
    struct pipeline *live = pipeline, *resumed = pipeline_new(slice_of("140581"));
    uint64_t at = sequence, after[2];
    assert_int_equal(STATUS_OK, pipeline_restore(resumed, prepare(), packed));
    assert_int_equal(pipeline_digest(live), pipeline_digest(resumed));
    for (int run = 0; run < 2; run++) {
        pipeline = run == 0 ? live : resumed;
        said = 0;
        sequence = at;
        forget();
        allocations = 0;
        forbidden = true;
        part(MN, 3662, HEAD("2061", "3", "2"), AT "a21026-Avg=6");
        tick(4000);
        forbidden = false;
        after[run] = said;
        assert_true(has(joined, "min-avg-max") && has(joined, "parts-missing"));
    }
    assert_int_equal(0, allocations);
    assert_int_equal(pipeline_digest(live), pipeline_digest(resumed));
    assert_true(after[0] == after[1]);
    free((void *)(uintptr_t)packed.ptr);
    pipeline_free(live);
    pipeline = resumed;
    end(unused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts__are_judged_as_the_message_they_were_cut_from),
        cmocka_unit_test(test_parts__come_in_any_order_and_under_any_qn),
        cmocka_unit_test(test_parts__are_missed_when_the_time_is_out),
        cmocka_unit_test(test_parts__that_contradict_each_other_are_told),
        cmocka_unit_test(test_parts__are_bounded),
        cmocka_unit_test(test_parts__a_flag_in_a_later_part_is_not_overlooked),
        cmocka_unit_test(test_parts__of_one_message_count_once),
        cmocka_unit_test(test_parts__a_checkpoint_between_them_changes_nothing),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
