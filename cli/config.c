#include "broker-bridge/config.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/findings.h"

static int show(const struct config *config)
{
    config_print(config, stdout);
    return EXIT_FINE;
}

static int check_done(const char *path, bool json)
{
    if (!json) {
        printf("%s: fine\n", path);
    }
    return EXIT_FINE;
}

static int check_failed(const struct report *report, enum status status, bool json)
{
    if (json) {
        findings_print_json(report, stdout);
    } else {
        findings_print(report, stderr);
    }
    return status == STATUS_INVALID ? EXIT_FINDINGS : EXIT_COULD_NOT;
}

int command_config(int argc, char **argv)
{
    const char *path = NULL;
    bool json = false, checking = argc > 1 && strcmp(argv[1], "check") == 0;
    if (argc < 2 || (!checking && strcmp(argv[1], "show") != 0)) {
        return command_fail("config", "say check FILE or show FILE");
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0 && checking) {
            json = true;
        } else if (argv[i][0] != '-' && path == NULL) {
            path = argv[i];
        } else {
            return command_fail(
                "config", "'%s' is not understood; see hjhub config --help", argv[i]);
        }
    }
    if (path == NULL) {
        return command_fail("config", "name the file, such as /etc/hjhub/140581.yaml");
    }
    struct report report = {0};
    struct config *config = NULL;
    enum status status = config_load(path, &config, &report);
    int result = EXIT_FINE;
    if (status != STATUS_OK) {
        result = check_failed(&report, status, json);
    } else {
        result = checking ? check_done(path, json) : show(config);
    }
    config_free(status == STATUS_OK ? config : NULL);
    report_free(&report);
    return result;
}
