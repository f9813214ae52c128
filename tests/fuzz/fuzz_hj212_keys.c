#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "validators/decode.h"
#include "validators/hj212_crc.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { SEGMENT_MAX = 9999, ROOM = SEGMENT_MAX + 16 };

#define MN "010000A8900016F000169DC0"

static const struct keyring *keys(void)
{
    static struct keyring *keyring;
    static struct report report;
    static const char FILE_OF[] =
        "mn,key_id,key,from,until\n" MN ",k1,0000000000000000,2026-01-01,\n" MN
        ",k2,0000000000000001,2026-04-01,\n";
    if (keyring == NULL) {
        enum status status =
            keyring_parse(slice_of(FILE_OF), slice_of("keys.csv"), &keyring, &report);
        assert(status == STATUS_OK);
    }
    return keyring;
}

/* Every byte is in one message, whatever is encrypted or seems so. */
static void decode(struct decoder *decoder, struct slice payload)
{
    struct decode_context context = {.keys = keys()};
    size_t at = 0;
    decoder_begin(decoder, &context, payload);
    while (decoder_next(decoder)) {
        assert(decoder->message.offset == at);
        at += decoder->message.size;
    }
    assert(at == payload.size);
}

/* A frame whose CP are these bytes, its full blocks encrypted: what comes out is what went in, or it is refused. */
static void seal_and_open(struct decoder *decoder, struct slice inside)
{
    static const char HEAD[] =
        "QN=20260101000000001;ST=31;CN=2011;PW=123456;MN=" MN ";Flag=8;CP=&&";
    static uint8_t plain[ROOM], frame[ROOM];
    size_t head = sizeof HEAD - 1, segment = head + inside.size + 2;
    if (segment > SEGMENT_MAX || inside.size < SM4_BLOCK_SIZE) {
        return;
    }
    memcpy(plain, HEAD, head);
    memcpy(plain + head, inside.ptr, inside.size);
    memcpy(plain + head + inside.size, "&&", 2);
    uint16_t crc = hj212_crc(CRC_STANDARD, slice_from(plain, segment));
    snprintf((char *)frame, sizeof frame, "##%04zu", segment);
    memcpy(frame + 6, plain, segment);
    size_t blocks = inside.size / SM4_BLOCK_SIZE * SM4_BLOCK_SIZE;
    sm4_encrypt(
        (const uint8_t *)"0000000000000000", slice_from(plain + head, blocks), frame + 6 + head);
    snprintf((char *)frame + 6 + segment, sizeof frame - 6 - segment, "%04X", crc);
    struct decode_context context = {.keys = keys()};
    decoder_begin(decoder, &context, slice_from(frame, segment + 10));
    bool any = decoder_next(decoder);
    assert(any);
    assert(decoder->message.verdict.kind != VERDICT_ACCEPTED ||
           slice_equal(decoder->message.segment, slice_from(plain, segment)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct decoder decoder;
    struct slice input = slice_from(bytes, size);
    decode(&decoder, input);
    seal_and_open(&decoder, input);
    return 0;
}
