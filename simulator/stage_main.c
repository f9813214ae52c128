#include "simulator/stage_main.h"

#include <getopt.h>
#include <string.h>

#include "simulator/deeds.h"
#include "simulator/stage_send.h"

enum { EXIT_FINE = 0, EXIT_COULD_NOT = 2 };

static const char USAGE[] =
    "hjsim stage -- a scripted county over time, for hjhub replay\n\n"
    "usage: hjsim stage [OPTIONS] registry DIR     write the registry's tables\n"
    "       hjsim stage [OPTIONS] run              lines of what comes, to standard output\n"
    "       hjsim stage [OPTIONS] truth            what really happens, one JSON object a scene\n"
    "       hjsim stage scenes                     list the scenes\n\n"
    "  --seed N      the same seed, the same bytes (1)\n"
    "  --from DATE   RFC 3339 (2026-01-01T00:00:00+08:00)\n"
    "  --days N      (365)\n"
    "  --quiet N     days without a scene at first, in which normal is learnt (20)\n"
    "  --times N     how often each scene happens (3)\n"
    "  --apart N     hours between two scenes of one site (30)\n"
    "  --only SCENES these only, with commas between\n"
    "  --alone       only the sites where a scene is played\n"
    "  --part K/N    only each Nth site, from the Kth on\n";

struct options {
    uint64_t seed, days, quiet, times, apart;
    struct event_time from;
    const char *only;
    uint64_t part, parts; /* from 1 on; 0: all */
    bool alone;
};

static bool take_option(struct options *options, int option, const char *value)
{
    switch (option) {
    case 'f':
        return event_time_from_rfc3339(slice_of(value), &options->from);
    case 'l':
        options->alone = true;
        return true;
    case 'p': {
        struct slice parts = slice_of(value), part = slice_cut(&parts, '/');
        return slice_to_uint(parts, 1000, &options->parts) &&
               slice_to_uint(part, options->parts, &options->part) && options->part > 0;
    }
    case 'o':
        options->only = value;
        return true;
    case 's':
        return slice_to_uint(slice_of(value), UINT64_MAX, &options->seed);
    case 'd':
        return slice_to_uint(slice_of(value), 36500, &options->days);
    case 'q':
        return slice_to_uint(slice_of(value), 36500, &options->quiet);
    case 't':
        return slice_to_uint(slice_of(value), 1000, &options->times);
    case 'a':
        return slice_to_uint(slice_of(value), 100000, &options->apart);
    default:
        return false;
    }
}

static int list_scenes(void)
{
    size_t count;
    const struct scene_script *scripts = scenes_scripted(&count);
    for (size_t i = 0; i < count; i++) {
        printf("%-8s %-32s %5d min  %s\n", scripts[i].side == EVASION ? "evasion" : "honest",
            scripts[i].name, scripts[i].lasts_min, scripts[i].zh);
    }
    return EXIT_FINE;
}

static int run(struct stage *stage, const char *verb, const char *directory)
{
    if (strcmp(verb, "registry") == 0 && directory != NULL) {
        bool fine = stage_tables(stage, directory);
        if (!fine) {
            fprintf(stderr, "hjsim: %s: cannot be written\n", directory);
        }
        return fine ? EXIT_FINE : EXIT_COULD_NOT;
    }
    if (strcmp(verb, "run") == 0 && directory == NULL) {
        return stage_send(stage, stdout) ? EXIT_FINE : EXIT_COULD_NOT;
    }
    if (strcmp(verb, "truth") == 0 && directory == NULL) {
        return stage_truths(stage, stdout) ? EXIT_FINE : EXIT_COULD_NOT;
    }
    if (strcmp(verb, "scenes") == 0) {
        return list_scenes();
    }
    fputs(USAGE, stderr);
    return EXIT_COULD_NOT;
}

int stage_main(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"seed", required_argument, NULL, 's'},
        {"from", required_argument, NULL, 'f'}, {"days", required_argument, NULL, 'd'},
        {"quiet", required_argument, NULL, 'q'}, {"times", required_argument, NULL, 't'},
        {"apart", required_argument, NULL, 'a'}, {"only", required_argument, NULL, 'o'},
        {"alone", no_argument, NULL, 'l'}, {"part", required_argument, NULL, 'p'},
        {NULL, 0, NULL, 0}};
    struct options options = {.seed = 1,
        .days = 365,
        .quiet = 20,
        .times = 3,
        .apart = 30,
        .from = {INT64_C(1767196800000)}};
    int option;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        if (!take_option(&options, option, optarg)) {
            fputs(USAGE, stderr);
            return EXIT_COULD_NOT;
        }
    }
    const char *verb = optind < argc ? argv[optind] : "";
    struct stage stage = stage_new(options.seed, options.from.ms);
    stage.alone = options.alone;
    stage.part = options.parts == 0 ? 0 : (uint32_t)options.part - 1;
    stage.parts = (uint32_t)options.parts;
    stage.end_ms = stage.begin_ms + (int64_t)options.days * DAY_MS;
    stage_plan(&stage, (int64_t)options.quiet * DAY_MS, (int64_t)options.apart * HOUR_MS,
        (uint32_t)options.times, options.only);
    int result = run(&stage, verb, optind + 1 < argc ? argv[optind + 1] : NULL);
    stage_free(&stage);
    return result;
}
