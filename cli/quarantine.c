#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/control.h"
#include "cli/source.h"
#include "journal/journal.h"

enum { ANSWER_SIZE = 64 * 1024 };

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
            printf("%.*s\n", (int)record.payload.size, (const char *)record.payload.ptr);
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
    if (!source_open(&source, argc, argv)) {
        return EXIT_COULD_NOT;
    }
    const char *verb = source.rest < argc ? argv[source.rest] : "";
    if (strcmp(verb, "list") == 0 && source.rest + 1 == argc) {
        result = list(&source);
    } else if (strcmp(verb, "release") == 0 && source.rest + 2 == argc) {
        result = release(&source, argv[source.rest + 1]);
    } else {
        command_fail("quarantine", "usage: hjhub quarantine --config FILE list | release SEQUENCE");
    }
    source_close(&source);
    return result;
}
