#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "simulator/demo.h"
#include "simulator/outlet.h"
#include "simulator/scenes.h"
#include "simulator/stage_main.h"
#include "simulator/tables.h"
#include "version.h"

enum { EXIT_FINE = 0, EXIT_COULD_NOT = 2 };

static const char USAGE[] =
    "hjsim -- a fictional county that publishes like a real one\n\n"
    "usage: hjsim registry [OPTIONS] DIR      write the registry's tables\n"
    "       hjsim keys [OPTIONS] FILE         write the keyring of those that encrypt\n"
    "       hjsim run [OPTIONS]               publish\n"
    "       hjsim scenes                      list the scenes\n"
    "       hjsim stage ...                   a scripted county over a year, for hjhub replay\n"
    "       hjsim port | get HOST:PORT PATH   a free port; a page: what demo scripts need\n\n"
    "  --seed N           the same seed, the same county (1)\n"
    "  --devices N        how many (200)\n"
    "  --others N         and so many monitors of other kinds, by turns: ammonia, odour, VOC, "
    "dust, "
    "oxidiser,\n"
    "                     scrubber, truck, machine, camera, survey car, fire points, stack, meters "
    "(0)\n"
    "  --planned          --devices of all kinds, each kind as often as a county plans for it\n"
    "  --interval S       reporting interval (60)\n"
    "  --encrypted N      the stacks of the first N plants are of 2025 and encrypt (0)\n"
    "  --scene NAME[@S][:SITE]  what happens, S seconds after the start or at its usual hour (a "
    "bypass is\n"
    "                     opened at night); may be repeated\n"
    "  --truth FILE       a log of what is really done, one JSON object a line\n"
    "  run --broker HOST:PORT [--user U --password-file F] [--duration S] [--warm S]\n"
    "      --warm S       begin with S seconds of the past, as a logger after an outage (300)\n"
    "      --connections county|device   one for all, as behind a gateway, or one each with its MN "
    "as client\n"
    "                     and user (county)\n"
    "      --overtime S --recount N   resend what is not answered after S seconds (10), N times "
    "(3)\n"
    "  run --jsonl FILE --from RFC3339 --for S   the same as lines for hjhub replay\n";

struct options {
    struct county county;
    uint64_t seed;
    uint32_t devices, others, encrypted;
    int32_t interval_s;
    bool planned;
    struct scene_plans plans;
    const char *truth, *jsonl, *from;
    int64_t lasts_s, warm_s;
    struct outlet_options broker;
};

static void begin_scenes(struct options *options, int64_t start_ms)
{
    FILE *truth = options->truth == NULL ? NULL : fopen(options->truth, "a");
    if (options->truth != NULL && truth == NULL) {
        fprintf(stderr, "hjsim: %s: cannot be written\n", options->truth);
    }
    scenes_begin(&options->plans, start_ms, &options->county, truth);
    if (truth != NULL) {
        fclose(truth);
    }
}

static int write_lines(struct options *options)
{
    struct event_time from;
    if (options->from == NULL || !event_time_from_rfc3339(slice_of(options->from), &from)) {
        fputs("hjsim: --jsonl needs --from, such as 2026-09-01T00:00:00+08:00\n", stderr);
        return EXIT_COULD_NOT;
    }
    FILE *out = strcmp(options->jsonl, "-") == 0 ? stdout : fopen(options->jsonl, "w");
    if (out == NULL) {
        fprintf(stderr, "hjsim: %s: cannot be written\n", options->jsonl);
        return EXIT_COULD_NOT;
    }
    begin_scenes(options, from.ms);
    int64_t to_ms = from.ms + options->lasts_s * SECOND_MS;
    bool fine = messages_write_lines(&options->county, from.ms, to_ms, out);
    fine = (out == stdout ? fflush(out) : fclose(out)) == 0 && fine;
    return fine ? EXIT_FINE : EXIT_COULD_NOT;
}

/* --- a running county --- */

static bool publish(void *context, const struct county_message *message)
{
    return outlet_send(context, message);
}

static int run(struct options *options)
{
    struct outlet *outlet = outlet_open(&options->broker, &options->county);
    if (outlet == NULL) {
        return EXIT_COULD_NOT;
    }
    int64_t start_ms = clock_wall().ms / SECOND_MS * SECOND_MS;
    int64_t done_ms = start_ms - options->warm_s * SECOND_MS;
    bool fine = true;
    begin_scenes(options, start_ms);
    while (fine && (options->lasts_s == 0 || done_ms < start_ms + options->lasts_s * SECOND_MS)) {
        int64_t now_ms = clock_wall().ms / SECOND_MS * SECOND_MS;
        fine = messages_walk(&options->county, done_ms, now_ms, publish, outlet);
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
    case 'e':
        options->encrypted = number(value, 1000000, &parsed) ? (uint32_t)parsed : UINT32_MAX;
        return options->encrypted != UINT32_MAX;
    case 'x':
        options->others = number(value, 1000000, &parsed) ? (uint32_t)parsed : UINT32_MAX;
        return options->others != UINT32_MAX;
    case 'm':
        options->planned = true;
        return true;
    case 'c':
        return scenes_plan(&options->plans, value);
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
    case 'n':
        options->broker.line_each = strcmp(value, "device") == 0;
        return options->broker.line_each || strcmp(value, "county") == 0;
    case 'o':
        options->broker.overtime_s = number(value, 3600, &parsed) ? (int32_t)parsed : 0;
        return options->broker.overtime_s >= 1;
    case 'r':
        options->broker.recount = number(value, 100, &parsed) ? (int32_t)parsed : -1;
        return options->broker.recount >= 0;
    case 'w':
        options->warm_s = number(value, 86400, &parsed) ? (int64_t)parsed : -1;
        return options->warm_s >= 0;
    default:
        return false;
    }
}

static int told(enum status status, const char *path)
{
    if (status != STATUS_OK) {
        fprintf(stderr, "hjsim: %s: cannot be written\n", path);
    }
    return status == STATUS_OK ? EXIT_FINE : EXIT_COULD_NOT;
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
        {"connections", required_argument, NULL, 'n'}, {"overtime", required_argument, NULL, 'o'},
        {"recount", required_argument, NULL, 'r'}, {"encrypted", required_argument, NULL, 'e'},
        {"others", required_argument, NULL, 'x'}, {"planned", no_argument, NULL, 'm'},
        {NULL, 0, NULL, 0}};
    struct options options = {.seed = 1,
        .devices = 200,
        .interval_s = 60,
        .warm_s = 300,
        .broker = {.overtime_s = 10, .recount = 3}};
    int option;
    if (argc >= 2 && strcmp(argv[1], "stage") == 0) {
        return stage_main(argc - 1, argv + 1);
    }
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
    options.county = options.planned
                         ? county_new_planned(options.seed, options.devices, options.interval_s)
                         : county_new(options.seed, options.devices, options.interval_s);
    options.county.encrypting = options.encrypted;
    options.county.others += options.others;
    if (strcmp(verb, "scenes") == 0) {
        scenes_list(stdout);
        return EXIT_FINE;
    }
    if (strcmp(verb, "port") == 0) {
        return demo_port();
    }
    if (strcmp(verb, "get") == 0 && optind + 3 == argc) {
        return demo_get(argv[optind + 1], argv[optind + 2]);
    }
    if (strcmp(verb, "registry") == 0 && optind + 2 == argc) {
        return told(tables_write(&options.county, argv[optind + 1]), argv[optind + 1]);
    }
    if (strcmp(verb, "keys") == 0 && optind + 2 == argc) {
        return told(keys_write(&options.county, argv[optind + 1]), argv[optind + 1]);
    }
    if (!scenes_fit(&options.plans, &options.county)) {
        fputs("hjsim: a scene's site is not there, or is no plant or restaurant as it wants\n",
            stderr);
        return EXIT_COULD_NOT;
    }
    if (strcmp(verb, "run") == 0 && optind + 1 == argc) {
        return options.jsonl != NULL            ? write_lines(&options)
               : options.broker.address != NULL ? run(&options)
                                                : fail_usage();
    }
    return fail_usage();
}
