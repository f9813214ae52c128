#include "cli/report.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report_period.h"
#include "cli/source.h"

struct options {
    struct source_names names;
    struct period_names period;
    const char *keys, *of;
    enum report_by by;
    enum report_form form;
};

static bool take_by(struct options *options, const char *value)
{
    static const char *const NAMES[] = {"device", "enterprise", "area"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (strcmp(value, NAMES[i]) == 0) {
            options->by = (enum report_by)i;
            return true;
        }
    }
    return false;
}

static bool take_option(struct options *options, int option, const char *value)
{
    switch (option) {
    case 'c':
        options->names.config = value;
        return true;
    case 'd':
        options->names.journal = value;
        return true;
    case 'D':
        options->period.day = value;
        return true;
    case 'M':
        options->period.month = value;
        return true;
    case 'Q':
        options->period.quarter = value;
        return true;
    case 'k':
        options->keys = value;
        return true;
    case 'o':
        options->of = value;
        return true;
    case 'b':
        return take_by(options, value);
    case 'v':
        options->form = REPORT_CSV;
        return true;
    case 'j':
        options->form = REPORT_JSON;
        return true;
    default:
        return false;
    }
}

int command_report(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"config", required_argument, NULL, 'c'},
        {"journal", required_argument, NULL, 'd'}, {"day", required_argument, NULL, 'D'},
        {"month", required_argument, NULL, 'M'}, {"quarter", required_argument, NULL, 'Q'},
        {"by", required_argument, NULL, 'b'}, {"keys", required_argument, NULL, 'k'},
        {"of", required_argument, NULL, 'o'}, {"csv", no_argument, NULL, 'v'},
        {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    struct options options = {.by = REPORT_ENTERPRISE};
    struct report_job job = {0};
    struct source source;
    int option;
    bool fine = true;
    while (fine && (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        fine = take_option(&options, option, optarg);
    }
    struct report_period period = {0};
    if (!fine || optind != argc || !report_period_read(&options.period, &period)) {
        return command_misused("report");
    }
    job.from = period.from;
    job.to = period.to;
    job.until = period.until;
    if (!source_named(&source, "report", options.names) || !source_keys(options.keys, &job.keys)) {
        return EXIT_COULD_NOT;
    }
    job.journal = source.journal;
    int result = report_gather(&job);
    if (result == EXIT_FINE && !report_print(&job, options.of, options.by, options.form)) {
        result = command_fail("report",
            "no report '%s': findings, or one of the rule files (hjhub rules list --kind report)",
            options.of);
    }
    report_free_job(&job);
    source_close(&source);
    return result;
}
