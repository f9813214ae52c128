#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/control.h"
#include "cli/source.h"
#include "core/flat_json.h"
#include "journal/journal.h"
#include "schemas/verdict.h"

enum { ANSWER_SIZE = 64 * 1024 };

/* What a device sent is shown escaped: it may hold what a terminal obeys. */
static void print_escaped(const json_t *value)
{
    json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
}

static void print_entry(const json_t *entry)
{
    const json_t *rule, *released = json_object_get(entry, "released");
    size_t index;
    printf("%lld  %s  %s ", (long long)json_integer_value(json_object_get(entry, "sequence")),
        json_string_value(json_object_get(entry, "at")),
        json_string_value(json_object_get(entry, "verdict")));
    json_array_foreach(json_object_get(entry, "rules"), index, rule)
    {
        printf(" %s", json_string_value(rule));
    }
    fputs("\n    ", stdout);
    print_escaped(json_object_get(entry, "topic"));
    fputs("\n    ", stdout);
    print_escaped(json_object_get(entry, "excerpt"));
    if (released != NULL) {
        printf("\n    released %s: %s", json_string_value(json_object_get(released, "at")),
            json_string_value(json_object_get(released, "verdict")));
    }
    putchar('\n');
}

/* What was judged again: by the sequence of the command that did it, and of the message that it judged. */
struct releases {
    json_t *by_command, *by_message; /* the same objects: {at, verdict} */
};

static const char *key_of(uint64_t sequence, char space[static 24])
{
    snprintf(space, 24, "%llu", (unsigned long long)sequence);
    return space;
}

static void note_command(struct releases *releases, const struct record *record)
{
    struct flat_json json;
    struct slice rest = record->payload;
    int64_t sequence;
    char space[24], at[RFC3339_SIZE + 1];
    if (record->kind != RECORD_COMMAND || !flat_json_read(&json, slice_cut(&rest, '\n')) ||
        !slice_is(flat_json_string(&json, "command"), "quarantine-release") ||
        !flat_json_int(&json, "sequence", &sequence)) {
        return;
    }
    event_time_write(record->wall, at);
    json_t *release = json_pack("{s:s, s:s}", "at", at, "verdict", "not judged yet");
    json_object_set(releases->by_command, key_of(record->sequence, space), release);
    json_object_set_new(releases->by_message, key_of((uint64_t)sequence, space), release);
}

/* Of several messages of one payload the last says it. */
static void note_verdict(struct releases *releases, const struct record *record)
{
    char space[24];
    json_t *release = json_object_get(releases->by_command, key_of(record->cause, space));
    if (record->kind == RECORD_VERDICT && release != NULL && record->payload.size > 0 &&
        record->payload.ptr[0] < VERDICT_KIND_COUNT) {
        json_object_set_new(release, "verdict",
            json_string(verdict_name((enum verdict_kind)record->payload.ptr[0])));
    }
}

typedef void reads_record(struct releases *releases, const struct record *record);

static enum status read_through(
    const char *directory, enum stream stream, reads_record *read, struct releases *releases)
{
    struct journal_reader *reader;
    struct record record;
    enum status status = journal_reader_open(directory, stream, 1, &reader);
    if (status != STATUS_OK) {
        return status;
    }
    while ((status = journal_reader_next(reader, &record)) == STATUS_OK) {
        read(releases, &record);
    }
    journal_reader_close(reader);
    return status == STATUS_ABSENT ? STATUS_OK : status;
}

/* true: it still waits for somebody. What a release said is told with what it released. */
static bool show(const struct releases *releases, const struct record *record, bool as_json)
{
    char space[24];
    json_t *entry = json_loadb((const char *)record->payload.ptr, record->payload.size, 0, NULL);
    const char *key =
        key_of((uint64_t)json_integer_value(json_object_get(entry, "sequence")), space);
    json_t *release = json_object_get(releases->by_message, key);
    bool repeats = json_object_get(releases->by_command, key) != NULL;
    const char *now = json_string_value(json_object_get(release, "verdict"));
    json_object_set(entry, "released", release); /* nothing where there was none */
    if (!repeats && as_json) {
        json_dumpf(entry, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (!repeats) {
        print_entry(entry);
    }
    json_decref(entry);
    return !repeats && (now == NULL || strcmp(now, verdict_name(VERDICT_ACCEPTED)) != 0);
}

static enum status show_all(const struct source *source, struct releases *releases, bool *waiting)
{
    struct journal_reader *reader;
    struct record record;
    enum status status = read_through(source->journal, STREAM_CAME, note_command, releases);
    if (status == STATUS_OK) {
        status = read_through(source->journal, STREAM_SAID, note_verdict, releases);
    }
    if (status == STATUS_OK) {
        status = journal_reader_open(source->journal, STREAM_SAID, 1, &reader);
    }
    if (status != STATUS_OK) {
        return status;
    }
    while ((status = journal_reader_next(reader, &record)) == STATUS_OK) {
        if (record.kind == RECORD_QUARANTINE) {
            *waiting = show(releases, &record, source->json) || *waiting;
        }
    }
    journal_reader_close(reader);
    return status == STATUS_ABSENT ? STATUS_OK : status;
}

static int list(const struct source *source)
{
    struct releases releases = {json_object(), json_object()};
    bool waiting = false;
    enum status status = show_all(source, &releases, &waiting);
    json_decref(releases.by_command);
    json_decref(releases.by_message);
    if (status != STATUS_OK) {
        return command_fail(
            "quarantine", "%s: no journal there (%s)", source->journal, status_name(status));
    }
    return waiting ? EXIT_FINDINGS : EXIT_FINE;
}

static int release(const struct source *source, const char *sequence)
{
    char space[ANSWER_SIZE], body[64];
    struct text answer = text_in(space, sizeof space);
    uint64_t number;
    int code = 0;
    if (source->control == NULL) {
        return command_fail("quarantine", "release needs a running hub: give --config FILE");
    }
    if (!slice_to_uint(slice_of(sequence), UINT64_MAX, &number)) {
        return command_fail(
            "quarantine", "'%s' is no sequence; 'hjhub quarantine list' shows them", sequence);
    }
    int size = snprintf(body, sizeof body, "{\"sequence\":%llu}", (unsigned long long)number);
    enum status status = control_request(source->control, "POST", "/control/quarantine-release",
        slice_from(body, (size_t)size), &answer, &code);
    if (status != STATUS_OK) {
        return command_fail(
            "quarantine", "%s: the hub does not answer; does it run?", source->control);
    }
    printf("%.*s\n", (int)answer.size, answer.at);
    return code == 200 ? EXIT_FINE : EXIT_FINDINGS;
}

int command_quarantine(int argc, char **argv)
{
    struct source source;
    int result = EXIT_COULD_NOT;
    if (!source_open(&source, "quarantine", argc, argv)) {
        return EXIT_COULD_NOT;
    }
    const char *verb = source.rest < argc ? argv[source.rest] : "";
    if (strcmp(verb, "list") == 0 && source.rest + 1 == argc) {
        result = list(&source);
    } else if (strcmp(verb, "release") == 0 && source.rest + 2 == argc) {
        result = release(&source, argv[source.rest + 1]);
    } else {
        command_misused("quarantine");
    }
    source_close(&source);
    return result;
}
