#include "validators/hj212_frame.h"

#include "core/hex.h"
#include "validators/hj212_cipher.h"
#include "validators/hj212_crc.h"

static bool read_hex(struct slice digits, uint16_t *value)
{
    *value = 0;
    for (size_t i = 0; i < digits.size; i++) {
        int digit = hex_digit(digits.ptr[i]);
        if (digit < 0) {
            return false;
        }
        *value = (uint16_t)(*value << 4 | digit);
    }
    return digits.size == HJ212_CRC_SIZE;
}

/* Is there a frame at the front? If not, *why is the first thing that is wrong. */
static bool well_framed(struct slice in, struct hj212_cut *cut, enum validity_rule *why)
{
    uint64_t length;
    if (!slice_starts(in, "##")) {
        *why = RULE_FRAME_JUNK;
        return false;
    }
    if (in.size < HJ212_PREFIX_SIZE) {
        *why = RULE_FRAME_TRUNCATED;
        return false;
    }
    if (!slice_to_uint(slice_head(slice_tail(in, 2), 4), 9999, &length)) {
        *why = RULE_LENGTH_DIGITS;
        return false;
    }
    struct slice rest = slice_tail(in, HJ212_PREFIX_SIZE);
    if (rest.size < length + HJ212_CRC_SIZE) {
        *why = RULE_FRAME_TRUNCATED;
        return false;
    }
    cut->length = (size_t)length;
    cut->segment = slice_from(rest.ptr, cut->length);
    if (read_hex(slice_from(rest.ptr + length, HJ212_CRC_SIZE), &cut->crc_sent)) {
        return true;
    }
    cut->segment = slice_head(rest, hj212_printed_size(rest, cut->length));
    *why = RULE_LENGTH_WRONG;
    return cut->segment.size > 0 &&
           read_hex(
               slice_head(slice_tail(rest, cut->segment.size), HJ212_CRC_SIZE), &cut->crc_sent);
}

/* What stands between this frame and the next belongs to this one, if it is line ends of some kind. */
static size_t line_end(struct slice after, struct rule_set *broken)
{
    size_t first = slice_starts(after, "\r\n") ? 2 : slice_starts(after, "\\r\\n") ? 4 : 0;
    size_t size = first;
    while (size < after.size &&
           (after.ptr[size] == ' ' || after.ptr[size] == '\r' || after.ptr[size] == '\n')) {
        size += 1;
    }
    if (first != 2 || size != first) {
        rule_set_add(broken, RULE_LINE_END);
    }
    return size;
}

/* QN=, ST=, MN= ...: a frame's segment begins with a name of capitals; digits of a value do not. */
static bool begins_with_field(struct slice segment)
{
    size_t at = 0;
    while (at < segment.size && segment.ptr[at] >= 'A' && segment.ptr[at] <= 'Z') {
        at += 1;
    }
    return at >= 2 && at < segment.size && segment.ptr[at] == '=';
}

static bool any_crc_holds(const struct hj212_cut *cut)
{
    for (int kind = CRC_STANDARD; kind <= CRC_MODBUS_SWAPPED; kind++) {
        if (hj212_crc((enum crc_kind)kind, cut->segment) == cut->crc_sent) {
            return true;
        }
    }
    return false;
}

/* A frame that was broken off has a length that leads into the next one, perhaps to four hex digits:
 * then the next one must not be lost with it. */
static bool broken_off(struct slice in, const struct hj212_cut *cut)
{
    struct slice inside = slice_head(in, HJ212_PREFIX_SIZE + cut->segment.size + HJ212_CRC_SIZE);
    for (size_t at = HJ212_PREFIX_SIZE;; at++) {
        struct hj212_cut inner;
        enum validity_rule why;
        at = slice_find(inside, at, '#');
        if (at == inside.size) {
            return false;
        }
        if (well_framed(slice_tail(in, at), &inner, &why) && begins_with_field(inner.segment)) {
            return !any_crc_holds(cut);
        }
    }
}

/* A frame that is whole, as far as there are looks left to tell. */
static bool cuts(struct slice in, struct hj212_cut *cut, enum validity_rule *why, unsigned *looks)
{
    if (!well_framed(in, cut, why)) {
        return false;
    }
    if (*looks == 0 || !broken_off(in, cut)) {
        return true;
    }
    *looks -= 1;
    *why = RULE_FRAME_TRUNCATED;
    return false;
}

static size_t run_size(struct slice in, unsigned *looks)
{
    struct hj212_cut ignored;
    enum validity_rule why;
    size_t at = 1;
    for (;;) {
        at = slice_find(in, at, '#');
        if (at == in.size || cuts(slice_tail(in, at), &ignored, &why, looks)) {
            return at;
        }
        at += 1;
    }
}

struct hj212_cut hj212_frame_cut(struct slice in, unsigned *looks)
{
    struct hj212_cut cut = {0};
    enum validity_rule why;
    if (in.size == 0) {
        return cut;
    }
    if (cuts(in, &cut, &why, looks)) {
        size_t size = HJ212_PREFIX_SIZE + cut.segment.size + HJ212_CRC_SIZE;
        cut.is_frame = true;
        cut.used_size = size + line_end(slice_tail(in, size), &cut.broken);
        return cut;
    }
    rule_set_add(&cut.broken, why);
    cut.segment = (struct slice){0};
    cut.used_size = run_size(in, looks);
    return cut;
}

void hj212_frame_sized(struct slice in, size_t size, struct hj212_cut *cut)
{
    struct slice rest = slice_tail(in, HJ212_PREFIX_SIZE + size);
    *cut =
        (struct hj212_cut){.segment = slice_from(in.ptr + HJ212_PREFIX_SIZE, size), .length = size};
    cut->is_frame = read_hex(slice_head(rest, HJ212_CRC_SIZE), &cut->crc_sent);
    cut->used_size = HJ212_PREFIX_SIZE + size + HJ212_CRC_SIZE;
    cut->used_size += line_end(slice_tail(rest, HJ212_CRC_SIZE), &cut->broken);
}

void hj212_frame_write(struct text *text, struct slice segment, enum crc_kind crc)
{
    static const char HEX[] = "0123456789ABCDEF"; /* as the standard's examples have it */
    uint16_t value = hj212_crc(crc, segment);
    text_add(text, "##");
    for (size_t unit = 1000; unit > 0; unit /= 10) {
        text_add_byte(text, (char)('0' + segment.size / unit % 10));
    }
    text_add_slice(text, segment);
    for (int shift = 12; shift >= 0; shift -= 4) {
        text_add_byte(text, HEX[value >> shift & 15]);
    }
    text_add(text, "\r\n");
}
