#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/journal_copy.h"
#include "core/text.h"
#include "journal/journal.h"
#include "schemas/topic.h"
#include "schemas/verdict.h"

struct options {
    const char *directory;
    enum stream stream;
    const char *kind; /* NULL: all */
    const char *mn;   /* NULL: any; else what came from or was said to it */
    uint64_t from, to;
    struct event_time since, until;
    bool payload, json;
};

static const struct {
    enum record_kind kind;
    const char *name;
} KINDS[] = {
    {RECORD_START, "start"},
    {RECORD_MESSAGE, "message"},
    {RECORD_TICK, "tick"},
    {RECORD_REGISTRY, "registry"},
    {RECORD_RULES, "rules"},
    {RECORD_KEYS, "keys"},
    {RECORD_COMMAND, "command"},
    {RECORD_VERDICT, "verdict"},
    {RECORD_TRANSITION, "transition"},
    {RECORD_QUARANTINE, "quarantine"},
    {RECORD_RESULT, "result"},
    {RECORD_JOINED, "joined"},
    {RECORD_FIGURES, "figures"},
    {RECORD_NOTICE, "notice"},
    {RECORD_COMMIT, "commit"},
    {RECORD_PUBLISHED, "published"},
};

static const char *kind_name(enum record_kind kind)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (KINDS[i].kind == kind) {
            return KINDS[i].name;
        }
    }
    return "unknown";
}

static uint64_t le_at(struct slice bytes, size_t at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size && at + i < bytes.size; i++) {
        value |= (uint64_t)bytes.ptr[at + i] << (8 * i);
    }
    return value;
}

/* docs/journal.md, "Verdict"; of this version's rules. */
static void add_verdict(struct text *text, struct slice payload)
{
    struct rule_set broken = {{le_at(payload, 12, 8), le_at(payload, 20, 8)}};
    uint64_t kind = le_at(payload, 0, 1);
    if (kind >= VERDICT_KIND_COUNT) {
        return;
    }
    text_add_field(text, "verdict", slice_of(verdict_name((enum verdict_kind)kind)));
    text_add_field_int(text, "offset", (int64_t)le_at(payload, 4, 4));
    text_add_field_int(text, "message_size", (int64_t)le_at(payload, 8, 4));
    text_add_key(text, "rules");
    text_add_byte(text, '[');
    for (unsigned id = 0, count = 0; id < RULE_COUNT; id++) {
        if (rule_set_has(&broken, (enum validity_rule)id)) {
            text_add(text, count++ > 0 ? "," : "");
            text_add_json(text, slice_of(validity_rule((enum validity_rule)id)->name));
        }
    }
    text_add_byte(text, ']');
}

static void print_record(const struct record *record, bool payload)
{
    static char space[16 * 1024 * 1024 * 3];
    struct text text = text_in(space, sizeof space);
    text_add_byte(&text, '{');
    text_add_field_int(&text, "sequence", (int64_t)record->sequence);
    text_add_field(&text, "kind", slice_of(kind_name(record->kind)));
    text_add_field_int(&text, "epoch", record->epoch);
    text_add_field_time(&text, "at", record->wall);
    if (record->cause > 0) {
        text_add_field_int(&text, "cause", (int64_t)record->cause);
        text_add_field_int(&text, "index", record->index);
    }
    if (record->topic.size > 0) {
        text_add_field(&text, "topic", record->topic);
    }
    if (record->kind == RECORD_VERDICT) {
        add_verdict(&text, record->payload);
    }
    text_add_field_int(&text, "size", (int64_t)record->payload.size);
    if (payload) {
        text_add_field(&text, "payload", record->payload);
    }
    text_add(&text, "}\n");
    fwrite(text.at, 1, text.size, stdout);
}

static bool is_asked_for(const struct options *options, const struct record *record)
{
    return record->wall.ms >= options->since.ms && record->wall.ms < options->until.ms &&
           (options->kind == NULL || strcmp(options->kind, kind_name(record->kind)) == 0) &&
           (options->mn == NULL || slice_is(topic_parse(record->topic).name, options->mn));
}

static int list(const struct options *options)
{
    struct journal_reader *reader;
    struct record record;
    enum status status =
        journal_reader_open(options->directory, options->stream, options->from, &reader);
    if (status != STATUS_OK) {
        return command_fail(
            "journal", "%s: no journal there (%s)", options->directory, status_name(status));
    }
    while ((status = journal_reader_next(reader, &record)) == STATUS_OK &&
           record.sequence <= options->to) {
        if (is_asked_for(options, &record)) {
            print_record(&record, options->payload);
        }
    }
    journal_reader_close(reader);
    if (status == STATUS_CORRUPT) {
        return command_fail(
            "journal", "%s: a record does not check; see hjhub-verify", options->directory);
    }
    return EXIT_FINE;
}

static bool take_option(struct options *options, int option, const char *value)
{
    switch (option) {
    case 'd':
        options->directory = value;
        return true;
    case 's':
        options->stream = strcmp(value, "said") == 0 ? STREAM_SAID : STREAM_CAME;
        return strcmp(value, "said") == 0 || strcmp(value, "came") == 0;
    case 'k':
        options->kind = value;
        return true;
    case 'f':
        return slice_to_uint(slice_of(value), UINT64_MAX, &options->from);
    case 't':
        return slice_to_uint(slice_of(value), UINT64_MAX, &options->to);
    case 'S':
        return event_time_from_rfc3339(slice_of(value), &options->since);
    case 'U':
        return event_time_from_rfc3339(slice_of(value), &options->until);
    case 'm':
        options->mn = value;
        return true;
    case 'p':
        options->payload = true;
        return true;
    case 'j':
        options->json = true;
        return true;
    default:
        return false;
    }
}

int command_journal(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"journal", required_argument, NULL, 'd'},
        {"stream", required_argument, NULL, 's'}, {"kind", required_argument, NULL, 'k'},
        {"from", required_argument, NULL, 'f'}, {"to", required_argument, NULL, 't'},
        {"since", required_argument, NULL, 'S'}, {"until", required_argument, NULL, 'U'},
        {"mn", required_argument, NULL, 'm'}, {"payload", no_argument, NULL, 'p'},
        {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    struct options options = {
        .from = 1, .to = UINT64_MAX, .since = {INT64_MIN}, .until = {INT64_MAX}};
    int option;
    bool fine = true;
    while (fine && (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        fine = take_option(&options, option, optarg);
    }
    const char *verb = optind < argc ? argv[optind] : "";
    const char *other = optind + 2 == argc ? argv[optind + 1] : NULL;
    if (fine && options.directory != NULL && optind + 1 == argc && strcmp(verb, "list") == 0) {
        return list(&options);
    }
    if (fine && options.directory != NULL && other != NULL && strcmp(verb, "backup") == 0) {
        return journal_backup(options.directory, other, options.json);
    }
    if (fine && options.directory != NULL && other != NULL && strcmp(verb, "restore") == 0) {
        return journal_restore(options.directory, other, options.json);
    }
    return command_misused("journal");
}
