/* bench_cost -- what a planned county of so many devices costs under a whole catalogue: bytes of state, time to start,
 * and readings a second in the step, the devices taking turns. One process, one thread, one county after another.
 *
 * Ten minutes are told before time is taken: in the first ones each message touches pages that are new to the process, which the
 * kernel has to clear. Prints one JSON object. Times are of CPU; `plain` is the standard CRC, one look-up a byte, over the same messages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker-bridge/bundle.h"
#include "broker-bridge/pipeline.h"
#include "simulator/messages.h"
#include "simulator/tables.h"
#include "tests/bench/frames.h"

#define BASE_MS INT64_C(1788192000000)
#define AREA    "140581"

enum { INTERVAL_S = 60, WARM_ROUNDS = 10, ROUNDS_MIN = 3, KINDS_MAX = 64 };

struct sent {
    size_t topic_at, topic_size, payload_at, payload_size; /* into bytes */
    int64_t at_ms;
};

/* What the county says in one interval. */
struct round {
    struct sent *sent;
    size_t count, capacity;
    struct text bytes;
    size_t space;
};

struct bench {
    const char *folder;
    struct slice rules;
    struct county county;
    struct pipeline *pipeline;
    struct round round;
    uint64_t sequence, sink, accepted, readings;
    double start_s, step_s, plain_s;
    size_t bytes_before, bytes_begun, bytes_after; /* resident */
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* others may use this core too */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t resident(void)
{
    unsigned long whole = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%lu %lu", &whole, &pages) != 2) {
        pages = 0;
    }
    if (file != NULL) {
        fclose(file);
    }
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void die(const char *what)
{
    fprintf(stderr, "bench_cost: %s\n", what);
    exit(2);
}

static void take_effect(void *context, const struct effect *effect)
{
    struct bench *bench = context;
    bench->sink += effect->payload.size;
    if (effect->kind == EFFECT_VERDICT && effect->message->verdict.kind == VERDICT_ACCEPTED) {
        bench->accepted += 1;
        bench->readings += effect->message->reading_count;
    }
}

/* --- what is sent --- */

static void *grown(void *old, size_t size)
{
    void *made = realloc(old, size);
    if (made == NULL) {
        die("no memory");
    }
    return made;
}

static bool take_message(void *context, const struct county_message *message)
{
    struct round *round = context;
    struct text *bytes = &round->bytes;
    if (round->count == round->capacity) {
        round->capacity = round->capacity * 2 + 1024;
        round->sent = grown(round->sent, round->capacity * sizeof *round->sent);
    }
    if (bytes->size + message->topic.size + message->payload.size > round->space) {
        round->space = round->space * 2 + (1 << 20);
        size_t size = bytes->size;
        *bytes = text_in(grown(bytes->at, round->space), round->space);
        bytes->size = size;
    }
    struct sent *sent = &round->sent[round->count++];
    *sent = (struct sent){bytes->size, message->topic.size, bytes->size + message->topic.size,
        message->payload.size, message->at_ms};
    text_add_slice(bytes, message->topic);
    text_add_slice(bytes, message->payload);
    return true;
}

static struct slice bytes_of(const struct bench *bench, size_t at, size_t size)
{
    return slice_from(bench->round.bytes.at + at, size);
}

static void run_plain(struct bench *bench)
{
    for (size_t i = 0; i < bench->round.count; i++) {
        const struct sent *sent = &bench->round.sent[i];
        bench->sink += plain_crc(bytes_of(bench, sent->payload_at, sent->payload_size));
    }
}

static void run_step(struct bench *bench)
{
    for (size_t i = 0; i < bench->round.count; i++) {
        const struct sent *sent = &bench->round.sent[i];
        struct record record = {.kind = RECORD_MESSAGE,
            .epoch = 1,
            .sequence = ++bench->sequence,
            .wall = {sent->at_ms + 300},
            .mono = {sent->at_ms + 300 - BASE_MS},
            .session = SESSION_UP,
            .topic = bytes_of(bench, sent->topic_at, sent->topic_size),
            .payload = bytes_of(bench, sent->payload_at, sent->payload_size)};
        pipeline_step(bench->pipeline, &record, NULL, take_effect, bench);
    }
}

static double timed(struct bench *bench, void (*run)(struct bench *))
{
    double begun = now_s();
    run(bench);
    return now_s() - begun;
}

static void run_round(struct bench *bench, int64_t index, bool counts)
{
    const int64_t from_ms = BASE_MS + index * INTERVAL_S * SECOND_MS;
    bench->round.count = 0;
    bench->round.bytes.size = 0;
    messages_walk(
        &bench->county, from_ms, from_ms + INTERVAL_S * SECOND_MS, take_message, &bench->round);
    if (bench->pipeline == NULL) {
        return;
    }
    if (!counts) {
        run_step(bench);
        bench->accepted = 0;
        bench->readings = 0;
        return;
    }
    bench->plain_s += timed(bench, run_plain);
    bench->step_s += timed(bench, run_step);
}

/* --- a county --- */

static void start(struct bench *bench, struct slice registry)
{
    struct report report = {0};
    struct revision *revision = NULL;
    struct record record = {
        .kind = RECORD_RULES, .epoch = 1, .wall = {BASE_MS}, .session = SESSION_UP};
    double begun = now_s();
    if (revision_prepare(registry, bench->rules, slice_of(AREA), &revision, &report) != STATUS_OK) {
        die("registry or rules not usable");
    }
    bench->pipeline = pipeline_new(slice_of(AREA));
    bench->sequence = 1;
    record.sequence = 1;
    revision_free(pipeline_step(bench->pipeline, &record, revision, take_effect, bench));
    bench->start_s = now_s() - begun;
    report_free(&report);
}

struct kind {
    struct slice name;
    uint32_t devices;
    struct state_share sum;
};

static void add_share(struct kind *kind, const struct state_share *share)
{
    kind->devices += 1;
    kind->sum.ring += share->ring;
    kind->sum.live += share->live;
    kind->sum.reserve += share->reserve;
    kind->sum.late += share->late;
    kind->sum.rest += share->rest;
}

static struct kind *kind_named(struct kind *kinds, struct slice name)
{
    size_t i = 0;
    while (kinds[i].devices > 0 && !slice_equal(kinds[i].name, name)) {
        i += 1;
    }
    assert(i < KINDS_MAX - 1);
    kinds[i].name = name;
    return &kinds[i];
}

static void print_kind(const struct kind *kind, uint32_t devices, const char *before)
{
    const double of = devices;
    printf("%s{\"kind\":\"%.*s\",\"devices\":%u,\"live\":%.0f,\"reserve\":%.0f,\"late\":%.0f,"
           "\"rest\":%.0f,\"ring\":"
           "%.0f}",
        before, (int)kind->name.size, (const char *)kind->name.ptr, kind->devices,
        (double)kind->sum.live / of, (double)kind->sum.reserve / of, (double)kind->sum.late / of,
        (double)kind->sum.rest / of, (double)kind->sum.ring / of);
}

/* Bytes a device: of each kind; and of all, with what is nobody's shared out among them. */
static void print_shares(const struct bench *bench)
{
    const struct registry *registry = pipeline_registry(bench->pipeline);
    const uint32_t count = registry->device_count;
    struct state_share *shares = grown(NULL, ((size_t)count + 1) * sizeof *shares);
    struct kind kinds[KINDS_MAX] = {0}, all = {.name = slice_of("all")};
    pipeline_shares(bench->pipeline, shares);
    for (uint32_t i = 0; i < count; i++) {
        add_share(kind_named(kinds, registry->devices[i].kind), &shares[i]);
        add_share(&all, &shares[i]);
    }
    add_share(&all, &shares[count]);
    all.devices = count;
    printf(",\"kinds\":[");
    for (size_t i = 0; kinds[i].devices > 0; i++) {
        print_kind(&kinds[i], kinds[i].devices, i == 0 ? "" : ",");
    }
    print_kind(&all, count, ",");
    printf("]");
    free(shares);
}

static void print_county(const struct bench *bench, uint32_t devices)
{
    printf("{\"devices\":%u,\"instances\":%u,\"start_s\":%.3f,\"messages\":%llu,\"messages_per_s\":"
           "%.0f,"
           "\"readings_per_s\":%.0f,\"step_to_plain\":%.2f,\"begun_kib\":%zu,\"resident_kib\":%zu",
        devices, pipeline_instance_count(bench->pipeline), bench->start_s,
        (unsigned long long)bench->accepted, (double)bench->accepted / bench->step_s,
        (double)bench->readings / bench->step_s, bench->step_s / bench->plain_s,
        (bench->bytes_begun - bench->bytes_before) / 1024,
        (bench->bytes_after - bench->bytes_before) / 1024);
    print_shares(bench);
    printf("}");
    fflush(stdout);
}

static void measure(struct bench *bench, uint32_t devices, uint64_t messages)
{
    static struct report report;
    struct arena arena = {0};
    struct slice registry = {0};
    char path[4096];
    bench->county = county_new_planned(1, devices, INTERVAL_S);
    snprintf(path, sizeof path, "%s/%u", bench->folder, devices);
    if (tables_write(&bench->county, path) != STATUS_OK ||
        registry_dir_read(path, &arena, &registry, &report) != STATUS_OK) {
        die(path);
    }
    run_round(bench, -1, false); /* room for a round; no pipeline hears it */
    bench->bytes_before = resident();
    start(bench, registry);
    bench->bytes_begun = resident();
    int64_t rounds = (int64_t)(messages / devices) + 1;
    rounds = WARM_ROUNDS + (rounds < ROUNDS_MIN ? ROUNDS_MIN : rounds);
    bench->step_s = 0;
    bench->plain_s = 0;
    for (int64_t i = 0; i < rounds; i++) {
        run_round(bench, i, i >= WARM_ROUNDS);
    }
    bench->bytes_after = resident();
    print_county(bench, devices);
    pipeline_free(bench->pipeline);
    bench->pipeline = NULL;
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    static struct arena arena;
    static struct report report;
    if (argc < 5) {
        fputs("usage: bench_cost FOLDER RULES MESSAGES DEVICES...\n", stderr);
        return 2;
    }
    bench.folder = argv[1];
    if (rules_dir_read(argv[2], &arena, &bench.rules, &report) != STATUS_OK) {
        die(argv[2]);
    }
    printf("{\"counties\":[");
    for (int i = 4; i < argc; i++) {
        printf("%s", i == 4 ? "" : ",");
        measure(&bench, (uint32_t)strtoul(argv[i], NULL, 10), strtoull(argv[3], NULL, 10));
    }
    printf("],\"sink\":%d}\n", (int)(bench.sink & 1));
    return 0;
}
