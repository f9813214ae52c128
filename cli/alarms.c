#include <assert.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/source.h"
#include "journal/journal.h"

enum { FOLLOW_MS = 200 };

static const char *word(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value == NULL ? "" : value;
}

static void print_one(const json_t *data, bool json)
{
    if (json) {
        json_dumpf(data, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
        putchar('\n');
        return;
    }
    const json_t *text = json_object_get(data, "text");
    printf("%s  %s  %-13s  %s\n    %s\n    %s\n    %s\n", word(data, "at"), word(data, "severity"),
        word(data, "to"), word(data, "rule"), word(text, "zh"), word(text, "en"),
        word(data, "alarm"));
}

static bool open_state(const json_t *data)
{
    static const char *const OPEN[] = {
        "active-unack", "active-ack", "cleared-unack", "cleared-ack"};
    for (size_t i = 0; i < sizeof OPEN / sizeof OPEN[0]; i++) {
        if (strcmp(word(data, "to"), OPEN[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Each alarm's last transition, by its id; what is closed leaves. */
static void fold(json_t *open, const json_t *data)
{
    if (open_state(data)) {
        json_object_set_new(open, word(data, "alarm"), json_deep_copy(data));
    } else {
        json_object_del(open, word(data, "alarm"));
    }
}

static json_t *data_of(const struct record *record)
{
    json_t *event = json_loadb((const char *)record->payload.ptr, record->payload.size, 0, NULL);
    json_t *data = json_incref(json_object_get(event, "data"));
    json_decref(event);
    return data;
}

/* The gravest first, and of those the newest: what to look at stands on top. */
static int by_weight(const void *a, const void *b)
{
    const json_t *left = *(json_t *const *)a, *right = *(json_t *const *)b;
    int order = strcmp(word(left, "severity"), word(right, "severity"));
    order = order != 0 ? order : strcmp(word(right, "at"), word(left, "at"));
    return order != 0 ? order : strcmp(word(left, "alarm"), word(right, "alarm"));
}

static void print_open(json_t *open, bool json)
{
    size_t count = 0, size = json_object_size(open);
    json_t **rows = calloc(size + 1, sizeof *rows), *data;
    const char *key;
    assert(rows != NULL);
    json_object_foreach(open, key, data)
    {
        rows[count++] = data;
    }
    qsort(rows, count, sizeof(json_t *), by_weight);
    for (size_t i = 0; i < count; i++) {
        print_one(rows[i], json);
    }
    free(rows);
}

/* What has been said so far; then, when asked, what is said from now on. */
static int show(struct journal_reader *reader, const struct source *source)
{
    struct record record;
    enum status status;
    json_t *open = json_object();
    json_t *data;
    while ((status = journal_reader_next(reader, &record)) == STATUS_OK) {
        if (record.kind == RECORD_TRANSITION) {
            data = data_of(&record);
            fold(open, data);
            json_decref(data);
        }
    }
    bool any = json_object_size(open) > 0;
    print_open(open, source->json);
    json_decref(open);
    fflush(stdout);
    while (source->follow && (status == STATUS_OK || status == STATUS_ABSENT)) {
        status = journal_reader_next(reader, &record);
        if (status == STATUS_ABSENT) {
            poll(NULL, 0, FOLLOW_MS);
        } else if (status == STATUS_OK && record.kind == RECORD_TRANSITION) {
            data = data_of(&record);
            print_one(data, source->json);
            json_decref(data);
            fflush(stdout);
        }
    }
    if (status != STATUS_ABSENT) {
        return command_fail("alarms", "%s: %s", source->journal, status_name(status));
    }
    return any ? EXIT_FINDINGS : EXIT_FINE;
}

int command_alarms(int argc, char **argv)
{
    struct source source;
    struct journal_reader *reader;
    int result = EXIT_COULD_NOT;
    if (!source_open(&source, "alarms", argc, argv)) {
        return EXIT_COULD_NOT;
    }
    if (source.rest != argc) {
        source_close(&source);
        return command_misused("alarms");
    }
    enum status status = journal_reader_open(source.journal, STREAM_SAID, 1, &reader);
    if (status == STATUS_OK) {
        result = show(reader, &source);
        journal_reader_close(reader);
    } else {
        command_fail("alarms", "%s: no journal there (%s)", source.journal, status_name(status));
    }
    source_close(&source);
    return result;
}
