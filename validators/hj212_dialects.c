#include "validators/hj212_dialects.h"

#include <string.h>

#include "core/utf8.h"

static const struct device *profile_of(
    const struct decode_context *context, const struct message *message)
{
    return message->device == NONE ? NULL : &context->registry->devices[message->device];
}

static bool gbk_allowed(const struct decode_context *context, const struct message *message)
{
    const struct device *device = profile_of(context, message);
    return context->charset == CHARSET_GBK || (device != NULL && device->charset == CHARSET_GBK);
}

bool hj212_characters_allowed(
    const struct decode_context *context, const struct message *message, enum charset charset)
{
    const struct device *device = profile_of(context, message);
    bool counted = context->length == LENGTH_CHARACTERS ||
                   (device != NULL && device->length == LENGTH_CHARACTERS);
    return counted && (charset == CHARSET_UTF8 || gbk_allowed(context, message));
}

/* The size of the two-byte character that this may begin with; 0: it does not. */
static size_t gbk_pair(struct slice bytes)
{
    bool pair = bytes.size >= 2 && bytes.ptr[0] >= 0x81 && bytes.ptr[0] <= 0xFE &&
                bytes.ptr[1] >= 0x40 && bytes.ptr[1] <= 0xFE && bytes.ptr[1] != 0x7F;
    return pair ? 2 : 0;
}

static bool is_gbk(struct slice bytes)
{
    for (size_t at = 0; at < bytes.size;) {
        size_t pair = bytes.ptr[at] < 0x80 ? 1 : gbk_pair(slice_tail(bytes, at));
        if (pair == 0) {
            return false;
        }
        at += pair;
    }
    return true;
}

enum { WORDS_SIZE = 4 * sizeof(uint64_t) };

static bool any_beyond_ascii(const uint8_t bytes[static WORDS_SIZE])
{
    uint64_t any = word_at(bytes) | word_at(bytes + 8) | word_at(bytes + 16) | word_at(bytes + 24);
    return (any & UINT64_C(0x8080808080808080)) != 0;
}

/* From the first byte beyond ASCII on; empty in nearly all frames, which are asked four words at a time, the last four of
 * them with some that were asked before. */
static struct slice beyond_ascii(struct slice bytes)
{
    size_t at = 0;
    while (at + WORDS_SIZE <= bytes.size && !any_beyond_ascii(bytes.ptr + at)) {
        at += WORDS_SIZE;
    }
    if (bytes.size >= WORDS_SIZE && at + WORDS_SIZE > bytes.size &&
        !any_beyond_ascii(bytes.ptr + bytes.size - WORDS_SIZE)) {
        at = bytes.size;
    }
    while (at < bytes.size && bytes.ptr[at] < 0x80) {
        at += 1;
    }
    return slice_tail(bytes, at);
}

static void mark_text(const struct decode_context *context, struct message *message)
{
    struct slice wide = beyond_ascii(message->segment);
    if (wide.size > 0 && !utf8_valid(wide)) {
        bool allowed = gbk_allowed(context, message) && is_gbk(wide);
        message_break(message, allowed ? RULE_TEXT_GBK : RULE_TEXT_ENCODING, slice_head(wide, 2));
    }
}

void hj212_dialects_mark(
    const struct decode_context *context, struct message *message, const struct hj212_cut *cut)
{
    struct slice crc = slice_from(cut->segment.ptr + cut->segment.size, HJ212_CRC_SIZE);
    bool lower = false;
    for (size_t i = 0; i < crc.size; i++) {
        lower = lower || crc.ptr[i] >= 'a';
    }
    if (lower) {
        message_break(message, RULE_CRC_CASE, crc);
    }
    if (message->crc != CRC_STANDARD) {
        message_break(message, RULE_CRC_DIALECT, crc);
    }
    mark_text(context, message);
}

/* Behind a character of UTF-8 or of GBK; what is none of either counts as one. */
static size_t behind_character(struct slice in, enum charset charset, size_t at)
{
    if (charset == CHARSET_GBK) {
        return at + (gbk_pair(slice_tail(in, at)) > 0 ? 2 : 1);
    }
    do {
        at += 1;
    } while (at < in.size && (in.ptr[at] & 0xC0) == 0x80);
    return at;
}

bool hj212_cut_characters(struct slice in, enum charset charset, struct hj212_cut *cut)
{
    uint64_t declared;
    size_t size = 0;
    struct slice length = slice_head(slice_tail(in, 2), HJ212_PREFIX_SIZE - 2);
    struct slice rest = slice_tail(in, HJ212_PREFIX_SIZE);
    *cut = (struct hj212_cut){0};
    if (!slice_starts(in, "##") || !slice_to_uint(length, 9999, &declared)) {
        return false;
    }
    for (uint64_t i = 0; i < declared && size < rest.size; i++) {
        size = behind_character(rest, charset, size);
    }
    struct slice wide = beyond_ascii(slice_head(rest, size));
    if (wide.size == 0 || (charset == CHARSET_GBK && utf8_valid(wide)) || size < 2 ||
        rest.ptr[size - 1] != '&' || rest.ptr[size - 2] != '&') {
        return false;
    }
    hj212_frame_sized(in, size, cut);
    return true;
}
