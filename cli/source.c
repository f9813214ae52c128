#include "cli/source.h"

#include <getopt.h>
#include <stdlib.h>

#include "cli/command.h"

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

bool source_open(struct source *source, const char *name, int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"config", required_argument, NULL, 'c'},
        {"journal", required_argument, NULL, 'd'}, {"json", no_argument, NULL, 'j'},
        {"follow", no_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
    const char *config = NULL;
    int option;
    *source = (struct source){0};
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'c':
            config = optarg;
            break;
        case 'd':
            source->journal = optarg;
            break;
        case 'j':
            source->json = true;
            break;
        case 'f':
            source->follow = true;
            break;
        default:
            command_misused(name);
            return false;
        }
    }
    source->rest = optind;
    if (config != NULL) {
        return load(source, name, config);
    }
    if (source->journal == NULL) {
        command_fail(name, "give --config FILE (a hub's) or --journal DIR");
    }
    return source->journal != NULL;
}

void source_close(struct source *source)
{
    if (source->config != NULL) {
        config_free(source->config);
    }
}
