#include <stdlib.h>
#include <string.h>

#include "cli/csv_cell.h"
#include "cli/evidence.h"
#include "cli/findings.h"
#include "journal/find.h"
#include "validators/registry_csv.h"

/* The bundle that the last record of this kind brought before the alarm was raised. */
static int find_bundle(
    struct evidence *evidence, enum record_kind kind, uint64_t *at, struct slice *bundle)
{
    struct journal_reader *reader;
    struct record record;
    enum status status = find_last(evidence->journal, STREAM_CAME, kind, evidence->cause_first, at);
    if (status == STATUS_OK) {
        status = find_record(evidence->journal, STREAM_CAME, *at, &reader, &record);
    }
    if (status != STATUS_OK) {
        return command_fail("evidence",
            "%s: the %s in force when the alarm was raised is not in the journal (%s): past its "
            "retention?",
            evidence->journal, kind == RECORD_RULES ? "rule set" : "registry", status_name(status));
    }
    *bundle = arena_copy(&evidence->arena, record.payload);
    journal_reader_close(reader);
    return EXIT_FINE;
}

static bool find_instance(struct evidence *evidence)
{
    const char *rule = evidence_word(evidence, "rule"),
               *subject = evidence_word(evidence, "subject");
    uint32_t count = program_instance_count(evidence->program);
    for (uint32_t i = 0; i < count; i++) {
        const struct instance *instance = program_instance(evidence->program, i);
        if (slice_is(instance->rule, rule) && slice_is(instance->subject, subject)) {
            evidence->instance = i;
            return true;
        }
    }
    return false;
}

int evidence_find_rules(struct evidence *evidence)
{
    struct report *report = calloc(1, sizeof *report);
    int result =
        find_bundle(evidence, RECORD_REGISTRY, &evidence->registry_at, &evidence->registry_bundle);
    if (result == EXIT_FINE) {
        result = find_bundle(evidence, RECORD_RULES, &evidence->rules_at, &evidence->rules_bundle);
    }
    if (report != NULL) {
        report->accepted_before = true;
    }
    if (result == EXIT_FINE && report != NULL &&
        (registry_parse(evidence->registry_bundle, &evidence->registry, report) != STATUS_OK ||
            program_compile(evidence->rules_bundle, &evidence->registry, &evidence->program,
                report) != STATUS_OK)) {
        findings_print(report, stderr);
        result = command_fail("evidence",
            "the registry or rules of that time are not read by this version: take the version "
            "that stands in the journal's start record");
    }
    if (result == EXIT_FINE && !find_instance(evidence)) {
        result = command_fail("evidence", "no rule %s watches %s in the registry of that time",
            evidence_word(evidence, "rule"), evidence_word(evidence, "subject"));
    }
    if (result == EXIT_FINE) {
        evidence_find_curves(evidence);
    }
    if (report != NULL) {
        report_free(report);
    }
    free(report);
    return result;
}

/* --- files --- */

/* The files of a bundle in turn; false at its end. */
static bool next_file(struct slice *bundle, struct slice *name, struct slice *bytes)
{
    struct slice head = slice_cut(bundle, '\n');
    uint64_t size;
    slice_cut(&head, ' ');
    *name = slice_cut(&head, ' ');
    if (name->size == 0 || !slice_to_uint(head, bundle->size, &size)) {
        return false;
    }
    *bytes = slice_head(*bundle, (size_t)size);
    *bundle = slice_tail(*bundle, (size_t)size + 1);
    return true;
}

static bool put_named(
    struct evidence *evidence, const char *folder, struct slice name, struct slice bytes)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%.*s", folder, (int)name.size, (const char *)name.ptr);
    return evidence_put(evidence, path, bytes);
}

/* The item as it is written, up to the next one; empty: written in another form. */
static struct slice rule_item(struct slice file, const char *rule)
{
    char head[200];
    size_t at = 0;
    struct slice item = {0};
    snprintf(head, sizeof head, "- rule: %s", rule);
    size_t head_size = strlen(head);
    while (at < file.size) {
        struct slice rest = slice_tail(file, at);
        struct slice line = slice_cut(&rest, '\n');
        bool begins = line.size > 1 && line.ptr[0] == '-';
        if (item.size > 0 && begins) {
            break;
        }
        bool found = line.size == head_size && memcmp(line.ptr, head, head_size) == 0;
        if (found || item.size > 0) {
            item.ptr = found ? line.ptr : item.ptr;
            item.size += line.size + 1;
        }
        at = file.size - rest.size;
    }
    return item;
}

static bool write_rules(struct evidence *evidence)
{
    struct slice bundle = evidence->rules_bundle, name, bytes, item = {0};
    bool fine = evidence_make_folder(evidence, "rules");
    while (fine && next_file(&bundle, &name, &bytes)) {
        struct slice here = rule_item(bytes, evidence_word(evidence, "rule"));
        item = here.size > 0 ? here : item;
        fine = put_named(evidence, "rules", name, bytes);
    }
    return fine && evidence_put(evidence, "rule.yaml", item);
}

/* --- registry rows --- */

enum { WORDS_MAX = 4096 };

/* Words by which the tables speak of the alarm's enterprise: its id, its outlets, devices ... */
struct words {
    struct slice list[WORDS_MAX];
    size_t count;
};

static void add_word(struct words *words, struct slice word)
{
    if (word.size > 0 && words->count < WORDS_MAX) {
        words->list[words->count++] = word;
    }
}

static void gather_words(const struct evidence *evidence, struct words *words)
{
    const struct registry *registry = &evidence->registry;
    uint32_t of = program_instance(evidence->program, evidence->instance)->enterprise;
    if (of != NONE) {
        add_word(words, registry->enterprises[of].id);
    }
    for (uint32_t i = 0; i < registry->outlet_count; i++) {
        if (registry->outlets[i].enterprise == of) {
            add_word(words, registry->outlets[i].id);
            add_word(words, registry->outlets[i].source_class);
        }
    }
    for (uint32_t i = 0; i < registry->device_count; i++) {
        if (registry->devices[i].enterprise == of) {
            add_word(words, registry->devices[i].mn);
            add_word(words, registry->devices[i].profile);
        }
    }
    for (uint32_t i = 0; i < registry->equipment_count; i++) {
        if (registry->equipment[i].enterprise == of) {
            add_word(words, registry->equipment[i].id);
        }
    }
}

static bool is_word(const struct words *words, struct slice cell)
{
    for (size_t i = 0; i < words->count; i++) {
        if (slice_equal(words->list[i], cell)) {
            return true;
        }
    }
    return false;
}

/* The next cell of a canonical line, without its quotes; doubled quotes inside stay doubled. */
static struct slice next_cell(struct slice *line)
{
    if (line->size == 0 || line->ptr[0] != '"') {
        return slice_cut(line, ',');
    }
    size_t at = 1;
    while (at < line->size &&
           (line->ptr[at] != '"' || (at + 1 < line->size && line->ptr[at + 1] == '"'))) {
        at += line->ptr[at] == '"' ? 2 : 1;
    }
    struct slice cell = slice_head(slice_tail(*line, 1), at - 1);
    *line = slice_tail(*line, at + 2);
    return cell;
}

/* A line in quotes may hold line ends. */
static struct slice next_line(struct slice *rest)
{
    size_t at = 0;
    bool quoted = false;
    while (at < rest->size && (quoted || rest->ptr[at] != '\n')) {
        quoted = quoted != (rest->ptr[at] == '"');
        at += 1;
    }
    struct slice line = slice_head(*rest, at);
    *rest = slice_tail(*rest, at + 1);
    return line;
}

static size_t column_of(struct slice head, const char *name)
{
    for (size_t at = 0; head.size > 0; at++) {
        if (slice_is(next_cell(&head), name)) {
            return at;
        }
    }
    return SIZE_MAX;
}

/* A row without an enterprise, where the table has such a column, is everybody's. */
static bool speaks_of(const struct words *words, struct slice line, size_t enterprise)
{
    bool any = false;
    for (size_t at = 0; line.size > 0; at++) {
        struct slice cell = next_cell(&line);
        any = any || is_word(words, cell) || (at == enterprise && cell.size == 0);
    }
    return any;
}

/* Passwords stay where they are. */
static void write_row(FILE *file, struct slice line, size_t secret)
{
    for (size_t at = 0; line.size > 0; at++) {
        struct slice cell = next_cell(&line);
        fputs(at > 0 ? "," : "", file);
        csv_cell(file, at == secret && cell.size > 0 ? slice_of("***") : cell);
    }
    fputc('\n', file);
}

static bool write_table(
    struct evidence *evidence, const struct words *words, struct slice name, struct slice bytes)
{
    char path[200];
    snprintf(path, sizeof path, "registry/%.*s", (int)name.size, (const char *)name.ptr);
    FILE *file = evidence_open(evidence, path);
    if (file == NULL) {
        return false;
    }
    struct slice head = next_line(&bytes);
    size_t secret = column_of(head, "pw"), enterprise = column_of(head, "enterprise");
    bool whole = slice_is(name, "area.csv");
    write_row(file, head, SIZE_MAX);
    while (bytes.size > 0) {
        struct slice line = next_line(&bytes);
        if (whole || speaks_of(words, line, enterprise)) {
            write_row(file, line, secret);
        }
    }
    return evidence_close(file);
}

static bool write_registry(struct evidence *evidence)
{
    struct slice bundle = evidence->registry_bundle, name, bytes;
    struct words *words = calloc(1, sizeof *words);
    bool fine = words != NULL && evidence_make_folder(evidence, "registry");
    if (fine) {
        gather_words(evidence, words);
    }
    while (fine && next_file(&bundle, &name, &bytes)) {
        fine = write_table(evidence, words, name, bytes);
    }
    free(words);
    return fine;
}

int evidence_write_rules(struct evidence *evidence)
{
    return write_rules(evidence) && write_registry(evidence) ? EXIT_FINE : EXIT_COULD_NOT;
}
