#include "validators/origin.h"

static bool same_secret(struct slice a, struct slice b)
{
    uint8_t difference = a.size == b.size ? 0 : 1;
    for (size_t i = 0; i < a.size; i++) {
        difference |= (uint8_t)(a.ptr[i] ^ (b.size == 0 ? 0xFF : b.ptr[i % b.size]));
    }
    return difference == 0;
}

static void judge_device(const struct registry *registry, uint32_t index, struct message *message)
{
    const struct device *device = &registry->devices[index];
    if (message->format == FORMAT_HJ212 && device->pw.size > 0 &&
        !same_secret(message->pw, device->pw)) {
        rule_set_add(&message->verdict.broken, RULE_PW_WRONG);
    }
    if (message->format != device->format) {
        rule_set_add(&message->verdict.broken, RULE_FORMAT_WRONG);
    }
}

void origin_judge(const struct decode_context *context, struct message *message)
{
    struct rule_set *broken = &message->verdict.broken;
    if (context->has_topic && message->has_mn && !slice_equal(message->mn, context->topic_mn)) {
        rule_set_add(broken, RULE_MN_NOT_TOPIC);
    }
    if (context->registry != NULL && message->mn.size > 0) {
        uint32_t device = registry_device(context->registry, message->mn);
        if (device == NONE) {
            rule_set_add(broken, RULE_MN_UNKNOWN);
        } else {
            judge_device(context->registry, device, message);
        }
    }
    if (context->has_arrival) {
        bool has_time = message->has_data_time || message->has_qn_time;
        struct event_time time = message->has_data_time ? message->data_time : message->qn_time;
        if (has_time && time.ms > context->arrival.ms + TIME_AHEAD_MAX_MS) {
            rule_set_add(broken, RULE_TIME_AHEAD);
        }
    }
}
