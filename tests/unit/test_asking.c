#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/bundle.h"
#include "broker-bridge/pipeline.h"
#include "tests/unit/check.h"
#include "tests/unit/hj212_make.h"

#define BASE_MS INT64_C(1788192000000) /* 2026-09-01T00:00:00+08:00 */

enum { REQUESTS_MAX = 16 };

struct scene {
    struct pipeline *pipeline;
    int64_t now_ms; /* since BASE_MS */
    uint64_t sequence;
    char requests[REQUESTS_MAX][400];
    unsigned requested, results, accepted, transitions;
};

static void hear(void *context, const struct effect *effect)
{
    struct scene *scene = context;
    scene->results += effect->kind == EFFECT_RESULT ? 1 : 0;
    scene->transitions += effect->kind == EFFECT_TRANSITION ? 1 : 0;
    scene->accepted +=
        effect->kind == EFFECT_VERDICT && effect->message->verdict.kind == VERDICT_ACCEPTED ? 1 : 0;
    if (effect->kind == EFFECT_REQUEST) {
        assert_true(scene->results > 0); /* the intent is said first */
        assert_true(scene->requested < REQUESTS_MAX);
        snprintf(scene->requests[scene->requested++], sizeof scene->requests[0], "%.*s",
            (int)effect->payload.size, (const char *)effect->payload.ptr);
    }
}

static void step(struct scene *scene, enum record_kind kind, const char *mn, struct slice payload)
{
    char topic[120];
    snprintf(topic, sizeof topic, "ems/v1/140581/%s/up/hj212", mn);
    struct record record = {.kind = kind,
        .epoch = 1,
        .sequence = ++scene->sequence,
        .wall = {BASE_MS + scene->now_ms},
        .mono = {scene->now_ms + 1},
        .session = SESSION_UP,
        .topic = slice_of(kind == RECORD_MESSAGE ? topic : ""),
        .payload = payload};
    pipeline_step(scene->pipeline, &record, NULL, hear, scene);
}

static struct scene *begin(void)
{
    struct arena arena = {0};
    struct report report = {0};
    struct revision *revision = NULL;
    struct slice registry;
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    assert_int_equal(STATUS_OK,
        registry_dir_read(SOURCE_DIR "/tests/golden/registry-asking", &arena, &registry, &report));
    assert_int_equal(STATUS_OK,
        revision_prepare(registry, (struct slice){0}, slice_of("140581"), &revision, &report));
    scene->pipeline = pipeline_new(slice_of("140581"));
    struct record record = {
        .kind = RECORD_REGISTRY, .epoch = 1, .wall = {BASE_MS}, .session = SESSION_UP};
    revision_free(pipeline_step(scene->pipeline, &record, revision, hear, scene));
    arena_free(&arena);
    report_free(&report);
    return scene;
}

static void end(struct scene *scene)
{
    pipeline_free(scene->pipeline);
    free(scene);
}

/* A frame of data, its QN now. */
static void data(struct scene *scene, const char *mn, int cn, int flag, const char *datatime)
{
    static char frame[FRAME_SIZE_MAX];
    char qn[18], segment[400];
    event_time_write_qn((struct event_time){BASE_MS + scene->now_ms}, qn);
    snprintf(segment, sizeof segment,
        "QN=%s;ST=31;CN=%d;PW=123456;MN=%s;Flag=%d;CP=&&DataTime=%s;a21026-%s=1.0,a21026-Flag=N&&",
        qn, cn, mn, flag, datatime, cn == 2011 ? "Rtd" : "Avg");
    size_t size = frame_append(frame, 0, segment);
    step(scene, RECORD_MESSAGE, mn, slice_from(frame, size));
}

/* Answers to the newest request. */
static void answer(struct scene *scene, const char *mn, int cn, const char *cp)
{
    static char frame[FRAME_SIZE_MAX];
    char segment[400];
    const char *qn = strstr(scene->requests[scene->requested - 1], "QN=");
    assert_non_null(qn);
    snprintf(segment, sizeof segment, "%.20s;ST=91;CN=%d;PW=123456;MN=%s;Flag=4;CP=&&%s&&", qn, cn,
        mn, cp);
    size_t size = frame_append(frame, 0, segment);
    step(scene, RECORD_MESSAGE, mn, slice_from(frame, size));
}

static void minutes(struct scene *scene, int count, const char *mn, int flag)
{
    for (int i = 0; i < count; i++) {
        char now[15];
        for (int second = 0; second < 60; second++) {
            scene->now_ms += 1000;
            step(scene, RECORD_TICK, "", (struct slice){0});
        }
        event_time_write_cst((struct event_time){BASE_MS + scene->now_ms}, now);
        data(scene, mn, 2011, flag, now);
    }
}

static void test_asking__of_a_device_whose_row_asks_for_it(void **unused)
{
    (void)unused;
    static const char MN[] = "010000A8900016F000169DC0";
    static const char *const WANTED[] = {
        "CN=1012;", "CN=1000;", "CN=1062;", "CN=1064;", "CN=2011;", "CN=2021;"};
    struct scene *scene = begin();
    data(scene, MN, 2061, 4, "20260831200000");
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(i + 1, scene->requested);
        assert_non_null(strstr(scene->requests[i], WANTED[i]));
        answer(scene, MN, 9011, "QnRtn=1");
        answer(scene, MN, 9012, "ExeRtn=1");
    }
    data(scene, MN, 2061, 4, "20260831230000");
    minutes(scene, 9, MN, 4);
    assert_int_equal(6, scene->requested);
    minutes(scene, 1, MN, 4);
    assert_int_equal(7, scene->requested);
    assert_non_null(
        strstr(scene->requests[6], ";CN=2061;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&"
                                   "BeginTime=20260831210000;EndTime=20260831220000&&"));
    answer(scene, MN, 9011, "QnRtn=1");
    unsigned accepted = scene->accepted;
    scene->now_ms += 1;
    data(scene, MN, 2061, 4, "20260831210000"); /* late data: taken, and it moves nothing */
    scene->now_ms += 1;
    data(scene, MN, 2061, 4, "20260831220000");
    assert_int_equal(accepted + 2, scene->accepted);
    answer(scene, MN, 9012, "ExeRtn=1");
    assert_int_equal(0, scene->transitions);
    struct request_figures figures = pipeline_requests(scene->pipeline);
    assert_int_equal(7, figures.done);
    assert_int_equal(0, figures.open);
    assert_int_equal(1, figures.gaps);
    minutes(scene, 60, MN, 4);
    assert_int_equal(7, scene->requested);
    end(scene);
}

static void test_asking__2025_resends_by_itself_first(void **unused)
{
    (void)unused;
    static const char MN[] = "010000A8900016F000169DC9";
    struct scene *scene = begin();
    data(scene, MN, 2061, 8, "20260831200000");
    data(scene, MN, 2061, 8, "20260831230000");
    minutes(scene, 59, MN, 8);
    assert_int_equal(0, scene->requested);
    minutes(scene, 2, MN, 8);
    assert_true(scene->requested > 0);
    assert_non_null(strstr(scene->requests[0], "Flag=9;CP=&&BeginTime=20260831210000"));
    end(scene);
}

static void test_asking__the_state_goes_over_into_a_checkpoint(void **unused)
{
    (void)unused;
    static const char MN[] = "010000A8900016F000169DC9";
    struct scene *scene = begin(), *later = begin();
    struct arena arena = {0};
    struct report report = {0};
    struct revision *revision = NULL;
    struct slice registry;
    data(scene, MN, 2061, 8, "20260831200000");
    data(scene, MN, 2061, 8, "20260831230000");
    minutes(scene, 30, MN, 8);
    struct slice packed = pipeline_pack(scene->pipeline);
    assert_int_equal(STATUS_OK,
        registry_dir_read(SOURCE_DIR "/tests/golden/registry-asking", &arena, &registry, &report));
    assert_int_equal(STATUS_OK,
        revision_prepare(registry, (struct slice){0}, slice_of("140581"), &revision, &report));
    assert_int_equal(STATUS_OK, pipeline_restore(later->pipeline, revision, packed));
    later->now_ms = scene->now_ms;
    minutes(scene, 31, MN, 8);
    minutes(later, 31, MN, 8);
    assert_true(scene->requested > 0);
    assert_int_equal(scene->requested, later->requested);
    assert_string_equal(scene->requests[0], later->requests[0]);
    free((void *)(uintptr_t)packed.ptr);
    arena_free(&arena);
    report_free(&report);
    end(scene);
    end(later);
}

/* A command and each way of it with a bit turned or its end cut off; then the same of an answer. */
static void test_asking__no_cut_or_flipped_bytes_do_harm(void **unused)
{
    (void)unused;
    static const char MN[] = "010000A8900016F000169DC9";
    static const char COMMAND[] =
        "{\"id\":\"c\",\"mn\":\"010000A8900016F000169DC9\",\"command\":\"3021\",\"PolId\":"
        "\"w01018\","
        "\"InfoId\":\"i13004\",\"i13004-Info\":\"168.0\",\"overtime_s\":1,\"recount\":0}";
    struct scene *scene = begin();
    unsigned sent = 0, told = 0;
    data(scene, MN, 2011, 8, "20260901000000");
    for (size_t size = 1; size < sizeof COMMAND; size++) {
        for (int bit = 0; bit < 8; bit++) {
            uint8_t *copy = exact_copy(COMMAND, size);
            copy[size - 1] = (uint8_t)(copy[size - 1] ^ (1 << bit));
            struct record record = {.kind = RECORD_MESSAGE,
                .epoch = 1,
                .sequence = ++scene->sequence,
                .wall = {BASE_MS + (scene->now_ms += 3000)},
                .mono = {scene->now_ms},
                .session = SESSION_UP,
                .topic = slice_of("ems/v1/140581/device/cmd/li"),
                .payload = slice_from(copy, size)};
            scene->requested = 0;
            told = scene->results;
            pipeline_step(scene->pipeline, &record, NULL, hear, scene);
            assert_true(scene->results > told); /* each is answered, whatever it was */
            sent += scene->requested;
            free(copy);
        }
    }
    assert_true(sent <= 1); /* the id was used up by the first that could be read */
    struct record whole = {.kind = RECORD_MESSAGE,
        .epoch = 1,
        .sequence = ++scene->sequence,
        .wall = {BASE_MS + (scene->now_ms += 3000)},
        .mono = {scene->now_ms},
        .session = SESSION_UP,
        .topic = slice_of("ems/v1/140581/device/cmd/wang"),
        .payload = slice_from(COMMAND, sizeof COMMAND - 1)};
    scene->requested = 0;
    pipeline_step(scene->pipeline, &whole, NULL, hear, scene);
    assert_int_equal(1, scene->requested);
    end(scene);
}

int main(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_asking__of_a_device_whose_row_asks_for_it),
        cmocka_unit_test(test_asking__2025_resends_by_itself_first),
        cmocka_unit_test(test_asking__no_cut_or_flipped_bytes_do_harm),
        cmocka_unit_test(test_asking__the_state_goes_over_into_a_checkpoint),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
