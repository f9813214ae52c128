#include <assert.h>

#include "validators/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* One pack, one verdict, within bounds. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct decoder decoder;
    struct decode_context context = {
        .format = FORMAT_SENML, .has_arrival = true, .arrival = {INT64_C(1788192000000)}};
    decoder_begin(&decoder, &context, slice_from(bytes, size));
    bool one = decoder_next(&decoder);
    assert(one && decoder.space_used <= DECODER_SPACE_SIZE);
    assert(decoder.message.reading_count <= READINGS_MAX);
    one = decoder_next(&decoder);
    assert(!one);
    return 0;
}
