#include <assert.h>
#include <jansson.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/control.h"
#include "cli/device_list.h"
#include "cli/source.h"
#include "journal/journal.h"
#include "schemas/request.h"
#include "schemas/topic.h"

enum { POLL_MS = 50, ALIVE_EACH = 100 /* polls between two looks at the hub */ };

static const char *word(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value == NULL ? "" : value;
}

/* --- the command, as the hub wants it --- */

/* As the hub takes it: what may stand in a topic. */
static const char *user_name(char out[static 80])
{
    const struct passwd *entry = getpwuid(getuid());
    bool fits = entry != NULL && name_valid(slice_of(entry->pw_name));
    snprintf(out, 80, "uid-%u", (unsigned)getuid());
    return fits ? entry->pw_name : out;
}

static void new_id(char out[static 20])
{
    uint64_t chance = 0;
    ssize_t got = getrandom(&chance, sizeof chance, 0);
    assert(got == (ssize_t)sizeof chance);
    snprintf(out, 20, "%016llx", (unsigned long long)chance);
}

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
        value = slice_is(value, "-") ? read_value(space, sizeof space) : value;
        json_t *text = json_stringn((const char *)value.ptr, value.size); /* NULL: no UTF-8 */
        if (name.size == 0 || value.size == 0 ||
            json_object_setn_new(order, (const char *)name.ptr, name.size, text) != 0) {
            return bad_parameter(row, argv[i]);
        }
    }
    return EXIT_FINE;
}

static int write_order(int argc, char **argv, int at, char id[static 20], json_t **order)
{
    const struct request_row *row = request_find(slice_of(argv[at + 1]));
    if (row == NULL) {
        return command_fail("device",
            "no command '%s' that a host may send; 'hjhub device list' shows them", argv[at + 1]);
    }
    new_id(id);
    *order = json_pack("{ssssss}", "id", id, "mn", argv[at], "command", row->name);
    assert(*order != NULL);
    return add_parameters(*order, row, argc, argv, at + 2);
}

/* said: where the journal stands; what comes of it is said behind that. */
static int give(const struct source *source, const json_t *order, uint64_t *said)
{
    char space[4096], body[8192], user[80];
    struct text answer = text_in(space, sizeof space);
    char *words = json_dumps(order, JSON_COMPACT);
    int code = 0;
    int size = snprintf(body, sizeof body, "{\"by\":\"%s\"}\n%s", user_name(user), words);
    free(words);
    if (size < 0 || (size_t)size >= sizeof body) {
        return command_fail("device", "that is too long for a command");
    }
    enum status status = control_request(
        source->control, "POST", "/control/device", slice_from(body, (size_t)size), &answer, &code);
    if (status != STATUS_OK) {
        return control_explain("device", source->control, status);
    }
    json_t *object = json_loadb(answer.at, answer.size, 0, NULL);
    *said = (uint64_t)json_integer_value(json_object_get(object, "said"));
    int result = EXIT_FINE;
    if (code != 200) {
        result = command_fail("device", "not taken: %s", word(object, "error"));
    }
    json_decref(object);
    return result;
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
        printf("%s  %-10s  %s  %s\n", word(step, "at"), word(step, "state"), word(message, "zh"),
            word(message, "en"));
        if (*word(step, "detail") != '\0') {
            printf("    %s\n", word(step, "detail"));
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
        if (OPEN[i][0] != '\0' && strcmp(word(step, "state"), OPEN[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool hub_alive(const struct source *source)
{
    char space[4096];
    struct text answer = text_in(space, sizeof space);
    int code;
    enum status status =
        control_request(source->control, "GET", "/livez", (struct slice){0}, &answer, &code);
    return status == STATUS_OK;
}

/* A step of ours, printed: whether it was the last, and how it ended. */
static bool take_record(
    const struct record *record, const struct source *source, const char *id, int *result)
{
    if (record->kind != RECORD_RESULT) {
        return false;
    }
    json_t *step = json_loadb((const char *)record->payload.ptr, record->payload.size, 0, NULL);
    bool ours = strcmp(word(step, "id"), id) == 0;
    bool last = ours && !is_open(step);
    if (ours) {
        print_step(step, source->json);
        *result = strcmp(word(step, "state"), "done") == 0 ? EXIT_FINE : EXIT_FINDINGS;
    }
    json_decref(step);
    return last;
}

static int follow(const struct source *source, const char *id, uint64_t said)
{
    struct journal_reader *reader;
    struct record record;
    int result = EXIT_COULD_NOT;
    bool over = false;
    enum status status = journal_reader_open(source->journal, STREAM_SAID, said, &reader);
    if (status != STATUS_OK) {
        return command_fail(
            "device", "%s: the journal cannot be read (%s)", source->journal, status_name(status));
    }
    for (unsigned idle = 1; !over; idle++) {
        status = journal_reader_next(reader, &record);
        if (status == STATUS_OK) {
            over = take_record(&record, source, id, &result);
            continue;
        }
        if (status != STATUS_ABSENT || (idle % ALIVE_EACH == 0 && !hub_alive(source))) {
            result = command_fail("device",
                "the hub ended while the command was open; after its next start it is unknown "
                "whether it was done: see 'hjhub journal --journal DIR --stream said --kind result "
                "list'");
            break;
        }
        poll(NULL, 0, POLL_MS);
    }
    journal_reader_close(reader);
    return result;
}

static int command(const struct source *source, int argc, char **argv)
{
    char id[20];
    json_t *order = NULL;
    uint64_t said = 0;
    if (source->control == NULL) {
        return command_fail("device", "a command needs a running hub: give --config FILE");
    }
    int result = write_order(argc, argv, source->rest, id, &order);
    if (result == EXIT_FINE) {
        result = give(source, order, &said);
    }
    if (result == EXIT_FINE) {
        result = follow(source, id, said);
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
    int result = source.rest + 2 <= argc ? command(&source, argc, argv) : command_misused("device");
    source_close(&source);
    return result;
}
