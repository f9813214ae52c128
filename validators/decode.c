#include "validators/decode.h"

#include <string.h>

#include "core/utf8.h"
#include "schemas/hj212.h"
#include "validators/hj212_crc.h"
#include "validators/hj212_fields.h"
#include "validators/hj212_frame.h"
#include "validators/hj212_rules.h"
#include "validators/origin.h"
#include "validators/senml.h"

enum { LOOKS_FIRST = 16 };

void decoder_begin(
    struct decoder *decoder, const struct decode_context *context, struct slice payload)
{
    decoder->context = *context;
    decoder->payload = payload;
    decoder->at = 0;
    decoder->started = false;
    decoder->looks = LOOKS_FIRST;
    decoder->space_used = 0;
}

/* Everything before the two arrays, whose counts say how much of them is valid. */
static void message_reset(struct message *message, struct slice payload)
{
    memset(message, 0, offsetof(struct message, fields));
    message->reading_count = 0;
    message->device = NONE;
    message->st_code = -1;
    message->cn_code = -1;
    message->flag_code = -1;
    message->pnum_code = -1;
    message->pno_code = -1;
    message->edition_reason = "";
    message->payload = payload;
}

/* The verdict is that of the severest rule that is broken. */
static void conclude(struct message *message)
{
    message->verdict.kind = VERDICT_ACCEPTED;
    if (rule_set_empty(&message->verdict.broken)) {
        return;
    }
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        if (!rule_set_has(&message->verdict.broken, (enum validity_rule)id)) {
            continue;
        }
        enum consequence consequence = validity_rule((enum validity_rule)id)->consequence;
        if (consequence == CONSEQUENCE_REJECT) {
            message->verdict.kind = VERDICT_REJECTED;
            return;
        }
        if (consequence == CONSEQUENCE_QUARANTINE) {
            message->verdict.kind = VERDICT_QUARANTINED;
        }
    }
}

static uint32_t device_of(const struct decode_context *context, struct slice mn)
{
    return context->registry == NULL ? NONE : registry_device(context->registry, mn);
}

/* Of a frame without MN: that of the device whose topic it came by. */
static enum crc_kind expected_crc(const struct decoder *decoder)
{
    const struct decode_context *context = &decoder->context;
    uint32_t device = decoder->message.mn.size > 0 ? decoder->message.device
                                                   : device_of(context, context->topic_mn);
    if (context->crc_given) {
        return context->crc;
    }
    return device == NONE ? CRC_STANDARD : context->registry->devices[device].crc;
}

/* Neither control characters nor anything but UTF-8. */
static bool is_text(struct slice bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.ptr[i] < 0x20 || bytes.ptr[i] == 0x7F) {
            return false;
        }
    }
    return utf8_valid(bytes);
}

/* SM4 leaves bytes outside text in CP, or the printed {0x..}: hj212.md 13.1. */
static bool looks_encrypted(const struct message *message, struct slice cp)
{
    bool command = (message->cn_code >= 2000 && message->cn_code < 3000) ||
                   message->cn_code == 1014 || message->cn_code == 3020;
    if (message->edition != EDITION_2025 || !command) {
        return false;
    }
    return slice_starts(cp, "&&{0x") || !is_text(cp);
}

/* One CRC kind a device; which other kind would fit is told, never taken. */
static bool crc_holds(struct decoder *decoder, const struct hj212_cut *cut, struct slice cp)
{
    static const enum validity_rule FITS[] = {[CRC_STANDARD] = RULE_CRC_STANDARD_FITS,
        [CRC_MODBUS] = RULE_CRC_MODBUS_FITS,
        [CRC_MODBUS_SWAPPED] = RULE_CRC_MODBUS_SWAPPED_FITS};
    struct message *message = &decoder->message;
    message->crc = expected_crc(decoder);
    if (hj212_crc(message->crc, cut->segment) == cut->crc_sent) {
        return true;
    }
    struct slice crc = slice_from(cut->segment.ptr + cut->segment.size, HJ212_CRC_SIZE);
    if (looks_encrypted(message, cp)) {
        message_break(message, RULE_ENCRYPTED_NO_KEY, cp);
        return false;
    }
    message_break(message, RULE_CRC_WRONG, crc);
    for (int kind = CRC_STANDARD; kind <= CRC_MODBUS_SWAPPED; kind++) {
        if (hj212_crc((enum crc_kind)kind, cut->segment) == cut->crc_sent) {
            message_break(message, FITS[kind], crc);
        }
    }
    return false;
}

static void read_frame(struct decoder *decoder, const struct hj212_cut *cut)
{
    struct message *message = &decoder->message;
    struct slice cp;
    message->segment = cut->segment;
    if (cut->segment.size > HJ212_SEGMENT_SIZE_MAX) {
        message_break(
            message, RULE_SEGMENT_TOO_LONG, slice_tail(cut->segment, HJ212_SEGMENT_SIZE_MAX));
    }
    hj212_header_read(message, cut->segment, &cp);
    message->device = device_of(&decoder->context, message->mn);
    hj212_edition(&decoder->context, message);
    if (crc_holds(decoder, cut, cp)) {
        if (cp.size > 0) {
            hj212_items_read(message, cp);
        }
        hj212_judge(&decoder->context, message, cp.size > 0);
    }
    message->answer_wanted = hj212_wants_answer(message);
    origin_judge(&decoder->context, message);
}

static struct slice length_digits(struct slice in)
{
    return slice_head(slice_tail(in, 2), HJ212_PREFIX_SIZE - 2);
}

/* A length that counts characters leads to no CRC; if counting bytes instead does, that is why. */
static void explain_length(struct decoder *decoder, struct slice in)
{
    uint64_t declared;
    struct slice length = length_digits(in);
    size_t characters = 0, at = HJ212_PREFIX_SIZE;
    if (in.size < HJ212_PREFIX_SIZE || !slice_to_uint(length, 9999, &declared)) {
        return;
    }
    bool wide = false;
    for (; at < in.size && characters < declared; at++) {
        wide = wide || in.ptr[at] >= 0x80;
        bool continues = (in.ptr[at] & 0xC0) == 0x80;
        characters += continues ? 0 : 1;
    }
    while (at < in.size && (in.ptr[at] & 0xC0) == 0x80) {
        at += 1;
    }
    struct slice segment = slice_from(in.ptr + HJ212_PREFIX_SIZE, at - HJ212_PREFIX_SIZE);
    struct slice tail = slice_tail(segment, segment.size < 2 ? 0 : segment.size - 2);
    if (wide && slice_is(tail, "&&")) {
        message_break(&decoder->message, RULE_LENGTH_COUNTS_CHARACTERS, length);
    }
}

/* Where a run of bytes, a frame with its line end too, breaks a rule of framing. */
static void place_frame(struct message *message, const struct hj212_cut *cut, struct slice run)
{
    size_t whole = HJ212_PREFIX_SIZE + cut->segment.size + HJ212_CRC_SIZE;
    const struct {
        enum validity_rule id;
        struct slice at;
    } ROWS[] = {
        {RULE_FRAME_JUNK, run},
        {RULE_FRAME_TRUNCATED, slice_from(run.ptr + run.size, 0)},
        {RULE_LENGTH_DIGITS, length_digits(run)},
        {RULE_LENGTH_WRONG, length_digits(run)},
        {RULE_LINE_END, cut->is_frame ? slice_from(run.ptr + whole, run.size - whole) : run},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (rule_set_has(&cut->broken, ROWS[i].id)) {
            message_break(message, ROWS[i].id, ROWS[i].at);
        }
    }
}

static void no_frame(struct decoder *decoder, const struct hj212_cut *cut, struct slice run)
{
    struct message *message = &decoder->message;
    message_reset(message, decoder->payload);
    message->format = FORMAT_HJ212;
    message->offset = decoder->at;
    message->size = cut->used_size;
    message->verdict.broken = cut->broken;
    if (!rule_set_empty(&cut->broken)) {
        place_frame(message, cut, run);
    }
}

static void next_hj212(struct decoder *decoder)
{
    struct message *message = &decoder->message;
    struct slice rest = slice_tail(decoder->payload, decoder->at);
    struct hj212_cut cut = hj212_frame_cut(rest, &decoder->looks);
    no_frame(decoder, &cut, slice_head(rest, cut.used_size));
    if (cut.is_frame) {
        decoder->looks += 1;
        read_frame(decoder, &cut);
    }
    if (!cut.is_frame || rule_set_has(&message->verdict.broken, RULE_CRC_WRONG)) {
        explain_length(decoder, slice_head(rest, message->size));
    }
    decoder->at += message->size;
}

bool decoder_next(struct decoder *decoder)
{
    struct message *message = &decoder->message;
    bool empty = decoder->payload.size == 0;
    if (decoder->started && (empty || decoder->at >= decoder->payload.size)) {
        return false;
    }
    decoder->started = true;
    message_reset(message, decoder->payload);
    if (empty) {
        message->format = decoder->context.format;
        rule_set_add(&message->verdict.broken, RULE_PAYLOAD_EMPTY);
    } else if (decoder->context.format == FORMAT_HJ212) {
        next_hj212(decoder);
    } else {
        message->format = FORMAT_SENML;
        message->size = decoder->payload.size;
        message->segment = decoder->payload;
        decoder->at = decoder->payload.size;
        senml_decode(decoder);
        message->device = device_of(&decoder->context, message->mn);
        origin_judge(&decoder->context, message);
    }
    conclude(message);
    return true;
}
