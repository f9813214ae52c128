/* With the standard CRC every single changed byte of a frame is caught: all of them, over frames of each edition. */
#include "tests/unit/check.h"
#include "tests/unit/hj212_make.h"
#include "validators/decode.h"

static struct decoder decoder;

static bool same_but_case(uint8_t a, uint8_t b)
{
    return (a | 0x20) == (b | 0x20) && (a | 0x20) >= 'a' && (a | 0x20) <= 'f';
}

/* Not accepted: as a frame, by whatever is left of it. */
static bool caught(const uint8_t *bytes, size_t size)
{
    struct decode_context context = {0};
    decoder_begin(&decoder, &context, slice_from(bytes, size));
    while (decoder_next(&decoder)) {
        if (decoder.message.verdict.kind != VERDICT_REJECTED &&
            decoder.message.verdict.kind != VERDICT_QUARANTINED) {
            return false;
        }
    }
    return true;
}

static void test_changes__of_one_byte_are_all_caught(void **unused)
{
    (void)unused;
    static const char *const SEGMENTS[] = {
        "ST=32;CN=2011;PW=123456;MN=88888888888888;CP=&&DataTime=20040516021000;001-Rtd=1.1&&",
        "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
        "CP=&&RtdInterval=30&&",
        "QN=20260601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;RF=1;"
        "CP=&&DataTime=20260601085800;a34013-Rtd=3.2,a34013-ZsRtd=4.5,a34013-Flag=N&&",
    };
    for (size_t row = 0; row < sizeof SEGMENTS / sizeof SEGMENTS[0]; row++) {
        char frame[FRAME_SIZE_MAX];
        size_t size = frame_append(frame, 0, SEGMENTS[row]);
        uint8_t *bytes = exact_copy(frame, size);
        assert_false(caught(bytes, size));
        for (size_t at = 0; at < size - 2; at++) { /* CR LF says nothing that could be wrong */
            bool digit = at >= size - 6;
            for (unsigned change = 1; change < 256; change++) {
                bytes[at] ^= (uint8_t)change;
                bool same = digit && same_but_case(bytes[at], (uint8_t)frame[at]);
                if (caught(bytes, size) == same) {
                    fail_msg("byte %zu of frame %zu as %02X", at, row, bytes[at]);
                }
                bytes[at] ^= (uint8_t)change;
            }
        }
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes__of_one_byte_are_all_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
