#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cli/findings.h"
#include "cli/report.h"
#include "journal/find.h"
#include "schemas/topic.h"
#include "validators/decode.h"
#include "validators/registry_csv.h"

void tally_add(struct tally *sum, const struct tally *one)
{
    sum->expected += one->expected;
    sum->received += one->received;
    sum->stopped += one->stopped;
    sum->excused += one->excused;
    sum->expected_ms += one->expected_ms;
    sum->received_ms += one->received_ms;
    sum->in_time_ms += one->in_time_ms;
    sum->stopped_ms += one->stopped_ms;
    sum->valid_ms += one->valid_ms;
    sum->readings_ms += one->readings_ms;
    sum->valid_readings_ms += one->valid_readings_ms;
    sum->standing += one->standing;
    sum->devices += one->devices;
    sum->silent += one->silent;
    for (size_t i = 0; i < REPORT_FLAGS; i++) {
        sum->marked_ms[i] += one->marked_ms[i];
    }
    for (size_t i = 0; i <= SEVERITY_S4; i++) {
        sum->alarms[i] += one->alarms[i];
    }
}

/* --- which registry, which rules --- */

/* The last record that came before the period's end. */
static enum status last_before(const struct report_job *job, uint64_t *sequence)
{
    struct journal_reader *reader;
    struct record record;
    enum status status = find_reader(job->journal, STREAM_CAME, UINT64_MAX, job->to, &reader);
    if (status != STATUS_OK) {
        return status;
    }
    *sequence = 0;
    while ((status = journal_reader_next(reader, &record)) == STATUS_OK &&
           record.wall.ms < job->to.ms) {
        *sequence = record.sequence;
    }
    journal_reader_close(reader);
    return status == STATUS_ABSENT ? STATUS_OK : status;
}

/* A period before the journal began may have been told later: under the first that there was. */
static enum status first_of(const struct report_job *job, enum record_kind kind, uint64_t *sequence)
{
    struct journal_reader *reader;
    struct record record = {.kind = RECORD_START};
    enum status status = journal_reader_open(job->journal, STREAM_CAME, 1, &reader);
    if (status != STATUS_OK) {
        return status;
    }
    while (record.kind != kind && status == STATUS_OK) {
        status = journal_reader_next(reader, &record);
    }
    *sequence = record.sequence;
    journal_reader_close(reader);
    return status;
}

/* The bundle in force at the record `last`. */
static enum status bundle_at(
    struct report_job *job, enum record_kind kind, uint64_t last, struct slice *bundle)
{
    struct journal_reader *reader;
    struct record record;
    uint64_t sequence;
    enum status status = find_last(job->journal, STREAM_CAME, kind, last, &sequence);
    status = status == STATUS_ABSENT ? first_of(job, kind, &sequence) : status;
    if (status == STATUS_OK) {
        status = find_record(job->journal, STREAM_CAME, sequence, &reader, &record);
    }
    if (status == STATUS_OK) {
        *bundle = arena_copy(&job->arena, record.payload);
        journal_reader_close(reader);
    }
    return status;
}

static int read_bundles(struct report_job *job)
{
    struct report *findings = calloc(1, sizeof *findings);
    struct slice registry, rules;
    uint64_t last;
    enum status status = findings == NULL ? STATUS_LIMIT : last_before(job, &last);
    if (status == STATUS_OK) {
        status = bundle_at(job, RECORD_REGISTRY, last, &registry);
    }
    if (status != STATUS_OK) {
        free(findings);
        return command_fail(
            "report", "%s: no registry stands in it (%s)", job->journal, status_name(status));
    }
    status = registry_parse(registry, &job->registry, findings);
    if (status == STATUS_OK && bundle_at(job, RECORD_RULES, last, &rules) == STATUS_OK) {
        status = program_compile(rules, &job->registry, &job->program, findings);
    }
    findings_print(findings, stderr);
    report_free(findings);
    free(findings);
    return status == STATUS_OK
               ? EXIT_FINE
               : command_fail("report",
                     "the registry or the rules of that time are not read by this version");
}

/* --- what came --- */

static void take_record(
    struct report_job *job, struct decoder *decoder, const struct record *record)
{
    struct topic topic = topic_parse(record->topic);
    if (record->kind != RECORD_MESSAGE ||
        (topic.kind != TOPIC_UP_HJ212 && topic.kind != TOPIC_UP_SENML)) {
        return;
    }
    struct decode_context context = {
        .format = topic.kind == TOPIC_UP_SENML ? FORMAT_SENML : FORMAT_HJ212,
        .registry = &job->registry,
        .keys = job->keys,
        .has_topic = true,
        .topic_mn = topic.name,
        .direction = DIRECTION_UP,
        .has_arrival = true,
        .arrival = record->wall,
    };
    decoder_begin(decoder, &context, record->payload);
    while (decoder_next(decoder)) {
        report_take_message(job, &decoder->message, record->wall);
    }
}

static int read_came(struct report_job *job)
{
    struct journal_reader *reader;
    struct record record;
    struct event_time until = {job->to.ms + REPORT_LATE_DAYS * (int64_t)DAY_MS};
    struct decoder *decoder = calloc(1, sizeof *decoder);
    assert(decoder != NULL);
    enum status status = find_reader(job->journal, STREAM_CAME, UINT64_MAX, job->from, &reader);
    if (status == STATUS_OK) {
        while ((status = journal_reader_next(reader, &record)) == STATUS_OK &&
               record.wall.ms < until.ms) {
            take_record(job, decoder, &record);
        }
        journal_reader_close(reader);
    }
    free(decoder);
    return status == STATUS_OK || status == STATUS_ABSENT
               ? EXIT_FINE
               : command_fail(
                     "report", "%s: %s; see hjhub-verify", job->journal, status_name(status));
}

static void sum_enterprises(struct report_job *job)
{
    for (uint32_t i = 0; i < job->registry.device_count; i++) {
        struct tally device = job->devices[i];
        device.silent = job->devices[i].silent = device.expected > 0 && device.received == 0;
        memset(device.alarms, 0, sizeof device.alarms); /* counted by enterprise already */
        device.standing = 0;
        tally_add(&job->enterprises[job->registry.devices[i].enterprise], &device);
    }
}

int report_gather(struct report_job *job)
{
    int result = read_bundles(job);
    if (result != EXIT_FINE) {
        return result;
    }
    report_expect(job);
    report_expect_told(job);
    result = read_came(job);
    report_read_said(job);
    report_count_records(job);
    sum_enterprises(job);
    return result;
}

void report_free_job(struct report_job *job)
{
    for (uint32_t i = 0; job->records != NULL && i < job->registry.device_count; i++) {
        free(job->records[i]);
    }
    free(job->records);
    free(job->last);
    free(job->devices);
    free(job->enterprises);
    free(job->tells_hours);
    free(job->told);
    json_decref(job->told_places);
    json_decref(job->rules);
    json_decref(job->raised);
    json_decref(job->before);
    json_decref(job->standing);
    json_decref(job->strangers);
    program_free(job->program);
    registry_free(&job->registry);
    keyring_free(job->keys);
    arena_free(&job->arena);
}
