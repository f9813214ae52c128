#include "validators/decode.h"

#include <string.h>

#include "core/utf8.h"
#include "schemas/hj212.h"
#include "validators/hj212_cipher.h"
#include "validators/hj212_crc.h"
#include "validators/hj212_dialects.h"
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
    const struct rule_set *broken = &message->verdict.broken;
    for (unsigned id = rule_set_next(broken, 0); id < RULE_COUNT;
         id = rule_set_next(broken, id + 1)) {
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

static void break_if(bool broken, struct message *message, enum validity_rule id, struct slice at)
{
    if (broken) {
        message_break(message, id, at);
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

/* 2025 as quoted: field to host, data, the wish for a key, and device information. */
static bool is_encryptable(const struct message *message)
{
    int cn = message->cn_code;
    return message->edition == EDITION_2025 &&
           ((cn >= 2000 && cn < 3000) || cn == 1014 || cn == 3020);
}

/* SM4 leaves bytes outside text in CP, or the printed {0x..}, perhaps broken. */
static bool looks_encrypted(struct slice cp)
{
    return slice_starts(cp, "&&{0x") || !is_text(cp);
}

static struct key_range keys_of(const struct decoder *decoder)
{
    const struct keyring *keys = decoder->context.keys;
    return keys == NULL ? (struct key_range){0} : keyring_of(keys, decoder->message.mn);
}

/* At its arrival or, where that is not known, when it says it was sent. */
static bool is_valid(const struct key *key, const struct decoder *decoder)
{
    struct event_time at = decoder->context.arrival;
    if (!decoder->context.has_arrival && !event_time_from_cst(decoder->message.qn, &at)) {
        return true;
    }
    return at.ms >= key->from.ms && at.ms < key->until.ms;
}

/* With which of its keys, the newest first, does the CRC hold on the plaintext? That then is the segment. One block
 * that was damaged is 16 bytes of noise, which the CRC lets pass once in 256; noise is no text. */
static bool opens(struct decoder *decoder, const struct hj212_cut *cut, struct slice *cp)
{
    struct message *message = &decoder->message;
    struct key_range range = keys_of(decoder);
    struct slice sealed = cut->segment;
    size_t cp_at = cp->size == 0 ? sealed.size : (size_t)(cp->ptr - sealed.ptr);
    uint8_t *space = (uint8_t *)decoder->space;
    bool printed = cut->segment.size != cut->length;
    if (printed) {
        sealed = hj212_unprint(sealed, space);
        space += sealed.size;
    }
    for (size_t i = 0; i < range.count; i++) {
        const struct key *key = &range.first[i];
        if (key->cipher == NULL) {
            message->key_missing = message->key_missing.size > 0 ? message->key_missing : key->id;
            continue;
        }
        struct slice plain = hj212_decrypt(sealed, slice_tail(sealed, cp_at), key->cipher, space);
        struct slice sent = *cp;
        if (plain.size > 0 && is_text(slice_tail(plain, cp_at)) &&
            hj212_crc(message->crc, plain) == cut->crc_sent) {
            message->key_missing = (struct slice){0};
            message->segment = plain;
            *cp = slice_tail(plain, cp_at);
            break_if(!is_valid(key, decoder), message, RULE_KEY_OUTSIDE_VALIDITY, sent);
            break_if(printed, message, RULE_CIPHER_PRINTED, sent);
            return true;
        }
    }
    return false;
}

/* A CP under one block is plain in any case: nothing is encrypted in it. */
static bool plain_though_key(const struct decoder *decoder, struct slice cp)
{
    return decoder->context.direction != DIRECTION_DOWN && cp.size >= 4 + SM4_BLOCK_SIZE &&
           is_encryptable(&decoder->message) && keys_of(decoder).count > 0;
}

/* One CRC kind a device; which other kind would fit is told, never taken. */
static void explain_crc(struct decoder *decoder, const struct hj212_cut *cut)
{
    static const enum validity_rule FITS[] = {[CRC_STANDARD] = RULE_CRC_STANDARD_FITS,
        [CRC_MODBUS] = RULE_CRC_MODBUS_FITS,
        [CRC_MODBUS_SWAPPED] = RULE_CRC_MODBUS_SWAPPED_FITS};
    struct message *message = &decoder->message;
    struct slice crc = slice_from(cut->segment.ptr + cut->segment.size, HJ212_CRC_SIZE);
    message_break(message, RULE_CRC_WRONG, crc);
    for (int kind = CRC_STANDARD; kind <= CRC_MODBUS_SWAPPED; kind++) {
        if (hj212_crc((enum crc_kind)kind, cut->segment) == cut->crc_sent) {
            message_break(message, FITS[kind], crc);
        }
    }
}

/* Plain if the CRC holds on the bytes received, but one cipher in 256 has the CRC of its plaintext: then its bytes
 * tell. Else encrypted, if it holds on what a key makes of them; and otherwise no bit tells the two apart. */
static bool crc_holds(struct decoder *decoder, const struct hj212_cut *cut, struct slice *cp)
{
    struct message *message = &decoder->message;
    message->crc = expected_crc(decoder);
    bool printed = cut->segment.size != cut->length;
    bool sealed = is_encryptable(message) && (printed || hj212_is_sealed(*cp));
    if (!sealed && !printed && hj212_crc(message->crc, cut->segment) == cut->crc_sent) {
        break_if(plain_though_key(decoder, *cp), message, RULE_PLAIN_THOUGH_KEY, *cp);
        return true;
    }
    if (is_encryptable(message) && opens(decoder, cut, cp)) {
        return true;
    }
    if (sealed || (is_encryptable(message) && looks_encrypted(*cp))) {
        message_break(
            message, keys_of(decoder).count == 0 ? RULE_ENCRYPTED_NO_KEY : RULE_KEY_FITS_NOT, *cp);
    } else {
        explain_crc(decoder, cut);
    }
    return false;
}

static void read_frame(struct decoder *decoder, const struct hj212_cut *cut)
{
    struct message *message = &decoder->message;
    struct slice cp;
    message->segment = cut->segment;
    break_if(cut->length > HJ212_SEGMENT_SIZE_MAX, message, RULE_SEGMENT_TOO_LONG,
        slice_tail(cut->segment, HJ212_SEGMENT_SIZE_MAX));
    hj212_header_read(message, cut->segment, &cp);
    message->device = device_of(&decoder->context, message->mn);
    hj212_edition(&decoder->context, message);
    if (crc_holds(decoder, cut, &cp)) {
        message->cp = cp;
        if (cp.size > 0) {
            hj212_items_read(message, &decoder->names, cp);
        }
        hj212_judge(&decoder->context, message, cp.size > 0);
        hj212_dialects_mark(&decoder->context, message, cut);
    }
    message->answer_wanted = hj212_wants_answer(message);
    origin_judge(&decoder->context, message);
}

static struct slice length_digits(struct slice in)
{
    return slice_head(slice_tail(in, 2), HJ212_PREFIX_SIZE - 2);
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
    message->format = FORMAT_HJ212;
    message->offset = decoder->at;
    message->size = cut->used_size;
    message->verdict.broken = cut->broken;
    if (!rule_set_empty(&cut->broken)) {
        place_frame(message, cut, run);
    }
}

/* Cut so, and read if it is a frame. */
static void take_cut(struct decoder *decoder, const struct hj212_cut *cut, struct slice rest)
{
    no_frame(decoder, cut, slice_head(rest, cut->used_size));
    if (cut->is_frame) {
        read_frame(decoder, cut);
    }
}

static void take_again(struct decoder *decoder, const struct hj212_cut *cut, struct slice rest)
{
    message_reset(&decoder->message, decoder->payload);
    take_cut(decoder, cut, rest);
}

/* What was no frame may be one whose length counts characters: read where that is allowed (a mark), else
 * that is why (a refusal). */
static void count_characters(
    struct decoder *decoder, const struct hj212_cut *by_bytes, struct slice rest)
{
    struct message *message = &decoder->message;
    struct slice in = by_bytes->is_frame ? rest : slice_head(rest, message->size);
    struct hj212_cut cut;
    bool explains = false;
    for (int charset = CHARSET_UTF8; charset <= CHARSET_GBK; charset++) {
        if (!hj212_cut_characters(in, (enum charset)charset, &cut)) {
            continue;
        }
        explains = explains || charset == CHARSET_UTF8;
        if (!cut.is_frame) {
            continue;
        }
        take_again(decoder, &cut, rest);
        if (!rule_set_has(&message->verdict.broken, RULE_CRC_WRONG) &&
            hj212_characters_allowed(&decoder->context, message, (enum charset)charset)) {
            message_break(message, RULE_LENGTH_CHARACTERS, length_digits(rest));
            return;
        }
        take_again(decoder, by_bytes, rest);
    }
    if (explains) {
        message_break(message, RULE_LENGTH_COUNTS_CHARACTERS, length_digits(rest));
    }
}

static void next_hj212(struct decoder *decoder)
{
    struct message *message = &decoder->message;
    struct slice rest = slice_tail(decoder->payload, decoder->at);
    struct hj212_cut cut = hj212_frame_cut(rest, &decoder->looks);
    take_cut(decoder, &cut, rest);
    decoder->looks += cut.is_frame ? 1 : 0;
    if (!cut.is_frame || rule_set_has(&message->verdict.broken, RULE_CRC_WRONG)) {
        count_characters(decoder, &cut, rest);
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
