#include "simulator/messages.h"

#include <stdio.h>

#include "simulator/encode.h"
#include "simulator/monitors.h"

enum { PAYLOAD_SIZE = 4096 };

/* One device's message at one instant; false: it is silent. */
static bool make_message(const struct county *county, uint32_t index, int64_t at_ms,
    struct text *topic, struct text *payload, struct text *again, struct text *qn)
{
    char key[COUNTY_KEY_SIZE + 1];
    struct county_value values[FACTORS_MAX];
    char mn_space[64], digits[18];
    struct text mn = text_in(mn_space, sizeof mn_space);
    struct county_device device = county_device(county, index);
    const struct dialect *dialect = county_dialect(county, index);
    const struct monitor *other = county_monitor(county, device.site);
    bool senml = device.role == ROLE_METER || (device.role == ROLE_FUME && dialect == NULL) ||
                 (other != NULL && other->format == FORMAT_SENML);
    size_t count = county_values(county, index, at_ms, values);
    if (count == 0) {
        return false;
    }
    county_mn(county, index, &mn);
    event_time_write_qn((struct event_time){at_ms}, digits);
    text_add(qn, digits);
    text_add(topic, "ems/v1/140581/");
    text_add_slice(topic, text_slice(&mn));
    text_add(topic, senml ? "/up/senml" : "/up/hj212");
    if (senml) {
        encode_pack(text_slice(&mn), at_ms, text_slice(qn), values, count, payload);
        text_add_slice(again, text_slice(payload));
    } else if (dialect != NULL) {
        encode_dialect(dialect, text_slice(&mn), at_ms, text_slice(qn), values, payload);
        text_add_slice(again, text_slice(payload));
    } else {
        struct frame_form form = {.key = county_key(county, index, key) ? key : NULL,
            .st = other == NULL ? 31 : other->st};
        encode_frame(text_slice(&mn), at_ms, text_slice(qn), form, values, count, payload);
        form.resent = true;
        encode_frame(text_slice(&mn), at_ms, text_slice(qn), form, values, count, again);
    }
    return true;
}

/* Devices do not all speak at once: each has its place in the interval. */
static int64_t due_ms(const struct county *county, uint32_t index, int64_t round)
{
    int64_t interval_ms = (int64_t)county->interval_s * SECOND_MS;
    int64_t place_ms = (int64_t)((uint64_t)index * 2654435761U % (uint64_t)interval_ms);
    return round * interval_ms + place_ms / SECOND_MS * SECOND_MS;
}

bool messages_walk(
    const struct county *county, int64_t from_ms, int64_t to_ms, message_taker *take, void *context)
{
    char topic_space[160], payload_space[PAYLOAD_SIZE], again_space[PAYLOAD_SIZE], qn_space[32];
    const int64_t interval_ms = (int64_t)county->interval_s * SECOND_MS;
    uint32_t count = county_devices(county);
    for (int64_t at_ms = from_ms; at_ms < to_ms; at_ms += SECOND_MS) {
        for (uint32_t i = 0; i < count; i++) {
            if (due_ms(county, i, at_ms / interval_ms) != at_ms) {
                continue;
            }
            struct text topic = text_in(topic_space, sizeof topic_space);
            struct text payload = text_in(payload_space, sizeof payload_space);
            struct text again = text_in(again_space, sizeof again_space);
            struct text qn = text_in(qn_space, sizeof qn_space);
            if (!make_message(county, i, at_ms, &topic, &payload, &again, &qn)) {
                continue;
            }
            struct county_message message = {i, at_ms, text_slice(&topic), text_slice(&payload),
                text_slice(&qn), text_slice(&again)};
            if (!take(context, &message)) {
                return false;
            }
        }
    }
    return true;
}

/* --- lines for replay --- */

static bool print_line(void *context, const struct county_message *message)
{
    char at[RFC3339_SIZE + 1];
    char space[2 * PAYLOAD_SIZE];
    struct text payload = text_in(space, sizeof space);
    FILE *out = context;
    event_time_write((struct event_time){message->at_ms}, at);
    fprintf(out, "{\"at\":\"%s\",\"topic\":\"%.*s\",\"enc\":\"base64\",\"payload\":\"", at,
        (int)message->topic.size, (const char *)message->topic.ptr);
    encode_base64(message->payload, &payload);
    fprintf(out, "%.*s\"}\n", (int)payload.size, payload.at);
    return ferror(out) == 0;
}

bool messages_write_lines(const struct county *county, int64_t from_ms, int64_t to_ms, void *out)
{
    char at[RFC3339_SIZE + 1];
    bool fine = messages_walk(county, from_ms, to_ms, print_line, out);
    event_time_write((struct event_time){to_ms}, at);
    fprintf(out, "{\"at\":\"%s\"}\n", at);
    return fine;
}
