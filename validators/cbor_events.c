#include "validators/cbor_events.h"

#include <cbor.h>

static void put(void *context, struct cbor_event event)
{
    *(struct cbor_event *)context = event;
}

static void on_uint8(void *context, uint8_t value)
{
    put(context, (struct cbor_event){.type = CBOR_UINT, .number = value});
}

static void on_uint16(void *context, uint16_t value)
{
    put(context, (struct cbor_event){.type = CBOR_UINT, .number = value});
}

static void on_uint32(void *context, uint32_t value)
{
    put(context, (struct cbor_event){.type = CBOR_UINT, .number = value});
}

static void on_uint64(void *context, uint64_t value)
{
    put(context, (struct cbor_event){.type = CBOR_UINT, .number = value});
}

static void on_negint8(void *context, uint8_t value)
{
    put(context, (struct cbor_event){.type = CBOR_NEGINT, .number = value});
}

static void on_negint16(void *context, uint16_t value)
{
    put(context, (struct cbor_event){.type = CBOR_NEGINT, .number = value});
}

static void on_negint32(void *context, uint32_t value)
{
    put(context, (struct cbor_event){.type = CBOR_NEGINT, .number = value});
}

static void on_negint64(void *context, uint64_t value)
{
    put(context, (struct cbor_event){.type = CBOR_NEGINT, .number = value});
}

static void on_text(void *context, cbor_data bytes, size_t size)
{
    put(context, (struct cbor_event){.type = CBOR_TEXT, .bytes = slice_from(bytes, size)});
}

static void on_bytes(void *context, cbor_data bytes, size_t size)
{
    put(context, (struct cbor_event){.type = CBOR_BYTES, .bytes = slice_from(bytes, size)});
}

static void on_chunked(void *context)
{
    put(context, (struct cbor_event){.type = CBOR_CHUNKED});
}

static void on_array(void *context, size_t count)
{
    put(context, (struct cbor_event){.type = CBOR_ARRAY, .number = count});
}

static void on_open_array(void *context)
{
    put(context, (struct cbor_event){.type = CBOR_ARRAY, .indefinite = true});
}

static void on_map(void *context, size_t count)
{
    put(context, (struct cbor_event){.type = CBOR_MAP, .number = count});
}

static void on_open_map(void *context)
{
    put(context, (struct cbor_event){.type = CBOR_MAP, .indefinite = true});
}

static void on_tag(void *context, uint64_t value)
{
    put(context, (struct cbor_event){.type = CBOR_TAG, .number = value});
}

static void on_single(void *context, float value)
{
    put(context, (struct cbor_event){.type = CBOR_FLOAT, .real = (double)value});
}

static void on_double(void *context, double value)
{
    put(context, (struct cbor_event){.type = CBOR_FLOAT, .real = value});
}

static void on_bool(void *context, bool value)
{
    put(context, (struct cbor_event){.type = CBOR_BOOL, .truth = value});
}

static void on_nothing(void *context)
{
    put(context, (struct cbor_event){.type = CBOR_NOTHING});
}

static void on_break(void *context)
{
    put(context, (struct cbor_event){.type = CBOR_BREAK});
}

static const struct cbor_callbacks CALLBACKS = {
    .uint8 = on_uint8,
    .uint16 = on_uint16,
    .uint32 = on_uint32,
    .uint64 = on_uint64,
    .negint8 = on_negint8,
    .negint16 = on_negint16,
    .negint32 = on_negint32,
    .negint64 = on_negint64,
    .byte_string_start = on_chunked,
    .byte_string = on_bytes,
    .string = on_text,
    .string_start = on_chunked,
    .indef_array_start = on_open_array,
    .array_start = on_array,
    .indef_map_start = on_open_map,
    .map_start = on_map,
    .tag = on_tag,
    .float2 = on_single,
    .float4 = on_single,
    .float8 = on_double,
    .undefined = on_nothing,
    .null = on_nothing,
    .boolean = on_bool,
    .indef_break = on_break,
};

/* Tags 6 to 20 and simple values without a meaning are well formed (RFC 8949 3.3, 3.4); libcbor refuses what
 * was unassigned when it was written. The size of such a head; 0: it is none. */
static size_t unassigned(struct slice in, struct cbor_event *event)
{
    uint8_t first = in.ptr[0];
    if (first >= 0xC6 && first <= 0xD4) {
        *event = (struct cbor_event){.type = CBOR_TAG, .number = first - 0xC0U};
        return 1;
    }
    bool longer = first == 0xF8 && in.size >= 2 && in.ptr[1] >= 32;
    if (longer || (first >= 0xE0 && first <= 0xF3)) {
        *event = (struct cbor_event){.type = CBOR_NOTHING};
        return longer ? 2 : 1;
    }
    return 0;
}

struct cbor_event cbor_events_next(struct cbor_events *events)
{
    struct cbor_event event = {.type = CBOR_BAD};
    struct slice rest = slice_tail(events->in, events->at);
    if (events->count++ == events->count_max) {
        return (struct cbor_event){.type = CBOR_LIMIT};
    }
    if (rest.size == 0) {
        return event;
    }
    size_t size = unassigned(rest, &event);
    if (size > 0) {
        events->at += size;
        return event;
    }
    struct cbor_decoder_result result = cbor_stream_decode(rest.ptr, rest.size, &CALLBACKS, &event);
    if (result.status != CBOR_DECODER_FINISHED || result.read == 0) {
        return (struct cbor_event){.type = CBOR_BAD};
    }
    events->at += result.read;
    return event;
}
