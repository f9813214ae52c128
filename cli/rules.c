#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarms/alarms.h"
#include "broker-bridge/bundle.h"
#include "cli/command.h"
#include "cli/findings.h"
#include "cli/rules_dir.h"
#include "detectors/program.h"
#include "schemas/verdict.h"

struct options {
    const char *rules, *kind;
    bool json;
};

static void print_rule(const struct text *json, const char *id, const char *title, bool as_json)
{
    if (as_json) {
        printf("%.*s\n", (int)json->size, json->at);
    } else {
        printf("%-32s %s\n", id, title);
    }
}

static int list_validity(bool json)
{
    char space[2000];
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        const struct validity_rule_row *row = validity_rule((enum validity_rule)id);
        struct text text = text_in(space, sizeof space);
        text_add_byte(&text, '{');
        text_add_field(&text, "id", slice_of(row->name));
        text_add_field(&text, "kind", slice_of("validity"));
        text_add_field(&text, "consequence", slice_of(consequence_name(row->consequence)));
        text_add_field(&text, "clause", slice_of(row->clause));
        text_add_field(&text, "zh", slice_of(row->zh));
        text_add_field(&text, "en", slice_of(row->en));
        text_add_field(&text, "source", slice_of(row->source));
        text_add_byte(&text, '}');
        print_rule(&text, row->name, row->zh, json);
    }
    return EXIT_FINE;
}

/* kind: NULL for all that stands in rule files. */
static int list_files(const struct program *program, const char *kind, bool json)
{
    enum { MANY = 1024 }; /* instances: an alarm's share of a large table */
    static char space[64 * 1024];
    const size_t alarm_bytes = (alarms_state_size(MANY) + MANY - 1) / MANY;
    for (uint32_t i = 0; i < program_rule_count(program); i++) {
        struct text text = text_in(space, sizeof space);
        program_rule_json(program, i, alarm_bytes, &text);
        json_t *rule = json_loadb(text.at, text.size, 0, NULL);
        const bool wanted =
            kind == NULL || strcmp(json_string_value(json_object_get(rule, "kind")), kind) == 0;
        if (wanted && !json) {
            printf("%6lld B  ",
                (long long)json_integer_value(json_object_get(rule, "bytes_per_instance")));
        }
        if (wanted) {
            print_rule(&text, json_string_value(json_object_get(rule, "id")),
                json_string_value(json_object_get(rule, "zh")), json);
        }
        json_decref(rule);
    }
    return EXIT_FINE;
}

/* Compile the folder's rules without a registry; findings go to standard error. */
static struct program *load(const char *directory, bool json)
{
    struct arena arena = {0};
    struct slice bundle = {0};
    struct program *program = NULL;
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL) {
        return NULL;
    }
    if (rules_dir_read(directory, &arena, &bundle, report) == STATUS_OK &&
        program_compile(bundle, NULL, &program, report) != STATUS_OK) {
        program = NULL;
    }
    if (json) {
        findings_print_json(report, stdout);
    } else {
        findings_print(report, stderr);
    }
    report_free(report);
    free(report);
    arena_free(&arena);
    return program;
}

static int run(const char *verb, const struct options *options)
{
    char buffer[4096];
    if (strcmp(verb, "list") == 0 && options->kind != NULL &&
        strcmp(options->kind, "validity") == 0) {
        return list_validity(options->json);
    }
    const char *directory =
        options->rules != NULL ? options->rules : rules_dir_default(buffer, sizeof buffer);
    if (directory == NULL) {
        return command_fail("rules", "no rules found beside this program: give --rules DIR");
    }
    struct program *program = load(directory, options->json);
    if (program == NULL) {
        return strcmp(verb, "check") == 0 ? EXIT_FINDINGS : EXIT_COULD_NOT;
    }
    int result = EXIT_FINE;
    if (strcmp(verb, "list") == 0) {
        result = list_files(program, options->kind, options->json);
    } else {
        printf(options->json ? "{\"rules\":%u}\n" : "%u rules, no findings\n",
            program_rule_count(program));
    }
    program_free(program);
    return result;
}

int command_rules(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"kind", required_argument, NULL, 'k'},
        {"rules", required_argument, NULL, 'r'}, {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0}};
    struct options options = {0};
    int option;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'k':
            options.kind = optarg;
            break;
        case 'r':
            options.rules = optarg;
            break;
        case 'j':
            options.json = true;
            break;
        default:
            return command_misused("rules");
        }
    }
    const char *verb = optind < argc ? argv[optind] : "";
    bool kind_fine = options.kind == NULL || strcmp(options.kind, "detection") == 0 ||
                     strcmp(options.kind, "report") == 0 || strcmp(options.kind, "validity") == 0;
    if (strcmp(verb, "check") == 0 && optind + 2 == argc) {
        options.rules = argv[optind + 1];
    } else if (strcmp(verb, "list") != 0 || optind + 1 != argc || !kind_fine) {
        return command_misused("rules");
    }
    return run(verb, &options);
}
