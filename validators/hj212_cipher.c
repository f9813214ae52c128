#include "validators/hj212_cipher.h"

#include "core/hex.h"

static const char OPENING[] = "CP=&&{0x";

enum { OPENING_SIZE = sizeof OPENING - 1, BEFORE_CP_MAX = 160, DIGITS_SIZE = 4 };

/* Where a printed cipher begins, at its brace; in.size: nowhere. A header is short: so is the search. */
static size_t brace_at(struct slice in)
{
    struct slice head = slice_head(in, BEFORE_CP_MAX);
    for (size_t at = 0; (at = slice_find(head, at, '{')) < head.size; at++) {
        size_t opening = at + 3 - OPENING_SIZE; /* of "{0x" the brace is the first */
        if (at + 3 >= OPENING_SIZE && slice_starts(slice_tail(in, opening), OPENING)) {
            return at;
        }
    }
    return in.size;
}

/* {0xHH,0xHH,...} at the front: its bytes to `out` (NULL: only counted); 0: it is none. */
static size_t read_group(struct slice in, uint8_t *out)
{
    size_t count = 0;
    for (size_t at = 1; at + DIGITS_SIZE < in.size; at += DIGITS_SIZE + 1) {
        const uint8_t *digits = in.ptr + at;
        int high = hex_digit(digits[2]), low = hex_digit(digits[3]);
        if (digits[0] != '0' || (digits[1] | 0x20) != 'x' || high < 0 || low < 0) {
            return 0;
        }
        if (out != NULL) {
            out[count] = (uint8_t)(high << 4 | low);
        }
        count += 1;
        if (digits[4] != ',') {
            return digits[4] == '}' ? count : 0;
        }
    }
    return 0;
}

/* Of a group of `count` bytes. */
static size_t group_size(size_t count)
{
    return count * (DIGITS_SIZE + 1) + 1;
}

size_t hj212_printed_size(struct slice in, size_t length)
{
    size_t brace = brace_at(in);
    size_t count = brace == in.size ? 0 : read_group(slice_tail(in, brace), NULL);
    if (count == 0 || count % SM4_BLOCK_SIZE != 0 || brace + count > length) {
        return 0;
    }
    size_t size = length - count + group_size(count);
    return size <= in.size ? size : 0;
}

struct slice hj212_unprint(struct slice segment, uint8_t *out)
{
    size_t brace = brace_at(segment);
    memcpy(out, segment.ptr, brace);
    size_t count = read_group(slice_tail(segment, brace), out + brace);
    struct slice rest = slice_tail(segment, brace + group_size(count));
    if (rest.size > 0) {
        memcpy(out + brace + count, rest.ptr, rest.size);
    }
    return slice_from(out, brace + count + rest.size);
}

/* The size of the full blocks between && and &&. */
static size_t blocks_size(struct slice cp)
{
    size_t inside = cp.size < 4 || !slice_starts(cp, "&&") ? 0 : cp.size - 4;
    return inside / SM4_BLOCK_SIZE * SM4_BLOCK_SIZE;
}

/* Every item begins with a name, so the first block of a plain CP is printable ASCII; that of a cipher is so once
 * in ten million. */
bool hj212_is_sealed(struct slice cp)
{
    if (blocks_size(cp) == 0) {
        return false;
    }
    for (size_t i = 2; i < 2 + SM4_BLOCK_SIZE; i++) {
        if (cp.ptr[i] < 0x20 || cp.ptr[i] > 0x7E) {
            return true;
        }
    }
    return false;
}

struct slice hj212_decrypt(struct slice segment, struct slice cp, struct sm4 *key, uint8_t *out)
{
    size_t size = blocks_size(cp);
    if (size == 0) {
        return (struct slice){0};
    }
    size_t at = (size_t)(cp.ptr - segment.ptr) + 2;
    sm4_decrypt(key, slice_from(segment.ptr + at, size), out + at);
    memcpy(out, segment.ptr, at);
    memcpy(out + at + size, segment.ptr + at + size, segment.size - at - size);
    return slice_from(out, segment.size);
}
