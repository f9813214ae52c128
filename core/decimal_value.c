#include <math.h>
#include <stdlib.h>

#include "core/decimal.h"

/* Of a text that is too long for its buffer: 18 significant digits, and what follows them only scales. */
static double near_value(struct slice text)
{
    enum { GATHERED_MAX = 18, EXACT_POWER = 22 };
    uint64_t gathered = 0;
    int significant = 0, scale = 0; /* value = gathered * 10^scale */
    bool after_point = false;
    for (size_t at = 0; at < text.size; at++) {
        if (text.ptr[at] < '0' || text.ptr[at] > '9') {
            after_point = after_point || text.ptr[at] == '.';
        } else if (significant < GATHERED_MAX) {
            gathered = gathered * 10 + (uint64_t)(text.ptr[at] - '0');
            significant += gathered > 0 ? 1 : 0;
            scale -= after_point ? 1 : 0;
        } else {
            scale += after_point ? 0 : 1;
        }
    }
    double value = (double)gathered;
    while (scale != 0 && value != 0 && isfinite(value)) {
        double power = 1;
        int step = scale > 0 ? 1 : -1;
        for (int i = 0; i < EXACT_POWER && scale != 0; i++, scale -= step) {
            power *= 10;
        }
        value = step > 0 ? value * power : value / power;
    }
    return text.ptr[0] == '-' ? -value : value;
}

/* The C library rounds to the nearest, wherever it runs. No locale is ever set. */
double decimal_value(struct slice text)
{
    enum { BUFFER_SIZE = 128 };
    char digits[BUFFER_SIZE];
    if (text.size >= BUFFER_SIZE) {
        return near_value(text);
    }
    memcpy(digits, text.ptr, text.size);
    digits[text.size] = '\0';
    return strtod(digits, NULL);
}
