#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "cli/asking.h"
#include "cli/command.h"
#include "cli/device_list.h"
#include "cli/device_wishes.h"
#include "schemas/request.h"

/* --- the command, as the hub wants it --- */

static int bad_parameter(const struct request_row *row, const char *given)
{
    json_t *takes = device_usages(row);
    command_fail("device", "'%s' is no NAME=VALUE; %s takes", given, row->name);
    device_print_usages(takes, stderr);
    json_decref(takes);
    return EXIT_COULD_NOT;
}

/* A line of standard input: a password has no place among the arguments, which everybody may list. */
static struct slice read_value(char *space, size_t size)
{
    char *got = fgets(space, (int)size, stdin);
    return got == NULL ? (struct slice){0} : slice_from(got, strcspn(got, "\r\n"));
}

/* NAME=VALUE, as often as they come. */
static int add_parameters(
    json_t *order, const struct request_row *row, int argc, char **argv, int first)
{
    char space[200];
    for (int i = first; i < argc; i++) {
        struct slice value = slice_of(argv[i]);
        struct slice name = slice_cut(&value, '=');
        if (slice_is(name, "NewSK")) { /* what is given is journaled, refused or not */
            return command_fail(
                "device", "a key is named, never told: key_id=ID of one that 'hjhub keys' lists");
        }
        value = slice_is(value, "-") ? read_value(space, sizeof space) : value;
        json_t *text = json_stringn((const char *)value.ptr, value.size); /* NULL: no UTF-8 */
        if (name.size == 0 || value.size == 0 ||
            json_object_setn_new(order, (const char *)name.ptr, name.size, text) != 0) {
            return bad_parameter(row, argv[i]);
        }
    }
    return EXIT_FINE;
}

static int write_order(
    int argc, char **argv, int at, char id[static ASKING_ID_SIZE], json_t **order)
{
    const struct request_row *row = request_find(slice_of(argv[at + 1]));
    if (row == NULL) {
        return command_fail("device",
            "no command '%s' that a host may send; 'hjhub device list' shows them", argv[at + 1]);
    }
    asking_new_id(id);
    *order = json_pack("{ssssss}", "id", id, "mn", argv[at], "command", row->name);
    assert(*order != NULL);
    return add_parameters(*order, row, argc, argv, at + 2);
}

/* --- what comes of it --- */

static void print_answer(const json_t *answer)
{
    const char *name;
    const json_t *value;
    json_object_foreach((json_t *)(uintptr_t)answer, name, value)
    {
        fputs("    ", stdout);
        json_dumpf(json_object_get(answer, name), stdout, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
        printf("  %s\n", name);
    }
}

static void print_step(const json_t *step, bool json)
{
    const json_t *message = json_object_get(step, "message");
    if (json) {
        json_dumpf(step, stdout, JSON_COMPACT);
        putchar('\n');
    } else {
        printf("%s  %-10s  %s  %s\n", asking_word(step, "at"), asking_word(step, "state"),
            asking_word(message, "zh"), asking_word(message, "en"));
        if (*asking_word(step, "detail") != '\0') {
            printf("    %s\n", asking_word(step, "detail"));
        }
        print_answer(json_object_get(step, "answer"));
    }
    fflush(stdout);
}

static bool is_open(const json_t *step)
{
    static const char *const OPEN[] = {
#define EXCHANGE_STATE(id, name, over, zh, en) (over) ? "" : (name),
#include "schemas/exchange_states.def"
#undef EXCHANGE_STATE
    };
    for (size_t i = 0; i < sizeof OPEN / sizeof OPEN[0]; i++) {
        if (OPEN[i][0] != '\0' && strcmp(asking_word(step, "state"), OPEN[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool take_step(const json_t *step, const struct source *source, int *exit_status)
{
    print_step(step, source->json);
    *exit_status = strcmp(asking_word(step, "state"), "done") == 0 ? EXIT_FINE : EXIT_FINDINGS;
    return !is_open(step);
}

static int command(const struct source *source, int argc, char **argv)
{
    char id[ASKING_ID_SIZE];
    json_t *order = NULL;
    uint64_t said = 0;
    if (source->control == NULL) {
        return command_fail("device", "a command needs a running hub: give --config FILE");
    }
    int result = write_order(argc, argv, source->rest, id, &order);
    if (result == EXIT_FINE) {
        result = asking_give("device", source, "device", order, &said);
    }
    if (result == EXIT_FINE) {
        result = asking_follow("device", source, id, said, take_step);
    }
    json_decref(order);
    return result;
}

static bool wants_list(int argc, char **argv, bool *json)
{
    bool listed = false;
    *json = false;
    for (int i = 1; i < argc && argc <= 3; i++) {
        listed = listed || strcmp(argv[i], "list") == 0;
        *json = *json || strcmp(argv[i], "--json") == 0;
    }
    return listed && argc == (*json ? 3 : 2);
}

int command_device(int argc, char **argv)
{
    struct source source = {0};
    bool json;
    if (wants_list(argc, argv, &json)) {
        return device_list(json);
    }
    if (!source_open(&source, "device", argc, argv)) {
        return EXIT_COULD_NOT;
    }
    int rest = argc - source.rest;
    int result = rest >= 2 ? command(&source, argc, argv)
                 : rest == 1 && strcmp(argv[source.rest], "wishes") == 0
                     ? device_wishes(source.journal, source.json)
                     : command_misused("device");
    source_close(&source);
    return result;
}
