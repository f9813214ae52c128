#include "core/decimal.h"

#include <math.h>

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
    enum {
        EXACT_SIZE = 15
    }; /* so many digits are gathered exactly, and scaled with one rounding */
    static const double POWER[EXACT_SIZE] = {
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
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
