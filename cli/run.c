#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/hub.h"
#include "cli/command.h"
#include "cli/findings.h"
#include "core/log.h"

int command_run(int argc, char **argv)
{
    struct config *config = NULL;
    enum log_level level;
    if (argc != 3 || strcmp(argv[1], "--config") != 0) {
        return command_misused("run");
    }
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL) {
        return command_fail("run", "no memory");
    }
    enum status status = config_load(argv[2], &config, report);
    findings_print(report, stderr);
    report_free(report);
    free(report);
    if (status != STATUS_OK) {
        return command_fail("run",
            "%s: configuration not usable (%s); 'hjhub config check %s' says more", argv[2],
            status_name(status), argv[2]);
    }
    if (log_level_from(config->log_level, &level)) {
        log_set_level(level);
    }
    int result = hub_run(config);
    config_free(config);
    return result;
}
