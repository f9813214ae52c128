/* bench_step -- what a 500-byte CEMS frame with 10 factors costs, one thread, all in one run.
 *
 *   crc     one plain look-up a byte over the same bytes: the measure for the rest
 *   check   cut, decode and judge
 *   step    the whole step: duplicate check, detection, effects
 *
 * Prints one JSON object: medians of interleaved runs, frames a second, ratios to crc.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker-bridge/bundle.h"
#include "broker-bridge/pipeline.h"
#include "validators/decode.h"
#include "validators/hj212_crc.h"

enum { FRAMES = 20000, ROUNDS = 9, FRAME_SIZE = 640, KINDS = 3 };

#define BASE_MS INT64_C(1788192000000)

static char frames[FRAMES][FRAME_SIZE];
static size_t sizes[FRAMES];
static uint64_t sink;

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void make_frames(void)
{
    static const char *const FACTORS[] = {"a34013", "a21026", "a21002", "a21003", "a21005",
        "a19001", "a01011", "a01012", "a01013", "a01014"};
    for (int i = 0; i < FRAMES; i++) {
        char segment[FRAME_SIZE], digits[18];
        event_time_write_qn((struct event_time){BASE_MS + (int64_t)i * 10000}, digits);
        int size = snprintf(segment, sizeof segment,
            "QN=%s;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&DataTime=%.14s",
            digits, digits);
        for (int k = 0; k < 10; k++) {
            size += snprintf(segment + size, sizeof segment - (size_t)size,
                ";%s-Rtd=%d.%02d,%s-Flag=N", FACTORS[k], 10 + k, (i * 7 + k) % 100, FACTORS[k]);
        }
        size += snprintf(segment + size, sizeof segment - (size_t)size, "&&");
        sizes[i] = (size_t)snprintf(frames[i], FRAME_SIZE, "##%04d%s%04X\r\n", size, segment,
            hj212_crc(CRC_STANDARD, slice_from(segment, (size_t)size)));
    }
}

static double run_crc(void)
{
    double begun = now_s();
    for (int i = 0; i < FRAMES; i++) {
        sink += hj212_crc(CRC_STANDARD, slice_from(frames[i], sizes[i]));
    }
    return now_s() - begun;
}

static double run_check(void)
{
    static struct decoder decoder;
    struct decode_context context = {0};
    double begun = now_s();
    for (int i = 0; i < FRAMES; i++) {
        decoder_begin(&decoder, &context, slice_from(frames[i], sizes[i]));
        while (decoder_next(&decoder)) {
            sink += decoder.message.reading_count;
        }
    }
    return now_s() - begun;
}

static void listen(void *context, const struct effect *effect)
{
    (void)context;
    sink += effect->payload.size;
}

static struct pipeline *make_pipeline(const char *registry_dir, const char *rules_dir)
{
    static struct arena arena;
    static struct report report;
    struct slice registry, rules;
    struct revision *revision;
    struct pipeline *pipeline = pipeline_new(slice_of("140581"));
    if (registry_dir_read(registry_dir, &arena, &registry, &report) != STATUS_OK ||
        rules_dir_read(rules_dir, &arena, &rules, &report) != STATUS_OK ||
        revision_prepare(registry, rules, slice_of("140581"), &revision, &report) != STATUS_OK) {
        fputs("bench_step: registry or rules not usable\n", stderr);
        exit(2);
    }
    struct record record = {
        .kind = RECORD_RULES, .epoch = 1, .wall = {BASE_MS}, .session = SESSION_UP};
    revision_free(pipeline_step(pipeline, &record, revision, listen, NULL));
    return pipeline;
}

static double run_step(const char *registry, const char *rules)
{
    struct pipeline *pipeline = make_pipeline(registry, rules);
    double begun = now_s();
    for (int i = 0; i < FRAMES; i++) {
        struct record record = {.kind = RECORD_MESSAGE,
            .epoch = 1,
            .sequence = (uint64_t)i + 2,
            .wall = {BASE_MS + (int64_t)i * 10000 + 300},
            .mono = {(int64_t)i * 10000 + 300},
            .session = SESSION_UP,
            .topic = slice_of("ems/v1/140581/010000A8900016F000169DC0/up/hj212"),
            .payload = slice_from(frames[i], sizes[i])};
        pipeline_step(pipeline, &record, NULL, listen, NULL);
    }
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
    static const char *const NAMES[KINDS] = {"crc", "check", "step"};
    double times[KINDS][ROUNDS], medians[KINDS];
    if (argc != 3) {
        fputs("usage: bench_step REGISTRY RULES\n", stderr);
        return 2;
    }
    make_frames();
    for (int round = 0; round < ROUNDS; round++) {
        times[0][round] = run_crc();
        times[1][round] = run_check();
        times[2][round] = run_step(argv[1], argv[2]);
    }
    printf("{\"frame_bytes\":%zu", sizes[0]);
    for (int kind = 0; kind < KINDS; kind++) {
        qsort(times[kind], ROUNDS, sizeof times[kind][0], by_size);
        medians[kind] = times[kind][ROUNDS / 2];
        printf(",\"%s_per_s\":%.0f,\"%s_to_crc\":%.2f", NAMES[kind], FRAMES / medians[kind],
            NAMES[kind], medians[kind] / medians[0]);
    }
    printf(",\"sink\":%llu}\n", (unsigned long long)(sink & 1));
    return 0;
}
