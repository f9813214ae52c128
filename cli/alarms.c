#include <assert.h>
#include <getopt.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/alarms_report.h"
#include "cli/command.h"
#include "cli/report_period.h"
#include "cli/source.h"
#include "cli/told.h"
#include "journal/journal.h"

enum { FOLLOW_MS = 200 };

static void print_one(const json_t *data, bool json)
{
    if (json) {
        json_dumpf(data, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
        putchar('\n');
        return;
    }
    const json_t *text = json_object_get(data, "text");
    printf("%s  %s  %-13s  %s\n    %s\n    %s\n    %s\n", told_word(data, "at"),
        told_word(data, "severity"), told_word(data, "to"), told_word(data, "rule"),
        told_word(text, "zh"), told_word(text, "en"), told_word(data, "alarm"));
}

static bool open_state(const json_t *data)
{
    static const char *const OPEN[] = {
        "active-unack", "active-ack", "cleared-unack", "cleared-ack"};
    for (size_t i = 0; i < sizeof OPEN / sizeof OPEN[0]; i++) {
        if (strcmp(told_word(data, "to"), OPEN[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* What is asked for: what is work, or what is held back for this reason (a member of `data`). */
static bool wanted(const json_t *data, const char *held)
{
    return held == NULL ? !json_is_true(json_object_get(data, "held_back"))
                        : json_object_get(data, held) != NULL;
}

/* Each alarm's last transition, by its id; what is closed leaves. */
static void fold(json_t *open, const json_t *data, const char *held)
{
    if (open_state(data) && wanted(data, held)) {
        json_object_set_new(open, told_word(data, "alarm"), json_deep_copy(data));
    } else {
        json_object_del(open, told_word(data, "alarm"));
    }
}

/* The gravest first, and of those the newest: what to look at stands on top. */
static int by_weight(const void *a, const void *b)
{
    const json_t *left = *(json_t *const *)a, *right = *(json_t *const *)b;
    int order = strcmp(told_word(left, "severity"), told_word(right, "severity"));
    order = order != 0 ? order : strcmp(told_word(right, "at"), told_word(left, "at"));
    return order != 0 ? order : strcmp(told_word(left, "alarm"), told_word(right, "alarm"));
}

static void print_open(json_t *open, bool json)
{
    size_t count = 0, size = json_object_size(open);
    json_t **rows = calloc(size + 1, sizeof *rows), *data;
    const char *key;
    assert(rows != NULL);
    json_object_foreach(open, key, data)
    {
        rows[count++] = data;
    }
    qsort(rows, count, sizeof(json_t *), by_weight);
    for (size_t i = 0; i < count; i++) {
        print_one(rows[i], json);
    }
    free(rows);
}

/* What has been said so far; then, when asked, what is said from now on. */
static int show(struct journal_reader *reader, const struct source *source, const char *held)
{
    struct record record;
    enum status status;
    json_t *open = json_object();
    json_t *data;
    while ((status = journal_reader_next(reader, &record)) == STATUS_OK) {
        if (record.kind == RECORD_TRANSITION) {
            data = told_data(record.payload);
            fold(open, data, held);
            json_decref(data);
        }
    }
    bool any = json_object_size(open) > 0;
    print_open(open, source->json);
    json_decref(open);
    fflush(stdout);
    while (source->follow && (status == STATUS_OK || status == STATUS_ABSENT)) {
        status = journal_reader_next(reader, &record);
        if (status == STATUS_ABSENT) {
            poll(NULL, 0, FOLLOW_MS);
        } else if (status == STATUS_OK && record.kind == RECORD_TRANSITION) {
            data = told_data(record.payload);
            print_one(data, source->json);
            json_decref(data);
            fflush(stdout);
        }
    }
    if (status != STATUS_ABSENT) {
        return command_fail("alarms", "%s: %s", source->journal, status_name(status));
    }
    return any ? EXIT_FINDINGS : EXIT_FINE;
}

struct asked {
    struct source_names names;
    const char *lines; /* NULL: of a journal */
    const char *held;  /* the member of `data` that says why; NULL: what is work */
    bool follow, report;
    int officers;
    bool has_period; /* of the report; else it is of all */
    struct report_period period;
};

static const struct report_period *period_of(const struct asked *asked)
{
    return asked->has_period ? &asked->period : NULL;
}

static int report(
    struct journal_reader *reader, const struct source *source, const struct asked *asked)
{
    struct record record;
    enum status status;
    struct alarms_report *made = alarms_report_new(asked->officers, period_of(asked));
    while ((status = journal_reader_next(reader, &record)) == STATUS_OK) {
        if (record.kind == RECORD_TRANSITION) {
            json_t *data = told_data(record.payload);
            alarms_report_take(made, data);
            json_decref(data);
        }
    }
    alarms_report_print(made, source->json);
    if (status != STATUS_ABSENT) {
        return command_fail("alarms", "%s: %s", source->journal, status_name(status));
    }
    return EXIT_FINE;
}

/* Transitions as `replay --json` prints them, one a line; "-" is standard input. */
static int report_lines(const struct asked *asked)
{
    char *line = NULL;
    size_t size = 0;
    FILE *file = strcmp(asked->lines, "-") == 0 ? stdin : fopen(asked->lines, "r");
    if (file == NULL) {
        return command_fail("alarms", "%s: cannot be read", asked->lines);
    }
    struct alarms_report *made = alarms_report_new(asked->officers, period_of(asked));
    while (getline(&line, &size, file) >= 0) {
        json_t *data = json_loads(line, 0, NULL);
        alarms_report_take(made, data);
        json_decref(data);
    }
    free(line);
    if (file != stdin) {
        fclose(file);
    }
    alarms_report_print(made, asked->names.json);
    return EXIT_FINE;
}

static bool take_option(
    struct asked *asked, struct period_names *period, int option, const char *value)
{
    switch (option) {
    case 'c':
        asked->names.config = value;
        return true;
    case 'd':
        asked->names.journal = value;
        return true;
    case 'j':
        return asked->names.json = true;
    case 'f':
        return asked->follow = true;
    case 's':
        asked->held = "shadow";
        return true;
    case 'u':
        asked->held = "suppressed_by";
        return true;
    case 'o':
        asked->officers = atoi(value);
        return true;
    case 'D':
        period->day = value;
        return true;
    case 'M':
        period->month = value;
        return true;
    case 'Q':
        period->quarter = value;
        return true;
    default:
        return false;
    }
}

static bool read_asked(struct asked *asked, int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"config", required_argument, NULL, 'c'},
        {"journal", required_argument, NULL, 'd'}, {"json", no_argument, NULL, 'j'},
        {"follow", no_argument, NULL, 'f'}, {"shadow", no_argument, NULL, 's'},
        {"suppressed", no_argument, NULL, 'u'}, {"officers", required_argument, NULL, 'o'},
        {"day", required_argument, NULL, 'D'}, {"month", required_argument, NULL, 'M'},
        {"quarter", required_argument, NULL, 'Q'}, {NULL, 0, NULL, 0}};
    struct period_names period = {0};
    int option;
    bool fine = true;
    *asked = (struct asked){.officers = 2}; /* anomaly-rules 6.1: a bureau with two on duty */
    while (fine && (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        fine = take_option(asked, &period, option, optarg);
    }
    asked->report = optind < argc && strcmp(argv[optind], "report") == 0;
    optind += asked->report;
    if (asked->report && optind < argc && asked->names.journal == NULL &&
        asked->names.config == NULL) {
        asked->lines = argv[optind++];
    }
    asked->has_period = report_period_given(&period);
    if (asked->has_period) {
        fine = fine && asked->report && report_period_read(&period, &asked->period);
    }
    return fine && optind == argc && asked->officers > 0;
}

int command_alarms(int argc, char **argv)
{
    struct asked asked;
    struct source source;
    struct journal_reader *reader;
    int result = EXIT_COULD_NOT;
    if (!read_asked(&asked, argc, argv)) {
        return command_misused("alarms");
    }
    if (asked.lines != NULL) {
        return report_lines(&asked);
    }
    if (!source_named(&source, "alarms", asked.names)) {
        return EXIT_COULD_NOT;
    }
    source.follow = asked.follow;
    enum status status = journal_reader_open(source.journal, STREAM_SAID, 1, &reader);
    if (status == STATUS_OK) {
        result = asked.report ? report(reader, &source, &asked) : show(reader, &source, asked.held);
        journal_reader_close(reader);
    } else {
        command_fail("alarms", "%s: no journal there (%s)", source.journal, status_name(status));
    }
    source_close(&source);
    return result;
}
