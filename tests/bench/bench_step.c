/* bench_step -- what a 500-byte CEMS frame with 10 factors costs, one thread, all in one run.
 *
 *   plain   the standard CRC, one look-up a byte over the same bytes: the measure for the rest
 *   crc     the CRC as the hub works it out
 *   check   cut, decode and judge, under a registry that knows the device
 *   replay  the whole step: duplicate check, detection, effects
 *
 * Prints one JSON object: medians of interleaved rounds, frames a second of CPU, times as ratios to plain; and the ratio of
 * the least times, of rounds in which nobody else used the core's other half.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker-bridge/bundle.h"
#include "broker-bridge/pipeline.h"
#include "tests/bench/frames.h"
#include "validators/decode.h"
#include "validators/hj212_crc.h"
#include "validators/registry_csv.h"

enum { FRAME_COUNT = 4000, ROUNDS_MAX = 101, KIND_COUNT = 4 };

#define BASE_MS INT64_C(1788192000000)
#define MN      "010000A8900016F000169DC0"

struct bench {
    char frames[FRAME_COUNT][FRAME_SPACE];
    struct slice registry_bundle, rules_bundle;
    struct registry registry;
    struct decoder decoder;
    uint64_t sink; /* so that nothing is left out as useless */
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* others may use this core too */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct slice frame_at(const struct bench *bench, int index)
{
    return slice_from(bench->frames[index], FRAME_SIZE);
}

static int64_t arrival_ms(int index)
{
    return BASE_MS + (int64_t)index * 10000 + 300;
}

static void read_files(struct bench *bench, const char *registry, const char *rules)
{
    static struct arena arena;
    static struct report report;
    if (registry_dir_read(registry, &arena, &bench->registry_bundle, &report) != STATUS_OK ||
        rules_dir_read(rules, &arena, &bench->rules_bundle, &report) != STATUS_OK ||
        registry_parse(bench->registry_bundle, &bench->registry, &report) != STATUS_OK) {
        fputs("bench_step: registry or rules not usable\n", stderr);
        exit(2);
    }
}

static void make_frames(struct bench *bench)
{
    for (int i = 0; i < FRAME_COUNT; i++) {
        struct frame frame = {.mn = MN,
            .pw = "123456",
            .time = {BASE_MS + (int64_t)i * 10000},
            .asks = true,
            .so2_tenths = 100 + (unsigned)i % 100,
            .salt = (unsigned)i};
        frame_write(&frame, bench->frames[i]);
    }
}

static void run_plain(struct bench *bench)
{
    for (int i = 0; i < FRAME_COUNT; i++) {
        bench->sink += plain_crc(frame_at(bench, i));
    }
}

static void run_crc(struct bench *bench)
{
    for (int i = 0; i < FRAME_COUNT; i++) {
        bench->sink += hj212_crc(CRC_STANDARD, frame_at(bench, i));
    }
}

static void run_check(struct bench *bench)
{
    struct decoder *decoder = &bench->decoder;
    struct decode_context context = {.registry = &bench->registry,
        .has_topic = true,
        .topic_mn = slice_of(MN),
        .direction = DIRECTION_UP,
        .has_arrival = true};
    for (int i = 0; i < FRAME_COUNT; i++) {
        context.arrival.ms = arrival_ms(i);
        decoder_begin(decoder, &context, frame_at(bench, i));
        while (decoder_next(decoder)) {
            assert(decoder->message.verdict.kind == VERDICT_ACCEPTED);
            bench->sink += decoder->message.reading_count;
        }
    }
}

static void listen(void *context, const struct effect *effect)
{
    struct bench *bench = context;
    bench->sink += effect->payload.size;
}

static struct pipeline *make_pipeline(struct bench *bench)
{
    struct report report = {0};
    struct revision *revision;
    struct pipeline *pipeline = pipeline_new(slice_of("140581"));
    enum status status = revision_prepare(
        bench->registry_bundle, bench->rules_bundle, slice_of("140581"), &revision, &report);
    assert(status == STATUS_OK);
    report_free(&report);
    struct record record = {
        .kind = RECORD_RULES, .epoch = 1, .wall = {BASE_MS}, .session = SESSION_UP};
    revision_free(pipeline_step(pipeline, &record, revision, listen, bench));
    return pipeline;
}

static void step_frames(struct bench *bench, struct pipeline *pipeline)
{
    for (int i = 0; i < FRAME_COUNT; i++) {
        struct record record = {.kind = RECORD_MESSAGE,
            .epoch = 1,
            .sequence = (uint64_t)i + 2,
            .wall = {arrival_ms(i)},
            .mono = {arrival_ms(i) - BASE_MS},
            .session = SESSION_UP,
            .topic = slice_of("ems/v1/140581/" MN "/up/hj212"),
            .payload = frame_at(bench, i)};
        pipeline_step(pipeline, &record, NULL, listen, bench);
    }
}

static double timed(struct bench *bench, void (*run)(struct bench *))
{
    double begun = now_s();
    run(bench);
    return now_s() - begun;
}

static double timed_step(struct bench *bench)
{
    struct pipeline *pipeline = make_pipeline(bench);
    double begun = now_s();
    step_frames(bench, pipeline);
    double seconds = now_s() - begun;
    pipeline_free(pipeline);
    return seconds;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
    static const char *const NAMES[KIND_COUNT] = {"plain", "crc", "check", "replay"};
    static struct bench bench;
    double times[KIND_COUNT][ROUNDS_MAX];
    int rounds = argc == 4 ? atoi(argv[1]) : 0;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fputs("usage: bench_step ROUNDS REGISTRY RULES\n", stderr);
        return 2;
    }
    read_files(&bench, argv[2], argv[3]);
    make_frames(&bench);
    for (int round = 0; round < rounds; round++) {
        times[0][round] = timed(&bench, run_plain);
        times[1][round] = timed(&bench, run_crc);
        times[2][round] = timed(&bench, run_check);
        times[3][round] = timed_step(&bench);
    }
    printf("{\"frame_bytes\":%d", FRAME_SIZE);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        qsort(times[kind], (size_t)rounds, sizeof *times[kind], by_size);
        double median = times[kind][rounds / 2], least = times[kind][0];
        printf(",\"%s_per_s\":%.0f,\"%s_to_plain\":%.3f,\"%s_least_to_plain\":%.3f", NAMES[kind],
            FRAME_COUNT / median, NAMES[kind], median / times[0][rounds / 2], NAMES[kind],
            least / times[0][0]);
    }
    printf(",\"sink\":%d}\n", (int)(bench.sink & 1));
    return 0;
}
