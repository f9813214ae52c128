#include "core/decimal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double power_of_ten(int exponent)
{
    static const double POWER[23] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    return POWER[exponent];
}

/* gathered * 10^scale is the nearest double where both are exact. For more digits the C library rounds as
 * well, wherever it runs; a text longer than its buffer is near enough. No locale is ever set. */
static double value_of(struct slice text, uint64_t gathered, int scale)
{
    enum { EXACT_SCALE = 22, BUFFER_SIZE = 128 };
    char digits[BUFFER_SIZE];
    double value = (double)gathered;
    bool exact = gathered < UINT64_C(1) << 53 && scale >= -EXACT_SCALE && scale <= EXACT_SCALE;
    if (!exact && text.size < BUFFER_SIZE) {
        memcpy(digits, text.ptr, text.size);
        digits[text.size] = '\0';
        return fabs(strtod(digits, NULL));
    }
    for (; scale > 0; scale -= scale > EXACT_SCALE ? EXACT_SCALE : scale) {
        value *= power_of_ten(scale > EXACT_SCALE ? EXACT_SCALE : scale);
    }
    for (; scale < 0; scale += scale < -EXACT_SCALE ? EXACT_SCALE : -scale) {
        value /= power_of_ten(scale < -EXACT_SCALE ? EXACT_SCALE : -scale);
    }
    return value;
}

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

/* As devices write them: of so few digits that they are gathered exactly, whatever they are. */
static bool parse_short(struct slice text, size_t first, struct decimal *number, uint64_t *gathered)
{
    size_t zeros = first;
    while (zeros < text.size && text.ptr[zeros] == '0') {
        zeros += 1;
    }
    size_t point = gather(text, zeros, gathered);
    bool has_point = point < text.size && text.ptr[point] == '.';
    size_t end = has_point ? gather(text, point + 1, gathered) : point;
    number->integer_digits = (int)(point - zeros);
    number->decimals = has_point ? (int)(end - point - 1) : 0;
    return end == text.size && end - first > (has_point ? 1 : 0);
}

/* Up to 18 significant digits are gathered exactly; what follows them only scales. */
static bool parse_long(
    struct slice text, size_t first, struct decimal *number, uint64_t *gathered, int *scale)
{
    enum { GATHERED_MAX = 18 };
    bool after_point = false;
    bool any = false;
    int significant = 0;
    for (size_t at = first; at < text.size; at++) {
        uint8_t byte = text.ptr[at];
        if (byte == '.' && !after_point) {
            after_point = true;
            continue;
        }
        if (byte < '0' || byte > '9') {
            return false;
        }
        any = true;
        if (significant < GATHERED_MAX) {
            *gathered = *gathered * 10 + (uint64_t)(byte - '0');
            significant += *gathered > 0 ? 1 : 0;
            *scale -= after_point ? 1 : 0;
        } else {
            *scale += after_point ? 0 : 1;
        }
        number->decimals += after_point ? 1 : 0;
        number->integer_digits += !after_point && (*gathered > 0) ? 1 : 0;
    }
    return any;
}

bool decimal_parse(struct slice text, struct decimal *number)
{
    enum { SHORT_SIZE_MAX = 15 };
    size_t first = text.size > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+') ? 1 : 0;
    uint64_t gathered = 0;
    int scale = 0; /* value = gathered * 10^scale */
    struct decimal result = {0};
    if (text.size <= SHORT_SIZE_MAX) {
        if (!parse_short(text, first, &result, &gathered)) {
            return false;
        }
        result.value = (double)gathered / power_of_ten(result.decimals);
    } else {
        if (!parse_long(text, first, &result, &gathered, &scale)) {
            return false;
        }
        result.value = value_of(text, gathered, scale);
        if (!isfinite(result.value)) {
            return false; /* of 309 digits and more */
        }
    }
    result.integer_digits += result.integer_digits == 0 ? 1 : 0;
    result.value = first == 1 && text.ptr[0] == '-' ? -result.value : result.value;
    *number = result;
    return true;
}
