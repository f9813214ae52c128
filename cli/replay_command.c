#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/replay.h"
#include "detectors/expression.h"
#include "schemas/units.h"

enum { RESTART_MAX_S = 366 * 86400 };

/* The `data` of the event stands last in it; it is what the contract prints. */
static void print_transition(struct slice event)
{
    static const char MARK[] = ",\"data\":";
    const char *text = (const char *)event.ptr;
    for (size_t i = 0; i + sizeof MARK < event.size; i++) {
        if (memcmp(text + i, MARK, sizeof MARK - 1) == 0) {
            size_t from = i + sizeof MARK - 1;
            printf("%.*s\n", (int)(event.size - from - 1), text + from);
            return;
        }
    }
}

static void on_effect(void *context, const struct effect *effect)
{
    (void)context;
    if (effect->kind == EFFECT_TRANSITION) {
        print_transition(effect->payload);
    }
}

static void print_counters(const struct pipeline *pipeline)
{
    struct pipeline_figures figures = pipeline_figures(pipeline);
    fprintf(stderr, "{\"received\":%llu", (unsigned long long)figures.received);
    for (int kind = 0; kind < VERDICT_KIND_COUNT; kind++) {
        fprintf(stderr, ",\"%s\":%llu", verdict_name((enum verdict_kind)kind),
            (unsigned long long)figures.verdicts[kind]);
    }
    fprintf(stderr, ",\"alarms_open\":%llu,\"digest\":\"%016llx\"}\n",
        (unsigned long long)figures.alarms_open, (unsigned long long)pipeline_digest(pipeline));
}

static int print_all(const struct replay_options *options)
{
    struct replay replay = {.effect = on_effect, .report = calloc(1, sizeof(struct report))};
    if (replay.report == NULL) {
        return command_fail("replay", "no memory");
    }
    int result = replay_run(&replay, options);
    if (result == EXIT_FINE) {
        print_counters(replay.pipeline);
    }
    replay_close(&replay);
    return result;
}

/* "1000" are records, "1 h" is a time. */
static bool read_cadence(struct slice text, struct cadence *cadence)
{
    double value;
    struct dimension dimension;
    if (slice_to_uint(text, UINT64_MAX, &cadence->records)) {
        return true;
    }
    cadence->records = 0;
    if (!quantity_parse(text, &value, &dimension) ||
        !dimension_equal(dimension, unit_find(slice_of("s"))->dimension) || value < 1 ||
        value > RESTART_MAX_S) {
        return false;
    }
    cadence->ms = (int64_t)(value * SECOND_MS);
    return true;
}

/* `--against FILE` with nothing behind it: the input has been taken for its folder. */
static void take_input(struct replay_options *options, int argc, char **argv)
{
    if (optind == argc && options->against != NULL) {
        options->input = options->against;
        options->against = "";
    } else if (optind + 1 == argc) {
        options->input = argv[optind];
    }
}

int command_replay(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"registry", required_argument, NULL, 'g'},
        {"rules", required_argument, NULL, 'r'}, {"against", required_argument, NULL, 'a'},
        {"keys", required_argument, NULL, 'k'}, {"json", no_argument, NULL, 'j'},
        {"verify", no_argument, NULL, 'v'}, {"keep", required_argument, NULL, 'K'},
        {"officer", no_argument, NULL, 'o'}, {"restart-every", required_argument, NULL, 'e'},
        {NULL, 0, NULL, 0}};
    struct replay_options options = {0};
    int option;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'g':
            options.registry = optarg;
            break;
        case 'r':
            options.rules = optarg;
            break;
        case 'a':
            options.against = optarg;
            break;
        case 'k':
            options.keys = optarg;
            break;
        case 'j':
            options.json = true; /* of transitions the only form there is */
            break;
        case 'e':
            if (!read_cadence(slice_of(optarg), &options.restart_every)) {
                return command_fail("replay",
                    "--restart-every %s: give a number of records, such as 1000, or a time of at "
                    "most 366 d, such as \"1 h\"",
                    optarg);
            }
            break;
        case 'K':
            options.keep = optarg;
            break;
        case 'o':
            options.officer = true;
            break;
        case 'v':
            options.verify = true;
            break;
        default:
            return command_misused("replay");
        }
    }
    take_input(&options, argc, argv);
    if (options.input == NULL ||
        (options.against != NULL && (options.verify || options.keep != NULL))) {
        return command_misused("replay");
    }
    return options.against == NULL ? print_all(&options) : replay_against(&options);
}
