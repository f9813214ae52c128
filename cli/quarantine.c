#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/control.h"
#include "cli/source.h"
#include "journal/journal.h"

enum { ANSWER_SIZE = 64 * 1024 };

/* What a device sent is shown escaped: it may hold what a terminal obeys. */
static void print_escaped(const json_t *value)
{
    json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
}

static void print_entry(struct slice payload)
{
    json_t *entry = json_loadb((const char *)payload.ptr, payload.size, 0, NULL);
    const json_t *rule;
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
    putchar('\n');
    json_decref(entry);
}

static int list(const struct source *source)
{
    struct journal_reader *reader;
    struct record record;
    bool any = false;
    enum status status = journal_reader_open(source->journal, STREAM_SAID, 1, &reader);
    if (status != STATUS_OK) {
        return command_fail(
            "quarantine", "%s: no journal there (%s)", source->journal, status_name(status));
    }
    while ((status = journal_reader_next(reader, &record)) == STATUS_OK) {
        if (record.kind == RECORD_QUARANTINE) {
            if (source->json) {
                printf("%.*s\n", (int)record.payload.size, (const char *)record.payload.ptr);
            } else {
                print_entry(record.payload);
            }
            any = true;
        }
    }
    journal_reader_close(reader);
    if (status != STATUS_ABSENT) {
        return command_fail("quarantine", "%s: %s", source->journal, status_name(status));
    }
    return any ? EXIT_FINDINGS : EXIT_FINE;
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
