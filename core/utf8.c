#include "core/utf8.h"

static bool within(struct slice bytes, size_t at, uint8_t low, uint8_t high)
{
    return at < bytes.size && bytes.ptr[at] >= low && bytes.ptr[at] <= high;
}

/* RFC 3629 section 4: the second byte's range depends on the first. */
static const struct row {
    uint8_t first_low, first_high, second_low, second_high, size;
} ROWS[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2},
    {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3},
    {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4},
    {0xF4, 0xF4, 0x80, 0x8F, 4},
};

/* How many bytes go well from the front, and in *wanted how many there should be; 0: none begins. */
static size_t good_bytes(struct slice bytes, size_t *wanted)
{
    *wanted = 1;
    if (within(bytes, 0, 0x00, 0x7F)) {
        return 1;
    }
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (within(bytes, 0, ROWS[i].first_low, ROWS[i].first_high)) {
            size_t good = within(bytes, 1, ROWS[i].second_low, ROWS[i].second_high) ? 2 : 1;
            *wanted = ROWS[i].size;
            while (good >= 2 && good < *wanted && within(bytes, good, 0x80, 0xBF)) {
                good += 1;
            }
            return good;
        }
    }
    return 0;
}

size_t utf8_sequence(struct slice bytes)
{
    size_t wanted;
    return good_bytes(bytes, &wanted) == wanted ? wanted : 0;
}

size_t utf8_bad_run(struct slice bytes)
{
    size_t wanted, good = good_bytes(bytes, &wanted);
    return good == 0 ? 1 : good;
}

bool utf8_valid(struct slice bytes)
{
    for (size_t i = 0; i < bytes.size;) {
        if (bytes.ptr[i] < 0x80) { /* nearly all that comes */
            i += 1;
            continue;
        }
        size_t run = utf8_sequence(slice_tail(bytes, i));
        if (run == 0) {
            return false;
        }
        i += run;
    }
    return true;
}
