#include "tests/unit/check.h"

#include "tests/unit/hj212_make.h"
#include "validators/hj212_dialects.h"

/* One byte of no encoding, at each place of segments of every size, is found where it stands; without it none is. */
static void test_hj212_dialects__finds_the_first_byte_of_no_encoding(void **unused)
{
    (void)unused;
    enum { SIZES = 140, CRC_SIZE = 4 };
    static const struct decode_context CONTEXT;
    static struct message message;
    for (size_t size = 1; size <= SIZES; size++) {
        char text[SIZES + CRC_SIZE];
        memset(text, '~', sizeof text);
        for (size_t at = 0; at <= size; at++) {
            for (size_t second = at; second <= size; second += 31) {
                uint8_t *copy = exact_copy(text, size + CRC_SIZE);
                struct hj212_cut cut = {.segment = {copy, size}};
                memset(copy + size, '0', CRC_SIZE);
                memset(copy + second, second < size ? 0xFF : '0', 1);
                memset(copy + at, at < size ? 0xFF : '0', 1);
                memset(&message, 0, sizeof message);
                message.device = NONE;
                message.segment = cut.segment;
                hj212_dialects_mark(&CONTEXT, &message, &cut);
                bool found = rule_set_has(&message.verdict.broken, RULE_TEXT_ENCODING);
                assert_int_equal(at < size, found);
                if (found) {
                    assert_ptr_equal(copy + at, message.places[RULE_TEXT_ENCODING].ptr);
                }
                free(copy);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hj212_dialects__finds_the_first_byte_of_no_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
