#include "core/decimal.h"

#include <math.h>

static double power_of_ten(int exponent)
{
    static const double POWER[23] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    return POWER[exponent];
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
    double value = (double)gathered;
    for (; scale > 0; scale -= scale > 22 ? 22 : scale) {
        value *= power_of_ten(scale > 22 ? 22 : scale);
    }
    for (; scale < 0; scale += scale < -22 ? 22 : -scale) {
        value /= power_of_ten(scale < -22 ? 22 : -scale);
    }
    if (!isfinite(value)) {
        return false; /* of 309 digits and more */
    }
    result.integer_digits = result.integer_digits == 0 ? 1 : result.integer_digits;
    result.value = negative ? -value : value;
    *number = result;
    return true;
}
