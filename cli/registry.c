#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/bundle.h"
#include "cli/command.h"
#include "cli/findings.h"
#include "cli/rules_dir.h"
#include "detectors/program.h"
#include "schemas/profiles.h"
#include "validators/registry_csv.h"

static void print_summary(const struct registry *registry, bool json)
{
    printf(json ? "{\"area\":\"%.*s\",\"enterprises\":%u,\"outlets\":%u,\"devices\":%u,"
                  "\"equipment\":%u,\"signals\":%u,\"linkages\":%u,\"limits\":%u}\n"
                : "area %.*s: %u enterprises, %u outlets, %u devices, %u equipment, %u signals, "
                  "%u linkages, %u limits; no findings\n",
        (int)registry->area.size, (const char *)registry->area.ptr, registry->enterprise_count,
        registry->outlet_count, registry->device_count, registry->equipment_count,
        registry->signal_count, registry->linkage_count, registry->limit_count);
}

/* Rows of parameters.csv are for the rules to judge: those of the folder given, else those beside this
 * program, else nobody's. */
static enum status check_rules(
    const char *directory, const struct registry *registry, struct report *report)
{
    char buffer[4096];
    struct arena arena = {0};
    struct slice bundle = {0};
    struct program *program = NULL;
    if (directory == NULL && registry->override_count > 0) {
        directory = rules_dir_default(buffer, sizeof buffer);
    }
    if (directory == NULL) {
        return STATUS_OK;
    }
    enum status status = rules_dir_read(directory, &arena, &bundle, report);
    if (status == STATUS_OK) {
        status = program_compile(bundle, registry, &program, report);
    }
    if (status == STATUS_OK) {
        program_free(program);
    }
    arena_free(&arena);
    return status;
}

static int check(const char *directory, const char *rules, bool json)
{
    struct arena arena = {0};
    struct slice bundle = {0};
    struct registry registry = {0};
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL) {
        return command_fail("registry", "no memory");
    }
    enum status status = registry_dir_read(directory, &arena, &bundle, report);
    if (status == STATUS_OK) {
        status = registry_parse(bundle, &registry, report);
    }
    bool whole = status == STATUS_OK;
    if (whole) {
        status = check_rules(rules, &registry, report);
    }
    if (json) {
        findings_print_json(report, stdout);
    } else {
        findings_print(report, stdout);
    }
    if (status == STATUS_OK) {
        print_summary(&registry, json);
    }
    if (whole) {
        registry_free(&registry);
    }
    report_free(report);
    free(report);
    arena_free(&arena);
    return status == STATUS_OK        ? EXIT_FINE
           : status == STATUS_INVALID ? EXIT_FINDINGS
                                      : EXIT_COULD_NOT;
}

/* The rows of profiles.csv that are known: a registry takes what it needs. */
static int print_profiles(void)
{
    static char space[PROFILES_CSV_SIZE];
    struct text text = text_in(space, sizeof space);
    profiles_csv(&text);
    assert(!text.truncated);
    fwrite(space, 1, text.size, stdout);
    return EXIT_FINE;
}

int command_registry(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "profiles") == 0) {
        return print_profiles();
    }
    const char *directory = NULL, *rules = NULL;
    bool json = false, fine = argc > 1 && strcmp(argv[1], "check") == 0;
    for (int i = 2; i < argc && fine; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            json = true;
        } else if (strcmp(argv[i], "--rules") == 0 && i + 1 < argc) {
            rules = argv[++i];
        } else {
            fine = argv[i][0] != '-' && directory == NULL;
            directory = argv[i];
        }
    }
    return fine && directory != NULL ? check(directory, rules, json) : command_misused("registry");
}
