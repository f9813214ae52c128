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

/* Up to 18 significant digits are gathered exactly; what follows them only scales. */
bool decimal_parse(struct slice text, struct decimal *number)
{
    enum { GATHERED_MAX = 18 };
    if (text.size == 0) {
        return false;
    }
    size_t at = text.ptr[0] == '-' || text.ptr[0] == '+' ? 1 : 0;
    bool negative = text.ptr[0] == '-';
    bool after_point = false;
    bool any = false;
    uint64_t gathered = 0;
    int significant = 0;
    int scale = 0; /* value = gathered * 10^scale */
    struct decimal result = {0};
    for (; at < text.size; at++) {
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
            gathered = gathered * 10 + (uint64_t)(byte - '0');
            significant += gathered > 0 ? 1 : 0;
            scale -= after_point ? 1 : 0;
        } else {
            scale += after_point ? 0 : 1;
        }
        result.decimals += after_point ? 1 : 0;
        result.integer_digits += !after_point && (gathered > 0) ? 1 : 0;
    }
    if (!any) {
        return false;
    }
    double value = value_of(text, gathered, scale);
    if (!isfinite(value)) {
        return false; /* of 309 digits and more */
    }
    result.integer_digits = result.integer_digits == 0 ? 1 : result.integer_digits;
    result.value = negative ? -value : value;
    *number = result;
    return true;
}
