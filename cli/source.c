#include "cli/source.h"

#include <getopt.h>
#include <stdlib.h>

#include "broker-bridge/keyfile.h"
#include "cli/command.h"
#include "cli/findings.h"

static bool load(struct source *source, const char *name, const char *path)
{
    struct report *report = calloc(1, sizeof *report);
    enum status status = report == NULL ? STATUS_IO : config_load(path, &source->config, report);
    if (status == STATUS_OK) {
        source->journal = source->config->journal.directory;
        source->control = source->config->control;
    } else {
        command_fail(
            name, "%s: configuration not usable; 'hjhub config check %s' says why", path, path);
    }
    if (report != NULL) {
        report_free(report);
    }
    free(report);
    return status == STATUS_OK;
}

bool source_named(struct source *source, const char *name, struct source_names names)
{
    *source = (struct source){.journal = names.journal, .json = names.json};
    if (names.config != NULL) {
        return load(source, name, names.config);
    }
    if (source->journal == NULL) {
        command_fail(name, "give --config FILE (a hub's) or --journal DIR");
    }
    return source->journal != NULL;
}

bool source_open(struct source *source, const char *name, int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"config", required_argument, NULL, 'c'},
        {"journal", required_argument, NULL, 'd'}, {"json", no_argument, NULL, 'j'},
        {"follow", no_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
    struct source_names names = {0};
    bool follow = false;
    int option;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'c':
            names.config = optarg;
            break;
        case 'd':
            names.journal = optarg;
            break;
        case 'j':
            names.json = true;
            break;
        case 'f':
            follow = true;
            break;
        default:
            command_misused(name);
            return false;
        }
    }
    int rest = optind;
    bool fine = source_named(source, name, names);
    source->rest = rest;
    source->follow = follow;
    return fine;
}

void source_close(struct source *source)
{
    if (source->config != NULL) {
        config_free(source->config);
    }
}

bool source_keys(const char *path, struct keyring **keys)
{
    struct report *report = path == NULL ? NULL : calloc(1, sizeof *report);
    if (report == NULL) {
        return path == NULL;
    }
    bool fine = keyfile_read(path, keys, report) == STATUS_OK;
    findings_print(report, stderr);
    report_free(report);
    free(report);
    return fine;
}
