#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cli/csv_cell.h"
#include "cli/evidence.h"
#include "journal/find.h"
#include "schemas/data_flags.h"
#include "schemas/topic.h"
#include "validators/decode.h"

/* While the stream is read. */
struct gathering {
    struct evidence *evidence;
    bool *concerned; /* of each device: one that the rule reads, or is about */
    FILE *frames, *readings;
    struct decoder *decoder;
    bool failed;
};

static void put_time(FILE *file, struct event_time time)
{
    char text[RFC3339_SIZE + 1];
    event_time_write(time, text);
    fputs(text, file);
}

static void put_cell(FILE *file, struct slice cell)
{
    fputc(',', file);
    csv_cell(file, cell);
}

/* By how much the device's clock is behind the hub's: of when it says that it sent, else of what it tells. */
static bool clock_offset(
    const struct message *message, struct event_time arrival, int64_t *offset_ms)
{
    struct event_time sent = message->data_time;
    bool told = event_time_from_cst(message->qn, &sent) || message->has_data_time;
    *offset_ms = arrival.ms - sent.ms;
    return told;
}

static void put_frame(
    struct gathering *gathering, const struct record *record, const struct message *message)
{
    FILE *file = gathering->frames;
    int64_t offset_ms;
    char number[32];
    fprintf(file, "%" PRIu64 ",%zu,", record->sequence, message->offset);
    put_time(file, record->wall);
    fprintf(file, ",%s", record->clock_synchronised ? "yes" : "no");
    put_cell(file, message->mn);
    put_cell(file, message->cn);
    put_cell(file, message->qn);
    put_cell(file, message->datatime);
    snprintf(number, sizeof number, "%.3f",
        clock_offset(message, record->wall, &offset_ms) ? (double)offset_ms / 1000 : 0.0);
    put_cell(
        file, clock_offset(message, record->wall, &offset_ms) ? slice_of(number) : slice_of(""));
    put_cell(file, slice_of(verdict_name(message->verdict.kind)));
    fputc('\n', file);
}

static void put_reading(struct gathering *gathering, const struct record *record,
    const struct message *message, const struct reading *reading)
{
    FILE *file = gathering->readings;
    fprintf(file, "%" PRIu64 ",", record->sequence);
    put_time(file, reading->time);
    put_cell(file, message->mn);
    put_cell(file, message->cn);
    put_cell(file, reading->factor);
    put_cell(file, reading->field);
    put_cell(file, reading->text);
    put_cell(file, reading->flag);
    put_cell(file, slice_of(reading->has_value && flag_usable(reading->flag) ? "yes" : "no"));
    fputc('\n', file);
}

static void add_point(struct curve *curve, struct curve_point point)
{
    if (curve->count == curve->capacity) {
        curve->capacity = curve->capacity * 2 + 256;
        curve->points = realloc(curve->points, curve->capacity * sizeof *curve->points);
        assert(curve->points != NULL);
    }
    curve->points[curve->count++] = point;
}

static void take_point(
    struct evidence *evidence, const struct message *message, const struct reading *reading)
{
    int cn = message->format == FORMAT_SENML ? 2011 : message->cn_code;
    uint32_t signal =
        registry_signal(&evidence->registry, message->device, cn, reading->factor, reading->field);
    for (size_t i = 0; signal != NONE && i < evidence->curve_count; i++) {
        if (evidence->curves[i].signal == signal) {
            add_point(&evidence->curves[i], (struct curve_point){reading->time.ms, reading->value,
                                                reading->has_value && flag_usable(reading->flag)});
        }
    }
}

static void take_message(
    struct gathering *gathering, const struct record *record, const struct message *message)
{
    put_frame(gathering, record, message);
    for (size_t i = 0; i < message->reading_count; i++) {
        put_reading(gathering, record, message, &message->readings[i]);
        if (message->device != NONE && message->verdict.kind == VERDICT_ACCEPTED) {
            take_point(gathering->evidence, message, &message->readings[i]);
        }
    }
}

static void decode(
    struct gathering *gathering, const struct record *record, const struct topic *topic)
{
    struct decode_context context = {
        .format = topic->kind == TOPIC_UP_SENML ? FORMAT_SENML : FORMAT_HJ212,
        .registry = &gathering->evidence->registry,
        .keys = gathering->evidence->keys,
        .has_topic = true,
        .topic_mn = topic->name,
        .direction = DIRECTION_UP,
        .has_arrival = true,
        .arrival = record->wall,
    };
    decoder_begin(gathering->decoder, &context, record->payload);
    while (decoder_next(gathering->decoder)) {
        take_message(gathering, record, &gathering->decoder->message);
    }
}

static void take_record(struct gathering *gathering, const struct record *record)
{
    struct evidence *evidence = gathering->evidence;
    struct topic topic = topic_parse(record->topic);
    bool carries = topic.kind == TOPIC_UP_HJ212 || topic.kind == TOPIC_UP_SENML;
    uint32_t device = carries ? registry_device(&evidence->registry, topic.name) : NONE;
    char name[64];
    if (record->kind != RECORD_MESSAGE || device == NONE || !gathering->concerned[device]) {
        return;
    }
    snprintf(name, sizeof name, "frames/%010" PRIu64 ".bin", record->sequence);
    gathering->failed = !evidence_put(evidence, name, record->payload);
    if (!gathering->failed) {
        decode(gathering, record, &topic);
    }
    if (evidence->frames++ == 0) {
        evidence->stretch.came_first = record->sequence;
    }
    evidence->stretch.came_last = record->sequence;
}

static void find_concerned(struct gathering *gathering)
{
    const struct evidence *evidence = gathering->evidence;
    uint32_t own = program_instance(evidence->program, evidence->instance)->device;
    for (size_t i = 0; i < evidence->curve_count; i++) {
        gathering->concerned[evidence->registry.signals[evidence->curves[i].signal].device] = true;
    }
    if (own != NONE) {
        gathering->concerned[own] = true;
    }
}

/* From so long before the alarm was raised to so long behind its last change. */
static int read_stream(struct gathering *gathering)
{
    struct evidence *evidence = gathering->evidence;
    struct journal_reader *reader;
    struct record record;
    struct event_time since = {evidence->raised.ms - evidence->before_ms};
    struct event_time until = {evidence->ended.ms + evidence->after_ms};
    enum status status =
        find_reader(evidence->journal, STREAM_CAME, evidence->cause_first, since, &reader);
    if (status != STATUS_OK) {
        return command_fail("evidence", "%s: %s", evidence->journal, status_name(status));
    }
    while (!gathering->failed && (status = journal_reader_next(reader, &record)) == STATUS_OK &&
           (record.wall.ms <= until.ms || record.sequence <= evidence->cause_first)) {
        if (record.wall.ms >= since.ms) {
            take_record(gathering, &record);
        }
    }
    journal_reader_close(reader);
    if (status == STATUS_CORRUPT) {
        return command_fail(
            "evidence", "%s: a record does not check; see hjhub-verify", evidence->journal);
    }
    return gathering->failed ? EXIT_COULD_NOT : EXIT_FINE;
}

int evidence_write_frames(struct evidence *evidence)
{
    struct gathering gathering = {.evidence = evidence,
        .concerned = calloc(evidence->registry.device_count + 1, sizeof *gathering.concerned),
        .decoder = calloc(1, sizeof *gathering.decoder)};
    assert(gathering.concerned != NULL && gathering.decoder != NULL);
    int result = EXIT_COULD_NOT;
    evidence->stretch.came_first = evidence->cause_first;
    evidence->stretch.came_last = evidence->cause_first;
    find_concerned(&gathering);
    gathering.frames = evidence_open(evidence, "frames.csv");
    gathering.readings = evidence_open(evidence, "readings.csv");
    if (gathering.frames != NULL && gathering.readings != NULL &&
        evidence_make_folder(evidence, "frames")) {
        fputs("record,offset,arrival,clock_synchronised,mn,cn,qn,datatime,clock_offset_s,verdict\n",
            gathering.frames);
        fputs("record,time,mn,cn,factor,field,value,flag,usable\n", gathering.readings);
        result = read_stream(&gathering);
    }
    bool fine = gathering.frames == NULL || evidence_close(gathering.frames);
    fine = (gathering.readings == NULL || evidence_close(gathering.readings)) && fine;
    free(gathering.concerned);
    free(gathering.decoder);
    return fine ? result : EXIT_COULD_NOT;
}
