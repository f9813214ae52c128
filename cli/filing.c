#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/asking.h"
#include "cli/command.h"
#include "cli/control.h"
#include "core/nearest.h"
#include "schemas/filing.h"

/* hjhub filing tells anything, hjhub order only what the bureau orders. */
struct desk {
    const char *name;
    bool orders;
};

static bool handles(const struct desk *desk, enum filing_kind kind)
{
    return !desk->orders || filing_kind_row(kind)->sort == FILING_ORDERED;
}

/* --- what there is --- */

static void print_kind(const struct filing_kind_row *row, bool json)
{
    static const char *const SORTS[] = {"announced", "ordered", "recorded"};
    static const char *const NUMBERS[] = {"none", "may", "needs"};
    const char *teller = row->teller == FILING_BY_PLANT ? "plant" : "bureau";
    if (json) {
        json_t *object = json_pack("{ssssssssssssss}", "kind", row->name, "sort", SORTS[row->sort],
            "teller", teller, "number", NUMBERS[row->number], "unit", row->unit, "zh", row->zh,
            "en", row->en);
        json_dumpf(object, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(object);
        return;
    }
    printf("%-20s %-10s %-7s %s  %s", row->name, SORTS[row->sort], teller, row->zh, row->en);
    if (row->number != FILING_NUMBER_NONE) {
        printf("  [number=%.0f..%.0f%s%s]", row->least, row->most, *row->unit == '\0' ? "" : " ",
            row->unit);
    }
    putchar('\n');
}

static int print_kinds(const struct desk *desk, bool json)
{
    for (int kind = 0; kind < FILING_KIND_COUNT; kind++) {
        if (handles(desk, (enum filing_kind)kind)) {
            print_kind(filing_kind_row((enum filing_kind)kind), json);
        }
    }
    return EXIT_FINE;
}

static int no_such_kind(const struct desk *desk, const char *word)
{
    struct nearest nearest = nearest_begin(slice_of(word));
    for (int kind = 0; kind < FILING_KIND_COUNT; kind++) {
        if (handles(desk, (enum filing_kind)kind)) {
            nearest_offer(&nearest, slice_of(filing_kind_row((enum filing_kind)kind)->name));
        }
    }
    if (nearest.word.size > 0) {
        return command_fail(desk->name, "no kind '%s': did you mean '%.*s'?", word,
            (int)nearest.word.size, (const char *)nearest.word.ptr);
    }
    return command_fail(desk->name, "no kind '%s'; 'hjhub %s kinds' shows them", word, desk->name);
}

/* --- what is told --- */

/* Everything is a text but the number. */
static json_t *value_of(struct slice name, struct slice value)
{
    if (!slice_is(name, "number")) {
        return json_stringn((const char *)value.ptr, value.size);
    }
    json_t *number = json_loadb((const char *)value.ptr, value.size, JSON_DECODE_ANY, NULL);
    if (!json_is_number(number)) {
        json_decref(number);
        return NULL;
    }
    return number;
}

static bool is_known_name(struct slice name)
{
    static const char *const NAMES[] = {
        "id",
        "from",
        "to",
        "number",
        "reason",
        "by",
#define FILING_ABOUT(id, name, zh) name,
#include "schemas/filing_abouts.def"
#undef FILING_ABOUT
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (slice_is(name, NAMES[i])) {
            return true;
        }
    }
    return false;
}

/* NAME=VALUE, as often as they come. */
static int add_members(const struct desk *desk, json_t *told, int argc, char **argv, int first)
{
    for (int i = first; i < argc; i++) {
        struct slice value = slice_of(argv[i]);
        struct slice name = slice_cut(&value, '=');
        if (value.size == 0 || !is_known_name(name) ||
            json_object_setn_new(told, (const char *)name.ptr, name.size, value_of(name, value)) !=
                0) {
            return command_fail(desk->name,
                "'%s' is not understood: NAME=VALUE with one of area, town, enterprise, outlet, "
                "linkage, equipment, mn (whom it is about), from, to (such as "
                "2026-09-01T08:00:00+08:00), number, reason, id",
                argv[i]);
        }
    }
    return EXIT_FINE;
}

static bool take_result(const json_t *result, const struct source *source, int *exit_status)
{
    const json_t *message = json_object_get(result, "message");
    const char *word = asking_word(result, "result");
    static const char *const FINE[] = {"taken", "superseded", "repeated", "withdrawn"};
    *exit_status = EXIT_FINDINGS;
    for (size_t i = 0; i < sizeof FINE / sizeof FINE[0]; i++) {
        *exit_status = strcmp(word, FINE[i]) == 0 ? EXIT_FINE : *exit_status;
    }
    if (source->json) {
        json_dumpf(result, stdout, JSON_COMPACT);
        putchar('\n');
    } else {
        printf("%s  %s  %s  %s\n", asking_word(result, "id"), word, asking_word(message, "zh"),
            asking_word(message, "en"));
    }
    fflush(stdout);
    return true;
}

static int tell(const struct desk *desk, const struct source *source, const json_t *told)
{
    uint64_t said = 0;
    int result = asking_give(desk->name, source, "filing", told, &said);
    return result != EXIT_FINE
               ? result
               : asking_follow(desk->name, source, asking_word(told, "id"), said, take_result);
}

static int add(const struct desk *desk, const struct source *source, int argc, char **argv)
{
    char id[ASKING_ID_SIZE];
    enum filing_kind kind;
    const char *word = argv[source->rest + 1];
    if (!filing_kind_find(slice_of(word), &kind) || !handles(desk, kind)) {
        return no_such_kind(desk, word);
    }
    asking_new_id(id);
    json_t *told = json_pack("{ssss}", "id", id, "kind", word);
    int result = add_members(desk, told, argc, argv, source->rest + 2);
    result = result == EXIT_FINE ? tell(desk, source, told) : result;
    json_decref(told);
    return result;
}

static int withdraw(const struct desk *desk, const struct source *source, int argc, char **argv)
{
    json_t *told = json_pack("{ssss}", "id", argv[source->rest + 1], "action", "withdraw");
    int result = told == NULL ? command_fail(desk->name, "an id is plain text") : EXIT_FINE;
    result = result == EXIT_FINE ? add_members(desk, told, argc, argv, source->rest + 2) : result;
    result = result == EXIT_FINE ? tell(desk, source, told) : result;
    json_decref(told);
    return result;
}

/* --- what was told --- */

static void print_filing(const struct desk *desk, struct slice line, bool json)
{
    enum filing_kind kind;
    json_t *filing = json_loadb((const char *)line.ptr, line.size, 0, NULL);
    const json_t *title = json_object_get(filing, "title");
    if (filing == NULL || !filing_kind_find(slice_of(asking_word(filing, "kind")), &kind) ||
        !handles(desk, kind)) {
        json_decref(filing);
        return;
    }
    if (json) {
        printf("%.*s\n", (int)line.size, (const char *)line.ptr);
        json_decref(filing);
        return;
    }
    printf("%-9s  %-18s %s  %s", asking_word(filing, "stands"), asking_word(filing, "kind"),
        asking_word(title, "zh"), asking_word(title, "en"));
    for (int about = 0; about < FILING_ABOUT_COUNT; about++) {
        const char *name = filing_about_name((enum filing_about)about);
        if (json_object_get(filing, name) != NULL) {
            printf("  %s %s", name, asking_word(filing, name));
        }
    }
    if (json_object_get(filing, "number") != NULL) {
        printf("  %g %s", json_number_value(json_object_get(filing, "number")),
            asking_word(filing, "unit"));
    }
    printf("\n    %s .. %s\n    %s by %s  %s\n", asking_word(filing, "from"),
        asking_word(filing, "to"), asking_word(filing, "id"), asking_word(filing, "by"),
        asking_word(filing, "reason"));
    json_decref(filing);
}

static int list(const struct desk *desk, const struct source *source)
{
    char *space = malloc(CONTROL_ANSWER_SIZE);
    assert(space != NULL);
    struct text answer = text_in(space, CONTROL_ANSWER_SIZE);
    int code = 0;
    enum status status = control_request(
        source->control, "POST", "/control/filings", slice_of("{}"), &answer, &code);
    struct slice rest = text_slice(&answer);
    int result = status != STATUS_OK ? control_explain(desk->name, source->control, status)
                 : code != 200       ? command_fail(desk->name, "%.*s", (int)rest.size, answer.at)
                                     : EXIT_FINE;
    while (result == EXIT_FINE && rest.size > 0) {
        print_filing(desk, slice_cut(&rest, '\n'), source->json);
    }
    free(space);
    return result;
}

static bool wants_kinds(int argc, char **argv, bool *json)
{
    *json = argc == 3 && strcmp(argv[2], "--json") == 0;
    return argc >= 2 && strcmp(argv[1], "kinds") == 0 && (argc == 2 || *json);
}

static int serve(const struct desk *desk, int argc, char **argv)
{
    struct source source = {0};
    bool json;
    if (wants_kinds(argc, argv, &json)) {
        return print_kinds(desk, json);
    }
    if (!source_open(&source, desk->name, argc, argv)) {
        return EXIT_COULD_NOT;
    }
    const char *verb = source.rest < argc ? argv[source.rest] : "";
    int words = argc - source.rest;
    int result = source.control == NULL
                     ? command_fail(desk->name, "that needs a running hub: give --config FILE")
                 : strcmp(verb, "add") == 0 && words >= 2      ? add(desk, &source, argc, argv)
                 : strcmp(verb, "withdraw") == 0 && words >= 2 ? withdraw(desk, &source, argc, argv)
                 : strcmp(verb, "list") == 0 && words == 1     ? list(desk, &source)
                                                               : command_misused(desk->name);
    source_close(&source);
    return result;
}

int command_filing(int argc, char **argv)
{
    static const struct desk DESK = {"filing", false};
    return serve(&DESK, argc, argv);
}

int command_order(int argc, char **argv)
{
    static const struct desk DESK = {"order", true};
    return serve(&DESK, argc, argv);
}
