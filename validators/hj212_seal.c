#include "validators/hj212_seal.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <string.h>

#include "validators/hj212_frame.h"

static const char BLANK[] = "CP=&&NewSK=****************;";

enum { CP_AT = 5, KEY_AT = 11, CP_END_SIZE = 2, SEGMENT_SIZE = 1024 };

void hj212_seal_blank(struct slice create_time, struct text *cp)
{
    text_add(cp, BLANK + CP_AT);
    text_add(cp, "SKCreateTime=");
    text_add_slice(cp, create_time);
}

/* Nothing in it would end the item, or the frame. */
static bool is_text(const uint8_t key[static SM4_KEY_SIZE])
{
    static const char ENDS[] = ";,=&";
    for (size_t i = 0; i < SM4_KEY_SIZE; i++) {
        if (key[i] <= 0x20 || key[i] > 0x7E || memchr(ENDS, key[i], sizeof ENDS - 1) != NULL) {
            return false;
        }
    }
    return true;
}

static size_t blank_at(struct slice segment)
{
    size_t at = 0;
    while (!slice_starts(slice_tail(segment, at), BLANK)) {
        assert(at < segment.size); /* it was written by hj212_seal_blank */
        at += 1;
    }
    return at;
}

bool hj212_seal(struct slice segment, const struct sm4 *key, const struct sm4 *under,
    enum crc_kind crc, struct text *frame)
{
    uint8_t plain[SEGMENT_SIZE];
    size_t at = blank_at(segment), begin = frame->size;
    size_t inside = segment.size - at - CP_AT - CP_END_SIZE;
    size_t blocks = inside / SM4_BLOCK_SIZE * SM4_BLOCK_SIZE;
    assert(segment.size <= sizeof plain && blocks >= KEY_AT - CP_AT + SM4_KEY_SIZE);
    if (!is_text(sm4_key(key))) {
        return false;
    }
    memcpy(plain, segment.ptr, segment.size);
    memcpy(plain + at + KEY_AT, sm4_key(key), SM4_KEY_SIZE);
    hj212_frame_write(frame, slice_from(plain, segment.size), crc);
    OPENSSL_cleanse(plain, sizeof plain);
    uint8_t *cp = (uint8_t *)frame->at + begin + HJ212_PREFIX_SIZE + at + CP_AT;
    sm4_encrypt(sm4_key(under), slice_from(cp, blocks), cp);
    assert(!frame->truncated);
    return true;
}
