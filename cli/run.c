#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/hub.h"
#include "cli/command.h"
#include "core/log.h"

static void print_findings(const struct report *report)
{
    for (size_t i = 0; i < report_kept(report); i++) {
        const struct finding *finding = &report->findings[i];
        fprintf(stderr, "%.*s:%u:%u: %.*s\n", (int)finding->file.size,
            (const char *)finding->file.ptr, finding->line, finding->column,
            (int)finding->words.size, (const char *)finding->words.ptr);
    }
}

int command_run(int argc, char **argv)
{
    struct config *config = NULL;
    enum log_level level;
    if (argc != 3 || strcmp(argv[1], "--config") != 0) {
        return command_fail("run", "usage: hjhub run --config FILE");
    }
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL) {
        return command_fail("run", "no memory");
    }
    enum status status = config_load(argv[2], &config, report);
    print_findings(report);
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
