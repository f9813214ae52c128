#include <assert.h>
#include <limits.h>
#include <stdlib.h>

#include "cli/report.h"
#include "schemas/data_flags.h"

enum { HOUR_CN = 2061, REALTIME_CN = 2011 };

static int64_t record_ms(const struct report_job *job, uint32_t device)
{
    return job->tells_hours[device] ? HOUR_MS
                                    : job->registry.devices[device].interval_s * (int64_t)SECOND_MS;
}

/* From when on it is expected. */
static int64_t served_from(const struct report_job *job, uint32_t device)
{
    const struct device *row = &job->registry.devices[device];
    bool later = row->has_in_service_since && row->in_service_since.ms > job->from.ms;
    return later ? row->in_service_since.ms : job->from.ms;
}

/* Of a whole plane; and where a record stands in it. */
static int64_t plane_size(const struct report_job *job, uint32_t device)
{
    return (job->to.ms - job->from.ms) / record_ms(job, device) + 1;
}

/* Whether it had this mark before; it has it now. */
static bool mark(
    const struct report_job *job, uint32_t device, enum record_mark which, int64_t record)
{
    const int64_t place = plane_size(job, device) * which + record;
    uint8_t *byte = &job->records[device][place / CHAR_BIT];
    const uint8_t bit = (uint8_t)(1u << place % CHAR_BIT);
    const bool had = (*byte & bit) != 0;
    *byte |= bit;
    return had;
}

static bool marked(
    const struct report_job *job, uint32_t device, enum record_mark which, int64_t record)
{
    const int64_t place = plane_size(job, device) * which + record;
    return (job->records[device][place / CHAR_BIT] >> place % CHAR_BIT & 1) != 0;
}

void report_expect(struct report_job *job)
{
    uint32_t count = job->registry.device_count;
    job->devices = calloc(count + 1, sizeof *job->devices);
    job->enterprises = calloc(job->registry.enterprise_count + 1, sizeof *job->enterprises);
    job->records = calloc(count + 1, sizeof *job->records);
    job->last = calloc(count + 1, sizeof *job->last);
    job->tells_hours = calloc(count + 1, sizeof *job->tells_hours);
    assert(job->devices != NULL && job->enterprises != NULL && job->records != NULL &&
           job->last != NULL && job->tells_hours != NULL);
    for (uint32_t i = 0; i < job->registry.signal_count; i++) {
        const struct signal *signal = &job->registry.signals[i];
        job->tells_hours[signal->device] |= signal->cn == HOUR_CN;
    }
    for (uint32_t i = 0; i < count; i++) {
        const int64_t since_ms = served_from(job, i);
        const int64_t served_ms = job->until.ms > since_ms ? job->until.ms - since_ms : 0;
        job->devices[i].expected = (uint64_t)(served_ms / record_ms(job, i));
        job->devices[i].expected_ms = job->devices[i].expected * (uint64_t)record_ms(job, i);
        job->devices[i].devices = served_ms > 0;
        job->records[i] = calloc((size_t)plane_size(job, i) * RECORD_MARKS / CHAR_BIT + 1, 1);
        assert(job->records[i] != NULL);
    }
}

static bool is_counted(const struct report_job *job, const struct message *message)
{
    int cn = message->format == FORMAT_SENML ? REALTIME_CN : message->cn_code;
    return message->verdict.kind == VERDICT_ACCEPTED && message->device != NONE &&
           message->has_data_time &&
           cn == (job->tells_hours[message->device] ? HOUR_CN : REALTIME_CN) &&
           message->data_time.ms >= job->from.ms && message->data_time.ms < job->to.ms;
}

static void take_readings(struct report_job *job, const struct message *message, int64_t record)
{
    const uint32_t device = message->device;
    const uint64_t length_ms = (uint64_t)record_ms(job, device);
    struct tally *tally = &job->devices[device];
    bool usable = true, running = message->reading_count == 0;
    for (size_t i = 0; i < message->reading_count; i++) {
        const struct reading *reading = &message->readings[i];
        bool valid = (reading->has_value || reading->is_text) && flag_usable(reading->flag);
        char letter = reading->flag.size == 1 ? (char)reading->flag.ptr[0] : 'N';
        bool *flagged = &job->last[device].flags[(unsigned char)letter % REPORT_FLAGS];
        tally->readings_ms += length_ms;
        tally->valid_readings_ms += valid ? length_ms : 0;
        tally->marked_ms[(unsigned char)letter % REPORT_FLAGS] += *flagged ? 0 : length_ms;
        *flagged = true;
        usable = usable && valid;
        running = running || letter != 'F';
    }
    if (!usable) {
        mark(job, device, RECORD_UNUSABLE, record);
    }
    if (running) {
        mark(job, device, RECORD_RUNNING, record);
    }
}

/* Each record once, whatever was sent again; all parts of it. In time: within the next record's time. */
void report_take_message(
    struct report_job *job, const struct message *message, struct event_time arrival)
{
    if (!is_counted(job, message)) {
        return;
    }
    const uint32_t device = message->device;
    const int64_t length_ms = record_ms(job, device);
    const int64_t record = (message->data_time.ms - job->from.ms) / length_ms;
    if (!mark(job, device, RECORD_CAME, record)) {
        const int64_t told_ms = message->data_time.ms + (job->tells_hours[device] ? length_ms : 0);
        job->last[device] = (struct last_record){.record = record};
        if (arrival.ms < told_ms + length_ms) {
            mark(job, device, RECORD_IN_TIME, record);
        }
    } else if (message->pnum_code <= 1 || job->last[device].record != record) {
        return;
    }
    take_readings(job, message, record);
}

void report_excuse(struct report_job *job, uint32_t device, int64_t from_ms, int64_t to_ms)
{
    const int64_t length_ms = record_ms(job, device), since_ms = served_from(job, device);
    const int64_t first_ms = (from_ms > since_ms ? from_ms : since_ms) - job->from.ms;
    const int64_t end_ms = (to_ms < job->until.ms ? to_ms : job->until.ms) - job->from.ms;
    for (int64_t i = (first_ms + length_ms - 1) / length_ms; (i + 1) * length_ms <= end_ms; i++) {
        mark(job, device, RECORD_EXCUSED, i);
    }
}

/* What is marked as stopped is not expected anyway, filed or not. */
static void count_record(struct report_job *job, uint32_t device, int64_t record)
{
    struct tally *tally = &job->devices[device];
    const uint64_t length_ms = (uint64_t)record_ms(job, device);
    const bool came = marked(job, device, RECORD_CAME, record);
    const bool stopped = came && !marked(job, device, RECORD_RUNNING, record);
    if (marked(job, device, RECORD_EXCUSED, record) && !stopped && tally->expected > 0) {
        tally->excused += 1;
        tally->expected -= 1;
        tally->expected_ms -= length_ms;
    } else if (came) {
        tally->received += 1;
        tally->received_ms += length_ms;
        tally->stopped += stopped;
        tally->stopped_ms += stopped ? length_ms : 0;
        tally->in_time_ms += marked(job, device, RECORD_IN_TIME, record) ? length_ms : 0;
        tally->valid_ms += marked(job, device, RECORD_UNUSABLE, record) ? 0 : length_ms;
    }
}

void report_count_records(struct report_job *job)
{
    for (uint32_t device = 0; device < job->registry.device_count; device++) {
        for (int64_t record = 0; record < plane_size(job, device); record++) {
            count_record(job, device, record);
        }
    }
}
