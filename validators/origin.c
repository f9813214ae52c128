#include "validators/origin.h"

#include "schemas/units.h"

enum { CN_OF_PACKS = 2011 }; /* a pack is real-time data */

/* In a time that tells its size, six for all devices, and nothing else. */
static bool same_secret(struct slice a, struct slice b)
{
    uint8_t difference = 0;
    for (size_t i = 0; a.size == b.size && i < a.size; i++) {
        difference |= (uint8_t)(a.ptr[i] ^ b.ptr[i]);
    }
    return a.size == b.size && difference == 0;
}

/* A number in another unit than the registered one would be taken for what it is not. Only packs name units. */
static void judge_units(const struct registry *registry, struct message *message)
{
    for (size_t i = 0; i < message->reading_count; i++) {
        struct reading *reading = &message->readings[i];
        if (reading->unit.size == 0) {
            continue;
        }
        uint32_t signal = registry_signal(
            registry, message->device, CN_OF_PACKS, reading->factor, reading->field);
        struct slice unit = signal == NONE ? (struct slice){0} : registry->signals[signal].unit;
        if (unit.size > 0 && !unit_same(unit, reading->unit)) {
            reading->has_value = false;
            message_break_by(message, reading, RULE_UNIT_IMPOSSIBLE);
        }
    }
}

static void judge_device(const struct registry *registry, struct message *message)
{
    const struct device *device = &registry->devices[message->device];
    if (message->format == FORMAT_HJ212 && device->pw.size > 0 &&
        !same_secret(message->pw, device->pw)) {
        rule_set_add(&message->verdict.broken, RULE_PW_WRONG);
    }
    if (message->format != device->format) {
        rule_set_add(&message->verdict.broken, RULE_FORMAT_WRONG);
    }
    if (message->format == FORMAT_SENML) {
        judge_units(registry, message);
    }
}

/* Neither what it tells nor the clock that stamped it may be ahead of the arrival. The last three digits of
 * a QN number exchanges in practice; a pack's QN is a name, not a time. */
static void judge_arrival(struct event_time arrival, struct message *message)
{
    int64_t limit = arrival.ms + TIME_AHEAD_MAX_MS;
    bool stamped = message->format == FORMAT_HJ212 && message->has_qn_time;
    bool told = message->has_data_time && message->data_time.ms > limit;
    if (told || (stamped && message->qn_time.ms - message->qn_time.ms % SECOND_MS > limit)) {
        message_break(message, RULE_TIME_AHEAD, told ? message->datatime : message->qn);
    }
}

void origin_judge(const struct decode_context *context, struct message *message)
{
    struct rule_set *broken = &message->verdict.broken;
    if (context->has_topic && message->has_mn && !slice_equal(message->mn, context->topic_mn)) {
        rule_set_add(broken, RULE_MN_NOT_TOPIC);
    }
    if (context->registry != NULL && message->mn.size > 0) {
        if (message->device == NONE) {
            rule_set_add(broken, RULE_MN_UNKNOWN);
        } else {
            judge_device(context->registry, message);
        }
    }
    if (context->has_arrival) {
        judge_arrival(context->arrival, message);
    }
}
