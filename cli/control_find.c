#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "broker-bridge/config.h"
#include "cli/command.h"
#include "cli/control.h"
#include "cli/findings.h"

static int find_configured(
    const char *command, const char *config_path, char out[static CONTROL_PATH_SIZE])
{
    struct report report = {0};
    struct config *config = NULL;
    enum status status = config_load(config_path, &config, &report);
    if (status == STATUS_OK) {
        snprintf(out, CONTROL_PATH_SIZE, "%s", config->control);
        config_free(config);
    } else {
        findings_print(&report, stderr);
        command_fail(
            command, "no configuration that can be used; see hjhub config check %s", config_path);
    }
    report_free(&report);
    return status == STATUS_OK ? EXIT_FINE : EXIT_COULD_NOT;
}

int control_find(const char *command, const char *config_path, char out[static CONTROL_PATH_SIZE])
{
    if (config_path != NULL) {
        return find_configured(command, config_path, out);
    }
    glob_t found = {0};
    int result = EXIT_FINE;
    if (glob("/run/hjhub/*.sock", 0, NULL, &found) != 0 || found.gl_pathc == 0) {
        result = command_fail(command, "no hub runs here (no socket in /run/hjhub); start one with "
                                       "systemctl start hjhub@AREA, or give --config or --socket");
    } else if (found.gl_pathc > 1) {
        result = command_fail(command, "%zu hubs run here; give --socket, such as %s",
            found.gl_pathc, found.gl_pathv[0]);
    } else {
        snprintf(out, CONTROL_PATH_SIZE, "%s", found.gl_pathv[0]);
    }
    globfree(&found);
    return result;
}

int control_explain(const char *command, const char *where, enum status status)
{
    switch (status) {
    case STATUS_ABSENT:
        return command_fail(command,
            "no hub answers at %s; see systemctl status 'hjhub@*' and journalctl -u 'hjhub@*'",
            where);
    case STATUS_REFUSED:
        return command_fail(
            command, "%s: permission denied; be root or a member of the group hjhub", where);
    case STATUS_BUSY:
    case STATUS_CLOSED:
        return command_fail(
            command, "%s: the hub ended before it had answered; see its log", where);
    case STATUS_LIMIT:
        return command_fail(command, "%s: the answer is too large; ask for less", where);
    case STATUS_INVALID:
        return command_fail(
            command, "%s: that is no hub; give http://HOST:PORT or its socket", where);
    case STATUS_OK:
    case STATUS_IO:
    case STATUS_FULL:
    case STATUS_CORRUPT:
        break;
    }
    return command_fail(
        command, "%s: no answer within %d s; the hub hangs: see its log", where, CONTROL_WAIT_S);
}
