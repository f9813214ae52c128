#include "cli/capture_mqtt.h"

enum { PACKET_CONNECT = 1, PACKET_PUBLISH = 3, LEVEL_5 = 5 };

/* A variable byte integer; false: it is not whole. */
static bool take_varint(struct slice *bytes, size_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < 4 && i < bytes->size; i++) {
        *value |= (size_t)(bytes->ptr[i] & 0x7F) << (7 * i);
        if ((bytes->ptr[i] & 0x80) == 0) {
            *bytes = slice_tail(*bytes, i + 1);
            return true;
        }
    }
    return false;
}

/* A string with its two bytes of length. */
static bool take_string(struct slice *bytes, struct slice *string)
{
    size_t size = bytes->size < 2 ? 0 : (size_t)bytes->ptr[0] << 8 | bytes->ptr[1];
    if (bytes->size < 2 + size) {
        return false;
    }
    *string = slice_head(slice_tail(*bytes, 2), size);
    *bytes = slice_tail(*bytes, 2 + size);
    return true;
}

/* The first byte of the packet at the front, and what stands behind its length; false: not whole. */
static bool take_packet(struct slice *stream, uint8_t *first, struct slice *body)
{
    size_t size;
    struct slice rest = slice_tail(*stream, 1);
    if (stream->size < 2 || !take_varint(&rest, &size) || rest.size < size) {
        return false;
    }
    *first = stream->ptr[0];
    *body = slice_head(rest, size);
    *stream = slice_tail(rest, size);
    return true;
}

int mqtt_level(struct slice stream)
{
    uint8_t first;
    struct slice body, name;
    bool connects = take_packet(&stream, &first, &body) && first >> 4 == PACKET_CONNECT &&
                    take_string(&body, &name) &&
                    (slice_is(name, "MQTT") || slice_is(name, "MQIsdp"));
    return connects && body.size > 0 ? body.ptr[0] : 0;
}

static bool read_publish(uint8_t first, struct slice body, int level, struct mqtt_message *message)
{
    size_t properties_size = 0;
    if (!take_string(&body, &message->topic)) {
        return false;
    }
    if ((first & 6) != 0) { /* a packet identifier, of QoS 1 and 2 */
        body = slice_tail(body, 2);
    }
    if (level >= LEVEL_5 &&
        (!take_varint(&body, &properties_size) || properties_size > body.size)) {
        return false;
    }
    message->payload = slice_tail(body, properties_size);
    return true;
}

bool mqtt_next(struct slice *stream, int level, struct mqtt_message *message)
{
    uint8_t first;
    struct slice body;
    while (take_packet(stream, &first, &body)) {
        if (first >> 4 == PACKET_PUBLISH && read_publish(first, body, level, message)) {
            return true;
        }
    }
    return false;
}
