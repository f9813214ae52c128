#include "cli/asking.h"

#include <assert.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/control.h"
#include "journal/journal.h"
#include "schemas/topic.h"

enum { POLL_MS = 50, ALIVE_EACH = 100 /* polls between two looks at the hub */ };

const char *asking_word(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value == NULL ? "" : value;
}

/* As the hub takes it: what may stand in a topic. */
static const char *user_name(char out[static 80])
{
    const struct passwd *entry = getpwuid(getuid());
    bool fits = entry != NULL && name_valid(slice_of(entry->pw_name));
    snprintf(out, 80, "uid-%u", (unsigned)getuid());
    return fits ? entry->pw_name : out;
}

void asking_new_id(char out[static ASKING_ID_SIZE])
{
    uint64_t chance = 0;
    ssize_t got = getrandom(&chance, sizeof chance, 0);
    assert(got == (ssize_t)sizeof chance);
    snprintf(out, ASKING_ID_SIZE, "%016llx", (unsigned long long)chance);
}

int asking_give(const char *command, const struct source *source, const char *verb,
    const json_t *body, uint64_t *said)
{
    char space[4096], line[8192], user[80], path[80];
    struct text answer = text_in(space, sizeof space);
    char *words = json_dumps(body, JSON_COMPACT);
    int code = 0;
    int size = snprintf(line, sizeof line, "{\"by\":\"%s\"}\n%s", user_name(user), words);
    snprintf(path, sizeof path, "/control/%s", verb);
    free(words);
    if (size < 0 || (size_t)size >= sizeof line) {
        return command_fail(command, "that is too long for a command");
    }
    enum status status = control_request(
        source->control, "POST", path, slice_from(line, (size_t)size), &answer, &code);
    if (status != STATUS_OK) {
        return control_explain(command, source->control, status);
    }
    json_t *object = json_loadb(answer.at, answer.size, 0, NULL);
    *said = (uint64_t)json_integer_value(json_object_get(object, "said"));
    int result = EXIT_FINE;
    if (code != 200) {
        result = command_fail(command, "not taken: %s", asking_word(object, "error"));
    }
    json_decref(object);
    return result;
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

/* Of a result of ours: whether it was the last. */
static bool take_record(const struct record *record, const struct source *source, const char *id,
    asking_result *each, int *exit_status)
{
    if (record->kind != RECORD_RESULT) {
        return false;
    }
    json_t *result = json_loadb((const char *)record->payload.ptr, record->payload.size, 0, NULL);
    bool last = strcmp(asking_word(result, "id"), id) == 0 && each(result, source, exit_status);
    json_decref(result);
    return last;
}

int asking_follow(const char *command, const struct source *source, const char *id, uint64_t said,
    asking_result *each)
{
    struct journal_reader *reader;
    struct record record;
    int result = EXIT_COULD_NOT;
    bool over = false;
    enum status status = journal_reader_open(source->journal, STREAM_SAID, said, &reader);
    if (status != STATUS_OK) {
        return command_fail(
            command, "%s: the journal cannot be read (%s)", source->journal, status_name(status));
    }
    for (unsigned idle = 1; !over; idle++) {
        status = journal_reader_next(reader, &record);
        if (status == STATUS_OK) {
            over = take_record(&record, source, id, each, &result);
            continue;
        }
        if (status != STATUS_ABSENT || (idle % ALIVE_EACH == 0 && !hub_alive(source))) {
            result = command_fail(command,
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
