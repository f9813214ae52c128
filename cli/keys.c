#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker-bridge/config.h"
#include "broker-bridge/keyfile.h"
#include "cli/command.h"
#include "cli/findings.h"
#include "cli/keys_new.h"
#include "core/clock.h"
#include "schemas/topic.h"
#include "validators/keyring.h"

enum { SOON_DAYS = 14, LINE_SIZE = 512 };

struct options {
    const char *config, *keys;
    bool json;
};

static const char *state_of(const struct key *key, struct event_time now)
{
    if (now.ms < key->from.ms) {
        return "to come";
    }
    if (now.ms >= key->until.ms) {
        return "expired";
    }
    return key->until.ms - now.ms < (int64_t)SOON_DAYS * DAY_MS ? "expires soon" : "in force";
}

static void print_key(const struct key *key, struct event_time now, bool json)
{
    char space[LINE_SIZE];
    struct text line = text_in(space, sizeof space);
    if (json) {
        text_add_byte(&line, '{');
        text_add_field(&line, "mn", key->mn);
        text_add_field(&line, "key_id", key->id);
        text_add_field_time(&line, "from", key->from);
        text_add_field_time(&line, "until", key->until);
        text_add_field(&line, "state", slice_of(state_of(key, now)));
        text_add_field(&line, "check", slice_of(key->check));
        text_add_byte(&line, '}');
    } else {
        text_add_slice(&line, key->mn);
        text_add(&line, "  ");
        text_add_slice(&line, key->id);
        text_add(&line, "  from ");
        text_add_time(&line, key->from);
        text_add(&line, " until ");
        text_add_time(&line, key->until);
        text_add(&line, "  ");
        text_add(&line, state_of(key, now));
    }
    printf("%.*s\n", (int)line.size, line.at);
}

/* Status 1: the file is not in order, and nothing of it is in force after a reload. */
static int read_keys(const char *path, struct keyring **keyring)
{
    struct report report = {0};
    enum status status = keyfile_read(path, keyring, &report);
    findings_print(&report, stderr);
    report_free(&report);
    return status == STATUS_OK        ? EXIT_FINE
           : status == STATUS_INVALID ? EXIT_FINDINGS
                                      : EXIT_COULD_NOT;
}

static int list(const char *path, bool json)
{
    struct keyring *keyring = NULL;
    int result = read_keys(path, &keyring);
    for (size_t i = 0; result == EXIT_FINE && i < keyring->count; i++) {
        print_key(&keyring->keys[i], clock_wall(), json);
    }
    keyring_free(keyring);
    return result;
}

static int make(const char *path, const char *mn, bool json)
{
    struct keyring *keyring = NULL;
    struct key_made made;
    if (!name_valid(slice_of(mn))) {
        return command_fail("keys", "'%s' is no MN", mn);
    }
    int result = access(path, F_OK) == 0 ? read_keys(path, &keyring) : EXIT_FINE;
    keyring_free(keyring);
    if (result == EXIT_FINE) {
        result = keys_new(path, mn, clock_wall(), &made);
    }
    if (result == EXIT_FINE) {
        printf(json ? "{\"mn\":\"%s\",\"key_id\":\"%s\"}\n"
                    : "MN %s has a new key %s; next: hjhub reload, then give it to the device\n",
            mn, made.id);
    }
    return result;
}

static int obey(const struct options *options, const char *path, int argc, char **argv)
{
    if (path == NULL) {
        return command_fail("keys", "%s names no keyring: add keys: FILE", options->config);
    }
    if (argc == 1 && strcmp(argv[0], "list") == 0) {
        return list(path, options->json);
    }
    if (argc == 2 && strcmp(argv[0], "new") == 0) {
        return make(path, argv[1], options->json);
    }
    return command_misused("keys");
}

static int obey_config(const struct options *options, int argc, char **argv)
{
    struct report report = {0};
    struct config *config = NULL;
    int result = EXIT_COULD_NOT;
    if (config_load(options->config, &config, &report) == STATUS_OK) {
        result = obey(options, config->keys, argc, argv);
        config_free(config);
    }
    findings_print(&report, stderr);
    report_free(&report);
    return result;
}

int command_keys(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"config", required_argument, NULL, 'c'},
        {"keys", required_argument, NULL, 'k'}, {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0}};
    struct options options = {0};
    int option;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'c':
            options.config = optarg;
            break;
        case 'k':
            options.keys = optarg;
            break;
        case 'j':
            options.json = true;
            break;
        default:
            return command_misused("keys");
        }
    }
    if ((options.config == NULL) == (options.keys == NULL)) {
        return command_misused("keys");
    }
    return options.keys == NULL ? obey_config(&options, argc - optind, argv + optind)
                                : obey(&options, options.keys, argc - optind, argv + optind);
}
