#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/bundle.h"
#include "broker-bridge/pipeline.h"
#include "tests/unit/check.h"
#include "tests/unit/no_malloc.h"
#include "validators/hj212_crc.h"

#define BASE_MS INT64_C(1788192000000) /* 2026-09-01T00:00:00+08:00 */

static const char BYPASS[] = "010000A8900016F000169DC1";

struct bundles {
    struct arena arena;
    struct report report;
    struct slice registry, rules;
};

static struct bundles *bundles;

static int load(void **unused)
{
    (void)unused;
    bundles = calloc(1, sizeof *bundles);
    enum status status = registry_dir_read(SOURCE_DIR "/tests/golden/registry-small",
        &bundles->arena, &bundles->registry, &bundles->report);
    if (status == STATUS_OK) {
        status =
            rules_dir_read(SOURCE_DIR "/rules", &bundles->arena, &bundles->rules, &bundles->report);
    }
    return status == STATUS_OK ? 0 : -1;
}

static int unload(void **unused)
{
    (void)unused;
    arena_free(&bundles->arena);
    report_free(&bundles->report);
    free(bundles);
    return 0;
}

/* What a run said: a hash of all of it, and counts. */
struct said {
    uint64_t hash;
    unsigned effects, transitions, opened, requests;
};

static void listen(void *context, const struct effect *effect)
{
    struct said *said = context;
    said->hash = said->hash * 1099511628211U + (uint64_t)effect->kind;
    for (size_t i = 0; i < effect->payload.size; i++) {
        said->hash = (said->hash ^ effect->payload.ptr[i]) * 1099511628211U;
    }
    said->effects += 1;
    said->transitions += effect->kind == EFFECT_TRANSITION ? 1 : 0;
    said->opened += effect->open ? 1 : 0;
    said->requests += effect->kind == EFFECT_REQUEST ? 1 : 0;
}

static struct pipeline *begin(struct said *said)
{
    struct revision *revision = NULL;
    struct pipeline *pipeline = pipeline_new(slice_of("140581"));
    enum status status = revision_prepare(
        bundles->registry, bundles->rules, slice_of("140581"), &revision, &bundles->report);
    assert_int_equal(STATUS_OK, status);
    struct record record = {
        .kind = RECORD_RULES, .epoch = 1, .wall = {BASE_MS}, .session = SESSION_UP};
    revision_free(pipeline_step(pipeline, &record, revision, listen, said));
    return pipeline;
}

static size_t make_frame(char out[static 512], const char *mn, int64_t at_ms, const char *items)
{
    char digits[18], segment[400];
    event_time_write_qn((struct event_time){BASE_MS + at_ms}, digits);
    int size = snprintf(segment, sizeof segment,
        "QN=%s;ST=31;CN=2011;PW=123456;MN=%s;Flag=5;CP=&&DataTime=%.14s;%s&&", digits, mn, digits,
        items);
    struct slice data = slice_from(segment, (size_t)size);
    return (size_t)snprintf(
        out, 512, "##%04d%s%04X\r\n", size, segment, hj212_crc(CRC_STANDARD, data));
}

static struct record message(int64_t at_ms, const char *topic, struct slice payload)
{
    return (struct record){.kind = RECORD_MESSAGE,
        .epoch = 1,
        .sequence = (uint64_t)at_ms + 2,
        .wall = {BASE_MS + at_ms},
        .mono = {at_ms},
        .session = SESSION_UP,
        .topic = slice_of(topic),
        .payload = payload};
}

/* A command to it now and then, which is sent, repeated and times out. */
static void step_command(struct pipeline *pipeline, struct said *said, int64_t s)
{
    char words[200];
    int size = snprintf(words, sizeof words,
        "{\"id\":\"%lld\",\"mn\":\"%s\",\"command\":\"set-time\",\"overtime_s\":9}", (long long)s,
        BYPASS);
    struct record record =
        message(s * 1000 + 2, "ems/v1/140581/device/cmd/li", slice_from(words, (size_t)size));
    pipeline_step(pipeline, &record, NULL, listen, said);
}

/* An hour of the bypass monitor: opened and shut every ten minutes; some noise between. */
static void step_hour(struct pipeline *pipeline, struct said *said, int64_t from_s, int64_t to_s)
{
    static const char TOPIC[] = "ems/v1/140581/010000A8900016F000169DC1/up/hj212";
    for (int64_t s = from_s; s < to_s; s += 10) {
        char frame[512];
        const char *items = s / 600 % 2 == 0
                                ? "e10101-Rtd=0,e10101-Flag=N;e10301-Rtd=1,e10301-Flag=N"
                                : "e10101-Rtd=42.5,e10101-Flag=N;e10301-Rtd=0,e10301-Flag=N";
        size_t size = make_frame(frame, BYPASS, s * 1000, items);
        struct record record = message(s * 1000, TOPIC, slice_from(frame, size));
        pipeline_step(pipeline, &record, NULL, listen, said);
        record = message(s * 1000 + 1, TOPIC, slice_from("##noise", s % 20 == 0 ? 7 : 0));
        pipeline_step(pipeline, &record, NULL, listen, said);
        if (s % 300 == 10) {
            step_command(pipeline, said, s);
        }
        record = (struct record){.kind = RECORD_TICK,
            .epoch = 1,
            .sequence = (uint64_t)s * 1000 + 5,
            .wall = {BASE_MS + s * 1000 + 5000},
            .mono = {s * 1000 + 5000},
            .session = SESSION_UP};
        pipeline_step(pipeline, &record, NULL, listen, said);
    }
}

static void test_pipeline__a_step_allocates_nothing(void **unused)
{
    (void)unused;
    struct said said = {0};
    struct pipeline *pipeline = begin(&said);
    allocations = 0;
    forbidden = true;
    step_hour(pipeline, &said, 0, 1800);
    forbidden = false;
    assert_int_equal(0, allocations);
    assert_true(said.effects > 300);
    assert_int_equal(6 * 4, said.requests);
    pipeline_free(pipeline);
}

static void test_pipeline__a_checkpoint_goes_on_like_the_life_it_was_taken_from(void **unused)
{
    (void)unused;
    struct said live = {0}, ignored = {0};
    struct pipeline *pipeline = begin(&live);
    step_hour(pipeline, &live, 0, 1230);
    struct slice packed = pipeline_pack(pipeline);
    uint64_t digest = pipeline_digest(pipeline);
    live = (struct said){0};
    step_hour(pipeline, &live, 1230, 3600);

    struct revision *revision = NULL;
    struct pipeline *resumed = pipeline_new(slice_of("140581"));
    assert_int_equal(STATUS_OK, revision_prepare(bundles->registry, bundles->rules,
                                    slice_of("140581"), &revision, &bundles->report));
    for (size_t size = 0; size < packed.size; size += packed.size / 50) { /* cut short: refused */
        assert_int_equal(
            STATUS_INVALID, pipeline_restore(resumed, revision, slice_head(packed, size)));
    }
    revision_free(revision);
    assert_int_equal(STATUS_OK, revision_prepare(bundles->registry, bundles->rules,
                                    slice_of("140581"), &revision, &bundles->report));
    assert_int_equal(STATUS_OK, pipeline_restore(resumed, revision, packed));
    assert_int_equal(digest, pipeline_digest(resumed)); /* to the byte, what is derived as well */
    step_hour(resumed, &ignored, 1230, 3600);
    assert_int_equal(live.hash, ignored.hash);
    assert_int_equal(pipeline_digest(pipeline), pipeline_digest(resumed));
    free((void *)(uintptr_t)packed.ptr);
    pipeline_free(pipeline);
    pipeline_free(resumed);
}

static void test_pipeline__a_reload_of_the_same_files_changes_nothing(void **unused)
{
    (void)unused;
    struct said plain = {0}, reloaded = {0};
    struct pipeline *one = begin(&plain);
    struct pipeline *two = begin(&reloaded);
    step_hour(one, &plain, 0, 1230);
    step_hour(two, &reloaded, 0, 1230);
    struct revision *revision = NULL;
    assert_int_equal(STATUS_OK, revision_prepare(bundles->registry, bundles->rules,
                                    slice_of("140581"), &revision, &bundles->report));
    struct record record = {.kind = RECORD_REGISTRY,
        .epoch = 1,
        .sequence = 1225001,
        .wall = {BASE_MS + 1225001},
        .mono = {1225001},
        .session = SESSION_UP};
    revision_free(pipeline_step(two, &record, revision, listen, &reloaded));
    step_hour(one, &plain, 1230, 3600);
    step_hour(two, &reloaded, 1230, 3600);
    assert_int_equal(plain.transitions, reloaded.transitions);
    assert_int_equal(pipeline_figures(one).alarms_open, pipeline_figures(two).alarms_open);
    pipeline_free(one);
    pipeline_free(two);
}

static void test_pipeline__counts_each_message_once(void **unused)
{
    (void)unused;
    struct said said = {0};
    struct pipeline *pipeline = begin(&said);
    step_hour(pipeline, &said, 0, 600);
    struct pipeline_figures figures = pipeline_figures(pipeline);
    assert_int_equal(120, figures.received);
    assert_int_equal(60, figures.verdicts[VERDICT_ACCEPTED]);
    assert_int_equal(60, figures.verdicts[VERDICT_REJECTED]);
    pipeline_free(pipeline);
}

/* Only its QN is another: the readings of that moment count once. */
static void test_pipeline__data_under_a_new_name_counts_once(void **unused)
{
    (void)unused;
    static const char TOPIC[] = "ems/v1/140581/010000A8900016F000169DC1/up/hj212";
    struct said said = {0};
    struct pipeline *pipeline = begin(&said);
    for (int ms = 0; ms < 3; ms++) {
        char frame[512];
        size_t size = make_frame(frame, BYPASS, ms, "e10101-Rtd=0,e10101-Flag=N");
        struct record record = message(ms, TOPIC, slice_from(frame, size));
        pipeline_step(pipeline, &record, NULL, listen, &said);
    }
    assert_int_equal(1, pipeline_figures(pipeline).verdicts[VERDICT_ACCEPTED]);
    assert_int_equal(2, pipeline_figures(pipeline).verdicts[VERDICT_DUPLICATE]);
    pipeline_free(pipeline);
}

static void test_pipeline__a_frame_of_the_year_2099_moves_nothing(void **unused)
{
    (void)unused;
    struct said said = {0};
    struct pipeline *pipeline = begin(&said);
    char frame[512];
    step_hour(pipeline, &said, 0, 600);
    uint64_t accepted = pipeline_figures(pipeline).verdicts[VERDICT_ACCEPTED];
    size_t size = make_frame(frame, BYPASS, INT64_C(2300000000000), "e10101-Rtd=99,e10101-Flag=N");
    struct record record = message(
        600 * 1000, "ems/v1/140581/010000A8900016F000169DC1/up/hj212", slice_from(frame, size));
    pipeline_step(pipeline, &record, NULL, listen, &said);
    assert_int_equal(1, pipeline_figures(pipeline).verdicts[VERDICT_QUARANTINED]);
    step_hour(pipeline, &said, 610, 620);
    assert_int_equal(accepted + 1, pipeline_figures(pipeline).verdicts[VERDICT_ACCEPTED]);
    pipeline_free(pipeline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pipeline__a_step_allocates_nothing),
        cmocka_unit_test(test_pipeline__a_checkpoint_goes_on_like_the_life_it_was_taken_from),
        cmocka_unit_test(test_pipeline__a_reload_of_the_same_files_changes_nothing),
        cmocka_unit_test(test_pipeline__counts_each_message_once),
        cmocka_unit_test(test_pipeline__data_under_a_new_name_counts_once),
        cmocka_unit_test(test_pipeline__a_frame_of_the_year_2099_moves_nothing),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
