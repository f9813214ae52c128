#include <assert.h>

#include "validators/hj212_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Cutting ends, goes forward and loses no byte. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    unsigned looks = 16;
    struct slice rest = slice_from(bytes, size);
    while (rest.size > 0) {
        struct hj212_cut cut = hj212_frame_cut(rest, &looks);
        assert(cut.used_size >= 1 && cut.used_size <= rest.size);
        assert(!cut.is_frame || cut.segment.size + 10 <= cut.used_size);
        rest = slice_tail(rest, cut.used_size);
    }
    return 0;
}
