#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "simulator/demo.h"
#include "simulator/encode.h"
#include "simulator/outlet.h"
#include "simulator/tables.h"
#include "version.h"

enum { EXIT_FINE = 0, EXIT_COULD_NOT = 2, PAYLOAD_SIZE = 4096 };

static const char USAGE[] =
    "hjsim -- a fictional county that publishes like a real one\n\n"
    "usage: hjsim registry [OPTIONS] DIR      write the registry's tables\n"
    "       hjsim run [OPTIONS]               publish\n"
    "       hjsim scenes                      list the scenes\n"
    "       hjsim port | get HOST:PORT PATH   a free port; a page: what demo scripts need\n\n"
    "  --seed N           the same seed, the same county (1)\n"
    "  --devices N        how many (200)\n"
    "  --interval S       reporting interval (60)\n"
    "  --scene NAME@S[:SITE]  what happens, so many seconds after the start; may be repeated\n"
    "  --truth FILE       a log of what is really done, one JSON object a line\n"
    "  run --broker HOST:PORT [--user U --password-file F] [--duration S] [--warm S]\n"
    "      --warm S       begin with S seconds of the past, as a logger after an outage (300)\n"
    "  run --jsonl FILE --from RFC3339 --for S   the same as lines for hjhub replay\n";

struct options {
    struct county county;
    uint64_t seed;
    uint32_t devices;
    int32_t interval_s;
    struct {
        enum scene_kind kind;
        int64_t at_s;
        int64_t site; /* -1: chosen */
    } scenes[SCENES_MAX];
    size_t scene_count;
    const char *truth, *jsonl, *from;
    int64_t lasts_s, warm_s;
    struct outlet_options broker;
};

/* --- scenes --- */

static bool add_scene(struct options *options, const char *value)
{
    struct slice rest = slice_of(value);
    struct slice name = slice_cut(&rest, '@');
    struct slice at = slice_cut(&rest, ':');
    uint64_t seconds, site;
    size_t index = options->scene_count;
    if (index == SCENES_MAX || !scene_from(name, &options->scenes[index].kind) ||
        !slice_to_uint(at, 1000000, &seconds)) {
        return false;
    }
    options->scenes[index].at_s = (int64_t)seconds;
    options->scenes[index].site = slice_to_uint(rest, UINT32_MAX, &site) ? (int64_t)site : -1;
    options->scene_count += 1;
    return true;
}

static void write_truth(const struct options *options, const struct scene *scene)
{
    FILE *out = options->truth == NULL ? NULL : fopen(options->truth, "a");
    char space[400];
    struct text json = text_in(space, sizeof space);
    if (out == NULL) {
        return;
    }
    const struct scene_row *row = scene_row(scene->kind);
    text_add_byte(&json, '{');
    text_add_field_time(&json, "from", (struct event_time){scene->from_ms});
    text_add_field_time(&json, "to", (struct event_time){scene->to_ms});
    text_add_field(&json, "scene", slice_of(row->name));
    text_add_field(&json, "rule", slice_of(row->rule));
    text_add_field_int(&json, "site", scene->site + 1);
    text_add_field(&json, "zh", slice_of(row->zh));
    text_add(&json, "}\n");
    fwrite(space, 1, json.size, out);
    fclose(out);
}

/* Instants become known when the run begins. */
static void set_scenes(struct options *options, int64_t start_ms)
{
    struct county *county = &options->county;
    for (size_t i = 0; i < options->scene_count; i++) {
        const struct scene_row *row = scene_row(options->scenes[i].kind);
        bool kitchen = row->role == ROLE_FUME;
        uint32_t count = kitchen ? county->restaurants : county->plants;
        if (count == 0) {
            continue;
        }
        uint32_t pick = (uint32_t)i % count;
        struct scene scene = {.kind = options->scenes[i].kind,
            .site = options->scenes[i].site >= 0 ? (uint32_t)options->scenes[i].site
                    : kitchen                    ? county->plants + pick
                                                 : pick,
            .from_ms = start_ms + options->scenes[i].at_s * SECOND_MS};
        scene.to_ms = scene.from_ms + (int64_t)row->lasts_s * SECOND_MS;
        county->scenes[county->scene_count++] = scene;
        write_truth(options, &scene);
    }
}

/* --- messages --- */

/* One device's message at one instant; false: it is silent. */
static bool make_message(const struct county *county, uint32_t index, int64_t at_ms,
    struct text *topic, struct text *payload, struct text *qn)
{
    struct county_value values[FACTORS_MAX];
    char mn_space[64], digits[18];
    struct text mn = text_in(mn_space, sizeof mn_space);
    struct county_device device = county_device(county, index);
    bool senml = device.role == ROLE_METER || device.role == ROLE_FUME;
    size_t count = county_values(county, index, at_ms, values);
    if (count == 0) {
        return false;
    }
    county_mn(county, index, &mn);
    event_time_write_qn((struct event_time){at_ms}, digits);
    text_add(qn, digits);
    text_add(topic, "ems/v1/140581/");
    text_add_slice(topic, text_slice(&mn));
    text_add(topic, senml ? "/up/senml" : "/up/hj212");
    if (senml) {
        encode_pack(text_slice(&mn), at_ms, text_slice(qn), values, count, payload);
    } else {
        encode_frame(text_slice(&mn), at_ms, text_slice(qn), true, values, count, payload);
    }
    return true;
}

/* Devices do not all speak at once: each has its place in the interval. */
static int64_t due_ms(const struct county *county, uint32_t index, int64_t round)
{
    int64_t interval_ms = (int64_t)county->interval_s * SECOND_MS;
    int64_t place_ms = (int64_t)((uint64_t)index * 2654435761U % (uint64_t)interval_ms);
    return round * interval_ms + place_ms / SECOND_MS * SECOND_MS;
}

typedef bool take_message(void *context, int64_t at_ms, struct slice topic, struct slice payload,
    struct slice qn, bool senml);

/* All messages from one instant to another in the order of time; false: the taker has had enough. */
static bool walk(
    const struct county *county, int64_t from_ms, int64_t to_ms, take_message *take, void *context)
{
    char topic_space[160], payload_space[PAYLOAD_SIZE], qn_space[32];
    uint32_t count = county_devices(county);
    for (int64_t at_ms = from_ms; at_ms < to_ms; at_ms += SECOND_MS) {
        int64_t interval_ms = (int64_t)county->interval_s * SECOND_MS;
        int64_t round = at_ms / interval_ms;
        for (uint32_t i = 0; i < count; i++) {
            struct text topic = text_in(topic_space, sizeof topic_space);
            struct text payload = text_in(payload_space, sizeof payload_space);
            struct text qn = text_in(qn_space, sizeof qn_space);
            struct county_device device = county_device(county, i);
            bool senml = device.role == ROLE_METER || device.role == ROLE_FUME;
            if (due_ms(county, i, round) == at_ms &&
                make_message(county, i, at_ms, &topic, &payload, &qn) &&
                !take(context, at_ms, text_slice(&topic), text_slice(&payload), text_slice(&qn),
                    senml)) {
                return false;
            }
        }
    }
    return true;
}

/* --- lines for replay --- */

static void print_base64(struct slice bytes, FILE *out)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.size; i += 3) {
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++) {
            group = group << 8 | (i + k < bytes.size ? bytes.ptr[i + k] : 0U);
        }
        for (size_t k = 0; k < 4; k++) {
            bool there = i + k <= bytes.size && (k < 2 || i + k - 1 < bytes.size);
            fputc(there ? DIGITS[group >> (18 - 6 * k) & 63] : '=', out);
        }
    }
}

static bool print_line(void *context, int64_t at_ms, struct slice topic, struct slice payload,
    struct slice qn, bool senml)
{
    char at[RFC3339_SIZE + 1];
    FILE *out = context;
    (void)qn;
    (void)senml;
    event_time_write((struct event_time){at_ms}, at);
    fprintf(out, "{\"at\":\"%s\",\"topic\":\"%.*s\",\"enc\":\"base64\",\"payload\":\"", at,
        (int)topic.size, (const char *)topic.ptr);
    print_base64(payload, out);
    fputs("\"}\n", out);
    return ferror(out) == 0;
}

static int write_lines(struct options *options)
{
    struct event_time from;
    char at[RFC3339_SIZE + 1];
    if (options->from == NULL || !event_time_from_rfc3339(slice_of(options->from), &from)) {
        fputs("hjsim: --jsonl needs --from, such as 2026-09-01T00:00:00+08:00\n", stderr);
        return EXIT_COULD_NOT;
    }
    FILE *out = strcmp(options->jsonl, "-") == 0 ? stdout : fopen(options->jsonl, "w");
    if (out == NULL) {
        fprintf(stderr, "hjsim: %s: cannot be written\n", options->jsonl);
        return EXIT_COULD_NOT;
    }
    set_scenes(options, from.ms);
    int64_t to_ms = from.ms + options->lasts_s * SECOND_MS;
    bool fine = walk(&options->county, from.ms, to_ms, print_line, out);
    event_time_write((struct event_time){to_ms}, at);
    fprintf(out, "{\"at\":\"%s\"}\n", at);
    fine = (out == stdout ? fflush(out) : fclose(out)) == 0 && fine;
    return fine ? EXIT_FINE : EXIT_COULD_NOT;
}

/* --- a running county --- */

static bool publish(void *context, int64_t at_ms, struct slice topic, struct slice payload,
    struct slice qn, bool senml)
{
    (void)at_ms;
    (void)senml;
    return outlet_send(context, topic, payload, qn);
}

static int run(struct options *options)
{
    struct outlet *outlet = outlet_open(&options->broker);
    if (outlet == NULL) {
        return EXIT_COULD_NOT;
    }
    int64_t start_ms = clock_wall().ms / SECOND_MS * SECOND_MS;
    int64_t done_ms = start_ms - options->warm_s * SECOND_MS;
    bool fine = true;
    set_scenes(options, start_ms);
    while (fine && (options->lasts_s == 0 || done_ms < start_ms + options->lasts_s * SECOND_MS)) {
        int64_t now_ms = clock_wall().ms / SECOND_MS * SECOND_MS;
        fine = walk(&options->county, done_ms, now_ms, publish, outlet);
        done_ms = now_ms > done_ms ? now_ms : done_ms;
        outlet_tend(outlet);
        poll(NULL, 0, 200);
    }
    struct outlet_figures figures = outlet_close(outlet);
    printf("{\"attempted\":%llu,\"acknowledged\":%llu,\"answered\":%llu,\"resent\":%llu,"
           "\"given_up\":%llu}\n",
        (unsigned long long)figures.attempted, (unsigned long long)figures.acknowledged,
        (unsigned long long)figures.answered, (unsigned long long)figures.resent,
        (unsigned long long)figures.given_up);
    return fine ? EXIT_FINE : EXIT_COULD_NOT;
}

/* --- options --- */

static bool number(const char *text, uint64_t max, uint64_t *value)
{
    return slice_to_uint(slice_of(text), max, value);
}

static bool take_option(struct options *options, int option, const char *value)
{
    uint64_t parsed = 0;
    switch (option) {
    case 's':
        return number(value, UINT64_MAX, &options->seed);
    case 'd':
        options->devices = number(value, 1000000, &parsed) ? (uint32_t)parsed : 0;
        return options->devices >= 3;
    case 'i':
        options->interval_s = number(value, 3600, &parsed) ? (int32_t)parsed : 0;
        return options->interval_s >= 1;
    case 'c':
        return add_scene(options, value);
    case 't':
        options->truth = value;
        return true;
    case 'b':
        options->broker.address = value;
        return true;
    case 'u':
        options->broker.user = value;
        return true;
    case 'p':
        options->broker.password_file = value;
        return true;
    case 'j':
        options->jsonl = value;
        return true;
    case 'f':
        options->from = value;
        return true;
    case 'l':
        options->lasts_s = number(value, 1000000000, &parsed) ? (int64_t)parsed : -1;
        return options->lasts_s >= 0;
    case 'w':
        options->warm_s = number(value, 86400, &parsed) ? (int64_t)parsed : -1;
        return options->warm_s >= 0;
    default:
        return false;
    }
}

static int fail_usage(void)
{
    fputs(USAGE, stderr);
    return EXIT_COULD_NOT;
}

int main(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"seed", required_argument, NULL, 's'},
        {"devices", required_argument, NULL, 'd'}, {"interval", required_argument, NULL, 'i'},
        {"scene", required_argument, NULL, 'c'}, {"truth", required_argument, NULL, 't'},
        {"broker", required_argument, NULL, 'b'}, {"user", required_argument, NULL, 'u'},
        {"password-file", required_argument, NULL, 'p'}, {"jsonl", required_argument, NULL, 'j'},
        {"from", required_argument, NULL, 'f'}, {"for", required_argument, NULL, 'l'},
        {"duration", required_argument, NULL, 'l'}, {"warm", required_argument, NULL, 'w'},
        {NULL, 0, NULL, 0}};
    struct options options = {.seed = 1, .devices = 200, .interval_s = 60, .warm_s = 300};
    int option;
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
        fputs(USAGE, stdout);
        return EXIT_FINE;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("hjsim " HJHUB_VERSION);
        return EXIT_FINE;
    }
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        if (!take_option(&options, option, optarg)) {
            return fail_usage();
        }
    }
    const char *verb = optind < argc ? argv[optind] : "";
    options.county = county_new(options.seed, options.devices, options.interval_s);
    if (strcmp(verb, "scenes") == 0) {
        for (int i = 0; i < SCENE_COUNT; i++) {
            const struct scene_row *row = scene_row((enum scene_kind)i);
            printf("%-18s %-28s %s\n", row->name, row->rule, row->zh);
        }
        return EXIT_FINE;
    }
    if (strcmp(verb, "port") == 0) {
        return demo_port();
    }
    if (strcmp(verb, "get") == 0 && optind + 3 == argc) {
        return demo_get(argv[optind + 1], argv[optind + 2]);
    }
    if (strcmp(verb, "registry") == 0 && optind + 2 == argc) {
        if (tables_write(&options.county, argv[optind + 1]) != STATUS_OK) {
            fprintf(stderr, "hjsim: %s: cannot be written\n", argv[optind + 1]);
            return EXIT_COULD_NOT;
        }
        return EXIT_FINE;
    }
    if (strcmp(verb, "run") == 0 && optind + 1 == argc) {
        return options.jsonl != NULL            ? write_lines(&options)
               : options.broker.address != NULL ? run(&options)
                                                : fail_usage();
    }
    return fail_usage();
}
