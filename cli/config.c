#include "broker-bridge/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/findings.h"

struct options {
    bool checking, json, here;
    const char *path;
};

static bool parse(int argc, char **argv, struct options *options)
{
    if (argc < 2) {
        return false;
    }
    options->checking = strcmp(argv[1], "check") == 0;
    if (!options->checking && strcmp(argv[1], "show") != 0) {
        return false;
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            options->json = true;
        } else if (strcmp(argv[i], "--here") == 0 && options->checking) {
            options->here = true;
        } else if (argv[i][0] != '-' && options->path == NULL) {
            options->path = argv[i];
        } else {
            return false;
        }
    }
    return options->path != NULL;
}

/* A secret that this user may not read exists all the same: the hub's user is another one. */
static void look(struct report *report, const char *file, const char *key, const char *path)
{
    if (path != NULL && access(path, F_OK) != 0 && errno != EACCES) {
        report_say(
            report, slice_of(file), 0, 0, "%s: %s is not there: %s", key, path, strerror(errno));
    }
}

/* The journal's folder is made at the first start; whose broker and Redis are there, health says. */
static void look_around(struct report *report, const char *file, const struct config *config)
{
    look(report, file, "registry", config->registry);
    look(report, file, "rules", config->rules);
    look(report, file, "keys", config->keys);
    look(report, file, "broker.password_file", config->broker.password_file);
    look(report, file, "broker.ca_file", config->broker.ca_file);
    look(report, file, "broker.certificate_file", config->broker.certificate_file);
    look(report, file, "broker.key_file", config->broker.key_file);
    look(report, file, "redis.password_file", config->redis.password_file);
}

static int tell(const struct options *options, enum status status, const struct report *report)
{
    if (options->json) {
        findings_print_json(report, stdout);
    } else {
        findings_print(report, stderr);
    }
    if (status != STATUS_OK) {
        return status == STATUS_INVALID ? EXIT_FINDINGS : EXIT_COULD_NOT;
    }
    if (report->count > 0) {
        return EXIT_FINDINGS;
    }
    if (options->checking && !options->json) {
        printf("%s: fine\n", options->path);
    }
    return EXIT_FINE;
}

int command_config(int argc, char **argv)
{
    struct options options = {0};
    struct report report = {0};
    struct config *config = NULL;
    if (!parse(argc, argv, &options)) {
        return command_misused("config");
    }
    enum status status = config_load(options.path, &config, &report);
    if (status == STATUS_OK && options.here) {
        look_around(&report, options.path, config);
    }
    int result = tell(&options, status, &report);
    if (status == STATUS_OK) {
        if (!options.checking) {
            (options.json ? config_print_json : config_print)(config, stdout);
        }
        config_free(config);
    }
    report_free(&report);
    return result;
}
