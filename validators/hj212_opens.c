#include "validators/hj212_opens.h"

#include "core/utf8.h"
#include "validators/hj212_cipher.h"
#include "validators/hj212_crc.h"

static void break_if(bool broken, struct message *message, enum validity_rule id, struct slice at)
{
    if (broken) {
        message_break(message, id, at);
    }
}

/* Of a frame without MN: that of the device whose topic it came by. */
static enum crc_kind expected_crc(const struct decoder *decoder)
{
    const struct decode_context *context = &decoder->context;
    uint32_t device = decoder->message.mn.size > 0 ? decoder->message.device
                                                   : decode_device(context, context->topic_mn);
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
static bool decrypts(struct decoder *decoder, const struct hj212_cut *cut, struct slice *cp)
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
            message->key_used = key->id;
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
bool hj212_opens(struct decoder *decoder, const struct hj212_cut *cut, struct slice *cp)
{
    struct message *message = &decoder->message;
    message->crc = expected_crc(decoder);
    bool printed = cut->segment.size != cut->length;
    bool sealed = is_encryptable(message) && (printed || hj212_is_sealed(*cp));
    if (!sealed && !printed && hj212_crc(message->crc, cut->segment) == cut->crc_sent) {
        break_if(plain_though_key(decoder, *cp), message, RULE_PLAIN_THOUGH_KEY, *cp);
        return true;
    }
    if (is_encryptable(message) && decrypts(decoder, cut, cp)) {
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
