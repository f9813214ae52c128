#include "core/decimal.h"

#include <endian.h>
#include <math.h>

enum { EXACT_SIZE = 15 }; /* so many digits are gathered exactly, and scaled with one rounding */

static const double POWER[EXACT_SIZE] = {
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};

/* The digits from `at` on, gathered into *sum; where they end. */
static size_t gather(struct slice text, size_t at, uint64_t *sum)
{
    for (; at < text.size; at++) {
        unsigned digit = (unsigned)text.ptr[at] - '0';
        if (digit > 9) {
            break;
        }
        *sum = *sum * 10 + digit;
    }
    return at;
}

bool decimal_parse(struct slice text, struct decimal *number)
{
    bool negative = text.size > 0 && text.ptr[0] == '-';
    size_t first = negative || (text.size > 0 && text.ptr[0] == '+') ? 1 : 0;
    size_t zeros = first;
    uint64_t gathered = 0;
    while (zeros < text.size && text.ptr[zeros] == '0') {
        zeros += 1;
    }
    size_t point = gather(text, zeros, &gathered);
    bool has_point = point < text.size && text.ptr[point] == '.';
    size_t end = has_point ? gather(text, point + 1, &gathered) : point;
    if (end != text.size || end - first == (has_point ? 1 : 0)) {
        return false;
    }
    number->integer_digits = point > zeros ? (int)(point - zeros) : 1;
    number->decimals = has_point ? (int)(end - point - 1) : 0;
    if (text.size > EXACT_SIZE) {
        number->value = decimal_value(text);
        return isfinite(number->value); /* of 309 digits and more it is not */
    }
    double value = (double)gathered / POWER[number->decimals];
    number->value = negative ? -value : value;
    return true;
}

/* Times a byte: that byte eight times. */
static const uint64_t EACH = UINT64_C(0x0101010101010101);

/* Of eight digits, the first in the lowest byte: of each two neighbours 0 to 99 is made, and the sum of these four, each
 * times its power of 100, comes to stand in the upper half: two products at a time, which do not reach each other. */
static uint32_t digits_sum(uint64_t digits)
{
    static const uint64_t FIRST_AND_THIRD = UINT64_C(0x000000FF000000FF);
    uint64_t pairs = digits * 10 + (digits >> 8);
    uint64_t sum = (pairs & FIRST_AND_THIRD) * (100 + (UINT64_C(1000000) << 32)) +
                   (pairs >> 16 & FIRST_AND_THIRD) * (1 + (UINT64_C(10000) << 32));
    return (uint32_t)(sum >> 32);
}

/* The place of the lowest byte whose top bit is set. */
static unsigned first_of(uint64_t tops)
{
    return (unsigned)__builtin_ctzll(tops) / 8;
}

/* All eight at once, the first the lowest. A byte is a digit if it is at most 9 once '0' is taken from it, which sets no
 * top bit; of the others at least the first sets its own, and what it carries over it carries upwards. */
size_t decimal_front(const uint8_t bytes[static DECIMAL_FRONT_SIZE], struct decimal *number)
{
    uint64_t digits = le64toh(word_at(bytes)) ^ EACH * '0';
    uint64_t others = (digits | (digits + EACH * (0x7F - 9))) & EACH * 0x80;
    unsigned integer = others == 0 ? 0 : first_of(others), decimals = 0;
    if (integer == 0 || (integer > 1 && bytes[0] == '0')) {
        return 0;
    }
    if (bytes[integer] == '.') { /* taken out: what stands behind it moves to its place */
        uint64_t behind = UINT64_MAX << integer * 8;
        digits = (digits & ~behind) | (digits >> 8 & behind);
        others &= others - 1;
        decimals = others == 0 ? 0 : first_of(others) - integer - 1;
        if (decimals == 0) {
            return 0;
        }
    }
    /* Zeros in front of it, and nothing behind. */
    digits <<= (DECIMAL_FRONT_SIZE - integer - decimals) * 8;
    number->value = (double)digits_sum(digits) / POWER[decimals];
    number->integer_digits = (int)integer;
    number->decimals = (int)decimals;
    return integer + decimals + (decimals > 0 ? 1 : 0);
}
