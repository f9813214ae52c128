#include "tests/unit/check.h"

#include "tests/unit/hj212_make.h"
#include "validators/hj212_crc.h"

static void test_hj212_crc__agrees_with_worked_values(void **unused)
{
    (void)unused;
    static const struct {
        const char *data;
        uint16_t standard, modbus;
    } ROWS[] = {
        {"", 0xFFFF, 0xFFFF}, {"A", 0x7080, 0x707F}, {"123456789", 0x2F80, 0x4B37},
        {"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&"
         "RtdInterval=30&&",
            0x1C80, 0x0759}, /* 2017 App. A */
        {"QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&",
            0x2200, 0xCCF4}, /* 2025 A.1 as quoted */
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct slice data = slice_of(ROWS[i].data);
        assert_int_equal(ROWS[i].standard, hj212_crc(CRC_STANDARD, data));
        assert_int_equal(ROWS[i].modbus, hj212_crc(CRC_MODBUS, data));
        uint16_t swapped = (uint16_t)(ROWS[i].modbus << 8 | ROWS[i].modbus >> 8);
        assert_int_equal(swapped, hj212_crc(CRC_MODBUS_SWAPPED, data));
    }
}

/* Every byte value, alone and behind others: each entry of a table is used. */
static void test_hj212_crc__agrees_with_the_standard_bit_by_bit(void **unused)
{
    (void)unused;
    uint8_t bytes[600];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    }
    for (size_t size = 0; size <= sizeof bytes; size++) {
        uint8_t *copy = exact_copy(bytes, size);
        assert_int_equal(made_crc(bytes, size), hj212_crc(CRC_STANDARD, slice_from(copy, size)));
        free(copy);
    }
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t one = (uint8_t)byte;
        assert_int_equal(made_crc(&one, 1), hj212_crc(CRC_STANDARD, slice_from(&one, 1)));
    }
}

static void test_hj212_crc__finds_every_changed_byte(void **unused)
{
    (void)unused;
    char text[] = "QN=20260101000000001;ST=31;CN=2011;PW=123456;MN=M;Flag=5;CP=&&a-Rtd=1.5&&";
    struct slice data = slice_from(text, sizeof text - 1);
    uint16_t right = hj212_crc(CRC_STANDARD, data);
    for (size_t at = 0; at < data.size; at++) {
        char kept = text[at];
        for (int other = 0; other < 256; other++) {
            text[at] = (char)other;
            assert_true(text[at] == kept || hj212_crc(CRC_STANDARD, data) != right);
        }
        text[at] = kept;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hj212_crc__agrees_with_worked_values),
        cmocka_unit_test(test_hj212_crc__agrees_with_the_standard_bit_by_bit),
        cmocka_unit_test(test_hj212_crc__finds_every_changed_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
