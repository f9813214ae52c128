#include <assert.h>

#include "validators/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_places(const struct message *message)
{
    struct slice at, payload = message->payload;
    for (unsigned id = 0; id < RULE_COUNT; id++) {
        enum validity_rule rule = (enum validity_rule)id;
        if (rule_set_has(&message->verdict.broken, rule) && message_place(message, rule, &at)) {
            assert(at.ptr >= payload.ptr && at.ptr + at.size <= payload.ptr + payload.size);
        }
    }
}

/* Whatever a profile allows, messages cover every byte once, and what breaks a rule lies in the payload. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct decoder decoder;
    for (unsigned profile = 0; profile < 4; profile++) {
        struct decode_context context = {
            .length = (profile & 1) != 0 ? LENGTH_CHARACTERS : LENGTH_BYTES,
            .charset = (profile & 2) != 0 ? CHARSET_GBK : CHARSET_UTF8};
        size_t covered = 0;
        decoder_begin(&decoder, &context, slice_from(bytes, size));
        while (decoder_next(&decoder)) {
            assert(decoder.message.offset == covered);
            covered += decoder.message.size;
            check_places(&decoder.message);
        }
        assert(covered == size);
    }
    return 0;
}
