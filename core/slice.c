#include "core/slice.h"

int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

bool slice_same_but_case(struct slice a, struct slice b)
{
    for (size_t i = 0; i < a.size && i < b.size; i++) {
        if ((a.ptr[i] | 0x20) != (b.ptr[i] | 0x20)) {
            return false;
        }
    }
    return a.size == b.size;
}

size_t slice_find(struct slice a, size_t from, uint8_t byte)
{
    if (from >= a.size) {
        return a.size;
    }
    const uint8_t *found = memchr(a.ptr + from, byte, a.size - from);
    return found == NULL ? a.size : (size_t)(found - a.ptr);
}

struct slice slice_cut(struct slice *rest, uint8_t byte)
{
    size_t at = slice_find(*rest, 0, byte);
    struct slice before = slice_head(*rest, at);
    *rest = slice_tail(*rest, at + 1);
    return before;
}

bool slice_to_uint(struct slice a, uint64_t max, uint64_t *value)
{
    uint64_t sum = 0;
    if (a.size == 0) {
        return false;
    }
    for (size_t i = 0; i < a.size; i++) {
        uint64_t digit = (uint64_t)a.ptr[i] - '0';
        if (digit > 9) {
            return false;
        }
        if (sum >= UINT64_MAX / 10 && sum > (UINT64_MAX - digit) / 10) {
            return false;
        }
        sum = sum * 10 + digit;
    }
    *value = sum;
    return sum <= max;
}
