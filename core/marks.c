#include "core/marks.h"

#ifdef __SSE2__
#include <emmintrin.h>

uint64_t marks_block(
    const uint8_t block[static MARKS_BLOCK_SIZE], const char bytes[static MARK_COUNT])
{
    uint64_t found = 0;
    __m128i first = _mm_set1_epi8(bytes[0]), second = _mm_set1_epi8(bytes[1]);
    __m128i third = _mm_set1_epi8(bytes[2]), fourth = _mm_set1_epi8(bytes[3]);
    for (unsigned at = 0; at < MARKS_BLOCK_SIZE; at += sizeof first) {
        __m128i part = _mm_loadu_si128((const __m128i *)(const void *)(block + at));
        __m128i any =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(part, first), _mm_cmpeq_epi8(part, second)),
                _mm_or_si128(_mm_cmpeq_epi8(part, third), _mm_cmpeq_epi8(part, fourth)));
        found |= (uint64_t)(unsigned)_mm_movemask_epi8(any) << at;
    }
    return found;
}
#else
uint64_t marks_block(
    const uint8_t block[static MARKS_BLOCK_SIZE], const char bytes[static MARK_COUNT])
{
    uint64_t found = 0;
    for (unsigned at = 0; at < MARKS_BLOCK_SIZE; at++) {
        found |= (uint64_t)(memchr(bytes, block[at], MARK_COUNT) != NULL) << at;
    }
    return found;
}
#endif

void marks_seek(struct marks *marks, size_t at)
{
    struct slice rest = slice_tail(marks->text, at);
    uint8_t last[MARKS_BLOCK_SIZE]; /* which is not whole */
    marks->block = at < marks->text.size ? at : marks->text.size;
    if (rest.size >= MARKS_BLOCK_SIZE) {
        marks->left = marks_block(rest.ptr, marks->bytes);
    } else if (rest.size > 0) {
        memcpy(last, rest.ptr, rest.size);
        marks->left = marks_block(last, marks->bytes) & ((UINT64_C(1) << rest.size) - 1);
    } else {
        marks->left = 0;
    }
}
