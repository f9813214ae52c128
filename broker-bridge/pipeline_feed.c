#include <math.h>

#include "broker-bridge/pipeline_state.h"
#include "core/decimal.h"
#include "schemas/data_flags.h"

enum data_kind data_kind_of(int cn)
{
    static const struct {
        int cn;
        enum data_kind kind;
    } ROWS[] = {{2011, DATA_REALTIME}, {2051, DATA_MINUTE}, {2061, DATA_HOUR}, {2031, DATA_DAY},
        {2021, DATA_STATE}, {2062, DATA_CHECK}, {3020, DATA_INFORMATION}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (ROWS[i].cn == cn) {
            return ROWS[i].kind;
        }
    }
    return DATA_OTHER;
}

/* A pack of SenML is real-time data; so its readings feed the signals of CN 2011. */
int data_cn(const struct message *message)
{
    return message->format == FORMAT_SENML ? 2011 : message->cn_code;
}

/* Of an item of a frame that stands twice the first counts. A pack may tell several instants. */
static bool taken_already(const struct pipeline *pipeline, size_t count, uint32_t signal)
{
    for (size_t i = 0; i < count; i++) {
        if (pipeline->samples[i].signal == signal) {
            return true;
        }
    }
    return false;
}

/* What a maker sends for a state, as the number that rules ask for; what has no meaning is unknown. */
static void translate(const struct signal *signal, struct sample *sample)
{
    struct decimal sent, number;
    bool known = signal->meaning_count == 0;
    for (uint32_t i = 0; i < signal->meaning_count && !known; i++) {
        const struct value_meaning *meaning = &signal->meanings[i];
        known = slice_equal(meaning->sent, sample->digits) ||
                (decimal_parse(meaning->sent, &sent) && decimal_parse(sample->digits, &number) &&
                    sent.value == number.value);
        sample->value = known ? meaning->number : sample->value;
    }
    sample->value = known ? sample->value : (double)NAN;
    sample->usable = sample->usable && known;
}

static size_t add_sample(
    struct pipeline *pipeline, const struct message *message, struct sample sample, size_t count)
{
    if (message->format == FORMAT_HJ212 && taken_already(pipeline, count, sample.signal)) {
        return count;
    }
    translate(&pipeline->revision->registry.signals[sample.signal], &sample);
    pipeline->samples[count] = sample;
    return count + 1;
}

/* Makers' plain names, FANSTATUS=1, which have neither field nor flag. */
static size_t gather_fields(
    struct pipeline *pipeline, const struct message *message, uint32_t device, size_t count)
{
    for (size_t i = 0; i < message->field_count && count < READINGS_MAX; i++) {
        struct decimal number;
        const struct plain_field *field = &message->fields[i];
        uint32_t signal = registry_signal(&pipeline->revision->registry, device, data_cn(message),
            field->name, (struct slice){0});
        if (signal != NONE && decimal_parse(field->value, &number)) {
            struct sample sample = {.signal = signal,
                .usable = true,
                .value = number.value,
                .digits = field->value,
                .time = message->data_time};
            count = add_sample(pipeline, message, sample, count);
        }
    }
    return count;
}

/* Where letters were expected (device information) the registry knows better: it names a number there,
 * or what the letters mean. */
static struct sample sample_of(const struct reading *reading, uint32_t signal, bool has_meanings)
{
    struct decimal number;
    struct sample sample = {.signal = signal,
        .usable = reading->has_value,
        .value = reading->has_value ? reading->value : (double)NAN,
        .digits = reading->text,
        .time = reading->time,
        .flag = data_flag_of(reading->flag)};
    if (reading->is_text && !has_meanings && decimal_parse(reading->text, &number)) {
        sample.usable = true;
        sample.value = number.value;
    }
    sample.usable =
        (sample.usable || (reading->is_text && has_meanings)) && data_flag_usable(sample.flag);
    return sample;
}

/* The readings that the registry names, as samples. */
size_t gather_samples(struct pipeline *pipeline, const struct message *message, uint32_t device)
{
    const struct registry *registry = &pipeline->revision->registry;
    size_t count = 0;
    for (size_t i = 0; i < message->reading_count; i++) {
        const struct reading *reading = &message->readings[i];
        uint32_t signal =
            registry_signal(registry, device, data_cn(message), reading->factor, reading->field);
        if (signal != NONE) {
            struct sample sample =
                sample_of(reading, signal, registry->signals[signal].meaning_count > 0);
            sample.time = message->has_data_time ? sample.time : pipeline->record->wall;
            count = add_sample(pipeline, message, sample, count);
        }
    }
    return gather_fields(pipeline, message, device, count);
}

static void tell(struct pipeline *pipeline, const struct heard *heard)
{
    struct revision *revision = pipeline->revision;
    struct moment moment = time_moment(pipeline);
    detectors_message(
        revision->program, revision_detectors(revision), &moment, heard, vote_taken, pipeline);
}

/* A factor that no table has, but that the registry names, is known here. */
static struct rule_set broken_of(
    const struct pipeline *pipeline, const struct message *message, uint32_t device)
{
    struct rule_set broken = message->verdict.broken;
    bool unknown = false;
    for (size_t i = 0; rule_set_has(&broken, RULE_FACTOR_UNKNOWN) && i < message->reading_count;
         i++) {
        const struct reading *reading = &message->readings[i];
        unknown = unknown || (rule_set_has(&reading->broken, RULE_FACTOR_UNKNOWN) &&
                                 registry_signal(&pipeline->revision->registry, device,
                                     data_cn(message), reading->factor, reading->field) == NONE);
    }
    if (!unknown) {
        rule_set_drop(&broken, RULE_FACTOR_UNKNOWN);
    }
    return broken;
}

/* What a message tells of itself. While a queue drains, how late it is tells of the hub. */
static struct heard heard_of(
    const struct pipeline *pipeline, const struct message *message, uint32_t device)
{
    bool further = message->pno_code > 1; /* several sub-packets are one message */
    bool listening = pipeline->record->kind == RECORD_MESSAGE &&
                     revision_head(pipeline->revision)->session == SESSION_UP;
    return (struct heard){.device = device,
        .time = message->has_data_time ? message->data_time : pipeline->record->wall,
        .cn = further ? -1 : data_cn(message),
        .verdict = message->verdict.kind,
        .broken = broken_of(pipeline, message, device),
        .resent = slice_is(message->rf, "1"),
        .has_lag = message->has_data_time && listening,
        .lag_ms = pipeline->record->wall.ms - message->data_time.ms};
}

void feed_message(struct pipeline *pipeline, const struct message *message, uint32_t device,
    size_t count, bool newest)
{
    struct heard heard = heard_of(pipeline, message, device);
    heard.samples = pipeline->samples;
    heard.count = count;
    heard.newest = newest;
    tell(pipeline, &heard);
}

/* Its topic says whose it is: what it says of itself may not be readable, or not be believed. */
void feed_other(struct pipeline *pipeline, const struct message *message)
{
    const struct topic *topic = pipeline->to;
    bool own = topic != NULL && topic->kind != TOPIC_NEW_UP_HJ212;
    uint32_t device = own ? registry_device(&pipeline->revision->registry, topic->name) : NONE;
    if (device != NONE && pipeline->record->kind == RECORD_MESSAGE) {
        struct heard heard = heard_of(pipeline, message, device);
        heard.as = HEARD_OTHER;
        tell(pipeline, &heard);
    }
}

void feed_held(struct pipeline *pipeline, uint32_t device, struct event_time event, size_t count)
{
    struct heard heard = {.device = device,
        .time = event,
        .samples = pipeline->samples,
        .count = count,
        .as = HEARD_HELD};
    tell(pipeline, &heard);
}
