#include "cli/evidence.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/source.h"
#include "journal/find.h"
#include "validators/keyring.h"

/* Each transition as it was said. */
static int write_said(struct evidence *evidence)
{
    size_t index;
    json_t *transition;
    bool fine = evidence_make_folder(evidence, "said");
    json_array_foreach(evidence->transitions, index, transition)
    {
        struct journal_reader *reader;
        struct record record;
        uint64_t said = (uint64_t)json_integer_value(json_object_get(transition, "said"));
        char name[64];
        snprintf(name, sizeof name, "said/%010" PRIu64 ".json", said);
        fine = fine &&
               find_record(evidence->journal, STREAM_SAID, said, &reader, &record) == STATUS_OK;
        if (!fine) {
            return command_fail("evidence",
                "%s: record %" PRIu64 " of what was said cannot be read", evidence->journal, said);
        }
        fine = evidence_put(evidence, name, record.payload);
        journal_reader_close(reader);
    }
    return fine ? EXIT_FINE : EXIT_COULD_NOT;
}

static int write_stretch(struct evidence *evidence, const char *name, const struct stretch *stretch)
{
    static const char *const PARTS[] = {"came-00000001.hjj.zst", "said-00000001.hjj.zst"};
    char path[EVIDENCE_PATH_SIZE];
    struct chain chain;
    evidence_path(evidence, name, path);
    enum status status = extract_write(evidence->journal, stretch, path, &chain);
    if (status == STATUS_ABSENT) {
        return command_fail(
            "evidence", "no commit covers all of it yet, or it is past its retention: try again");
    }
    if (status == STATUS_LIMIT) {
        return command_fail("evidence",
            "more than 2 GiB came in that time: ask for less with --before and --after");
    }
    if (status != STATUS_OK) {
        return command_fail("evidence", "%s: %s (%s)", path, status_name(status), strerror(errno));
    }
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", name, PARTS[i]);
        if (!evidence_note(evidence, path)) {
            return EXIT_COULD_NOT;
        }
    }
    return EXIT_FINE;
}

/* Of one record that came long before: the batch that holds it. */
static int write_batch(struct evidence *evidence, const char *name, uint64_t came)
{
    uint64_t commit;
    enum status status = find_commit(evidence->journal, STREAM_CAME, came, 1, &commit);
    if (status != STATUS_OK) {
        return command_fail(
            "evidence", "record %" PRIu64 " is in no commit (%s)", came, status_name(status));
    }
    return write_stretch(evidence, name, &(struct stretch){came, came, commit, commit});
}

static int write_proof(struct evidence *evidence)
{
    if (!evidence_make_folder(evidence, "proof")) {
        return EXIT_COULD_NOT;
    }
    int result = write_stretch(evidence, "proof/alarm", &evidence->stretch);
    if (result == EXIT_FINE) {
        result = write_batch(evidence, "proof/registry", evidence->registry_at);
    }
    return result == EXIT_FINE ? write_batch(evidence, "proof/rules", evidence->rules_at) : result;
}

static int gather(struct evidence *evidence)
{
    static int (*const PARTS[])(struct evidence * evidence) = {evidence_write_rules,
        evidence_write_frames, evidence_write_chart, write_said, evidence_write_page};
    int result = evidence_find_alarm(evidence);
    result = result == EXIT_FINE ? evidence_find_rules(evidence) : result;
    if (result == EXIT_FINE && mkdir(evidence->target, 0750) != 0) {
        result = command_fail("evidence", "%s: %s; name a folder that is not there yet",
            evidence->target, strerror(errno));
    }
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0] && result == EXIT_FINE; i++) {
        result = PARTS[i](evidence);
    }
    if (result == EXIT_FINE && evidence->proof) {
        result = write_proof(evidence);
    }
    return result == EXIT_FINE ? evidence_write_manifest(evidence) : result;
}

static void release(struct evidence *evidence)
{
    json_decref(evidence->transitions);
    program_free(evidence->program);
    registry_free(&evidence->registry);
    for (size_t i = 0; i < evidence->curve_count; i++) {
        free(evidence->curves[i].points);
    }
    for (size_t i = 0; i < evidence->file_count; i++) {
        free(evidence->files[i]);
    }
    free(evidence->files);
    keyring_free(evidence->keys);
    arena_free(&evidence->arena);
}

static void print_done(const struct evidence *evidence, bool json)
{
    if (json) {
        printf("{\"alarm\":\"%s\",\"folder\":\"%s\",\"transitions\":%zu,\"frames\":%" PRIu64
               ",\"files\":%zu,\"proof\":%s}\n",
            evidence->alarm, evidence->target, json_array_size(evidence->transitions),
            evidence->frames, evidence->file_count, evidence->proof ? "true" : "false");
        return;
    }
    printf("%s: %zu transitions, %" PRIu64 " frames, %zu files\n"
           "check it anywhere: hjhub-verify %s\n",
        evidence->target, json_array_size(evidence->transitions), evidence->frames,
        evidence->file_count, evidence->target);
}

struct options {
    struct source_names names;
    const char *keys;
};

static bool read_seconds(const char *value, int64_t *ms)
{
    uint64_t seconds;
    bool fine = slice_to_uint(slice_of(value), UINT64_C(366) * 86400, &seconds);
    *ms = fine ? (int64_t)seconds * SECOND_MS : 0;
    return fine;
}

static bool take_option(
    struct options *options, struct evidence *evidence, int option, const char *value)
{
    switch (option) {
    case 'c':
        options->names.config = value;
        return true;
    case 'd':
        options->names.journal = value;
        return true;
    case 'k':
        options->keys = value;
        return true;
    case 'b':
        return read_seconds(value, &evidence->before_ms);
    case 'a':
        return read_seconds(value, &evidence->after_ms);
    case 'n':
        evidence->proof = false;
        return true;
    case 'j':
        options->names.json = true;
        return true;
    default:
        return false;
    }
}

int command_evidence(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"config", required_argument, NULL, 'c'},
        {"journal", required_argument, NULL, 'd'}, {"keys", required_argument, NULL, 'k'},
        {"before", required_argument, NULL, 'b'}, {"after", required_argument, NULL, 'a'},
        {"no-proof", no_argument, NULL, 'n'}, {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    static struct evidence evidence;
    evidence =
        (struct evidence){.before_ms = EVIDENCE_AROUND, .after_ms = EVIDENCE_AROUND, .proof = true};
    struct options options = {0};
    struct source source;
    int option;
    bool fine = true;
    while (fine && (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        fine = take_option(&options, &evidence, option, optarg);
    }
    if (!fine || optind + 3 != argc || strcmp(argv[optind], "export") != 0) {
        return command_misused("evidence");
    }
    evidence.alarm = argv[optind + 1];
    evidence.target = argv[optind + 2];
    if (!source_named(&source, "evidence", options.names) ||
        !source_keys(options.keys, &evidence.keys)) {
        return EXIT_COULD_NOT;
    }
    evidence.journal = source.journal;
    int result = gather(&evidence);
    if (result == EXIT_FINE) {
        print_done(&evidence, source.json);
    }
    release(&evidence);
    source_close(&source);
    return result;
}
