#include "detectors/last_digits.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { DIGIT_COUNT = 10 };

static struct slice decimals_of(struct slice text)
{
    size_t point = slice_find(text, 0, '.');
    size_t size = 0;
    struct slice behind = point < text.size ? slice_tail(text, point + 1) : (struct slice){0};
    while (size < behind.size && behind.ptr[size] >= '0' && behind.ptr[size] <= '9') {
        size += 1;
    }
    return slice_head(behind, size);
}

void last_digits_take(struct last_digits *digits, uint32_t block, struct slice text, double value)
{
    assert(block > 0);
    struct slice decimals = decimals_of(text);
    bool repeats = digits->begun != 0 && value == digits->last;
    digits->last = value;
    digits->begun = 1;
    if (decimals.size > digits->decimals) { /* what was counted ended somewhere else */
        digits->decimals = (uint32_t)decimals.size;
        digits->counted = 0;
        memset(digits->counts, 0, sizeof digits->counts);
    }
    if (repeats || digits->decimals == 0) {
        return;
    }
    bool is_finest = decimals.size == digits->decimals;
    digits->counts[is_finest ? decimals.ptr[decimals.size - 1] - '0' : 0] += 1;
    digits->counted += 1;
    if (digits->counted >= block) {
        memcpy(digits->whole, digits->counts, sizeof digits->whole);
        digits->whole_count = digits->counted;
        digits->counted = 0;
        memset(digits->counts, 0, sizeof digits->counts);
    }
}

double last_digits_share(const struct last_digits *digits)
{
    uint32_t most = 0;
    for (int digit = 0; digit < DIGIT_COUNT; digit++) {
        most = digits->whole[digit] > most ? digits->whole[digit] : most;
    }
    return digits->whole_count == 0 ? (double)NAN : (double)most / digits->whole_count;
}

double last_digits_chi(const struct last_digits *digits)
{
    double expected = (double)digits->whole_count / DIGIT_COUNT;
    double chi = 0;
    for (int digit = 0; digit < DIGIT_COUNT; digit++) {
        double off = digits->whole[digit] - expected;
        chi += off * off;
    }
    return digits->whole_count == 0 ? (double)NAN : chi / expected;
}
