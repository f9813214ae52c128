#include <assert.h>
#include <string.h>

#include "validators/decode.h"
#include "validators/hj212_fields.h"
#include "validators/hj212_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void within(struct slice part, struct slice whole)
{
    bool constant = part.size == 8 && memcmp(part.ptr, "DataTime", 8) == 0;
    assert(part.size == 0 || constant ||
           (part.ptr >= whole.ptr && part.ptr + part.size <= whole.ptr + whole.size));
}

/* A segment is read without its CRC in the way; all that is read borrows from it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct hj212_reader reader;
    static struct message message;
    struct decode_context context = {0};
    struct slice segment = slice_from(bytes, size);
    struct slice cp;
    memset(&message, 0, offsetof(struct message, fields));
    message.reading_count = 0;
    message.device = NONE;
    hj212_header_read(&message, segment, &cp);
    hj212_edition(&context, &message);
    hj212_items_read(&message, &reader, cp);
    hj212_judge(&context, &message, cp.size > 0);
    within(message.mn, segment);
    within(message.datatime, segment);
    for (size_t i = 0; i < message.reading_count; i++) {
        within(message.readings[i].factor, segment);
        within(message.readings[i].text, segment);
        within(message.readings[i].flag, segment);
        assert(!message.readings[i].has_value || message.readings[i].text.size > 0);
    }
    return 0;
}
