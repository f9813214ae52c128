#include "core/marks.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Bit i: byte i of these, sixty-four at most, is one of the three. */
static uint64_t marks_plain(struct slice few, const char bytes[static MARK_COUNT])
{
    uint64_t found = 0;
    for (size_t at = 0; at < few.size; at++) {
        found |= (uint64_t)(memchr(bytes, few.ptr[at], MARK_COUNT) != NULL) << at;
    }
    return found;
}

/* Of whole blocks: four parts of sixteen bytes. */
#ifdef __SSE2__
struct wanted {
    __m128i first, second, third;
};

static inline uint64_t marks_part(const uint8_t *bytes, struct wanted wanted)
{
    __m128i part = _mm_loadu_si128((const __m128i *)(const void *)bytes);
    __m128i any = _mm_or_si128(_mm_cmpeq_epi8(part, wanted.first),
        _mm_or_si128(_mm_cmpeq_epi8(part, wanted.second), _mm_cmpeq_epi8(part, wanted.third)));
    return (unsigned)_mm_movemask_epi8(any);
}

static uint64_t marks_block(
    const uint8_t block[static MARKS_BLOCK_SIZE], const char bytes[static MARK_COUNT])
{
    struct wanted wanted = {
        _mm_set1_epi8(bytes[0]), _mm_set1_epi8(bytes[1]), _mm_set1_epi8(bytes[2])};
    return marks_part(block, wanted) | marks_part(block + 16, wanted) << 16 |
           marks_part(block + 32, wanted) << 32 | marks_part(block + 48, wanted) << 48;
}
#else
static uint64_t marks_block(
    const uint8_t block[static MARKS_BLOCK_SIZE], const char bytes[static MARK_COUNT])
{
    return marks_plain(slice_from(block, MARKS_BLOCK_SIZE), bytes);
}
#endif

void marks_seek(struct marks *marks, size_t at)
{
    size_t size = marks->text.size;
    marks->block = at < size ? at : size;
    size_t rest = size - marks->block;
    if (rest > 0 && size >= MARKS_BLOCK_SIZE) {
        /* The last block is the last sixty-four bytes, of which the first were seen before. */
        size_t seen = rest < MARKS_BLOCK_SIZE ? MARKS_BLOCK_SIZE - rest : 0;
        marks->left = marks_block(marks->text.ptr + marks->block - seen, marks->bytes) >> seen;
    } else {
        marks->left = marks_plain(slice_tail(marks->text, marks->block), marks->bytes);
    }
}
