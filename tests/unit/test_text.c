#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/text.h"
#include "core/utf8.h"
#include "tests/unit/check.h"

static void assert_text(const char *want, const struct text *text)
{
    char got[512] = {0};
    assert_true(text->size < sizeof got);
    memcpy(got, text->at, text->size);
    assert_string_equal(want, got);
}

static void test_text__writes_numbers_rounded_and_cut(void **unused)
{
    (void)unused;
    static const struct {
        double value;
        int decimals;
        const char *want;
    } ROWS[] = {
        {0, 2, "0"},
        {12.5, 2, "12.5"},
        {12.345, 2, "12.35"},
        {-0.004, 2, "0"},
        {-0.005, 2, "-0.01"},
        {99.999, 2, "100"},
        {1e17, 0, "?"},
        {0.05, 1, "0.1"},
        {1.004, 3, "1.004"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char space[64];
        struct text text = text_in(space, sizeof space);
        text_add_number(&text, ROWS[i].value, ROWS[i].decimals);
        assert_text(ROWS[i].want, &text);
    }
    char space[64];
    struct text text = text_in(space, sizeof space);
    text_add_number(&text, (double)NAN, 2);
    assert_text("?", &text);
}

static void test_text__nothing_leaves_a_json_string(void **unused)
{
    (void)unused;
    static const struct {
        const char *bytes;
        size_t size;
        const char *want;
    } ROWS[] = {
        {"a\"b\\c", 5, "\"a\\\"b\\\\c\""}, {"\x00\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\""},
        {"\xe6\x97\x81", 3, "\"\xe6\x97\x81\""},
        {"\xff\xe6\x97", 3, "\"\\ufffd\\ufffd\""}, /* no UTF-8; a cut sequence */
        {"\xf0\x9f\x98\xe6\x97\x81", 6, "\"\\ufffd\xe6\x97\x81\""},
        {"\xc1\x80", 2, "\"\\ufffd\\ufffd\""},            /* overlong */
        {"\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\""}, /* a surrogate */
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char space[128];
        struct text text = text_in(space, sizeof space);
        text_add_json(&text, slice_from(ROWS[i].bytes, ROWS[i].size));
        assert_text(ROWS[i].want, &text);
    }
}

static void test_text__says_when_something_did_not_fit(void **unused)
{
    (void)unused;
    char space[4];
    struct text text = text_in(space, sizeof space);
    text_add(&text, "abcd");
    assert_false(text.truncated);
    text_add(&text, "e");
    assert_true(text.truncated);
    assert_int_equal(4, text.size);
}

static void test_text__shortest_is_plain_digits_where_that_is_short(void **unused)
{
    (void)unused;
    static const struct {
        double value;
        const char *want;
    } ROWS[] = {
        {0, "0"},
        {-0.0, "-0"},
        {35, "35"},
        {400, "400"},
        {-400.5, "-400.5"},
        {0.1, "0.1"},
        {1.0 / 3, "0.3333333333333333"},
        {123456789.125, "123456789.125"},
        {1e20, "100000000000000000000"},
        {123456789012345680.0, "123456789012345680"},
        {-2.5e-7, "-0.00000025"},
        {1e21, "1e+21"},
        {1e300, "1e+300"},
        {-2.5e-8, "-2.5e-08"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char space[64];
        struct text text = text_in(space, sizeof space);
        text_add_shortest(&text, ROWS[i].value);
        assert_text(ROWS[i].want, &text);
    }
}

static void test_text__decimal_reads_what_the_standard_allows(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        bool valid;
        double value;
        int integer_digits, decimals;
    } ROWS[] = {
        {"0", true, 0, 1, 0},
        {"12.50", true, 12.5, 2, 2},
        {"-0.35", true, -0.35, 1, 2},
        {"+7", true, 7, 1, 0},
        {"007.1", true, 7.1, 1, 1},
        {"5.", true, 5, 1, 0},
        {".5", true, 0.5, 1, 1},
        {"9999.99", true, 9999.99, 4, 2},
        {"123456789012345678901", true, 1.23456789012345678901e20, 21, 0},
        {".", false, 0, 0, 0},
        {"", false, 0, 0, 0},
        {"-", false, 0, 0, 0},
        {"1e3", false, 0, 0, 0},
        {"NaN", false, 0, 0, 0},
        {"1,000", false, 0, 0, 0},
        {" 1", false, 0, 0, 0},
        {"1 ", false, 0, 0, 0},
        {"--1", false, 0, 0, 0},
        {"1.2.3", false, 0, 0, 0},
        {"0x10", false, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct decimal number = {0};
        assert_int_equal(ROWS[i].valid, decimal_parse(slice_of(ROWS[i].text), &number));
        if (ROWS[i].valid) {
            assert_true(number.value == ROWS[i].value);
            assert_int_equal(ROWS[i].integer_digits, number.integer_digits);
            assert_int_equal(ROWS[i].decimals, number.decimals);
        }
    }
}

/* Every size and every byte: one that differs is seen wherever it stands. */
static void test_text__slices_are_equal_byte_for_byte(void **unused)
{
    (void)unused;
    for (size_t size = 0; size <= 24; size++) {
        uint8_t a[24], b[24];
        for (size_t i = 0; i < size; i++) {
            a[i] = b[i] = (uint8_t)('a' + i);
        }
        assert_true(slice_equal(slice_from(a, size), slice_from(b, size)));
        assert_true(size == 0 || !slice_equal(slice_from(a, size), slice_from(b, size - 1)));
        for (size_t i = 0; i < size; i++) {
            b[i] ^= 0x80;
            assert_false(slice_equal(slice_from(a, size), slice_from(b, size)));
            b[i] ^= 0x80;
        }
    }
}

/* Zeros in front change nothing but the way that is taken. */
static void test_text__decimal_of_few_digits_is_that_of_many(void **unused)
{
    (void)unused;
    static const char SIGNS[] = "-+0123456789", BYTES[] = "00123456789..5x";
    uint32_t seed = 212;
    for (int round = 0; round < 200000; round++) {
        char text[16] = "", padded[64] = "";
        seed = seed * 1664525 + 1013904223;
        size_t size = (seed >> 24) % 14;
        for (size_t i = 0; i < size; i++) {
            seed = seed * 1664525 + 1013904223;
            const char *from = i == 0 ? SIGNS : BYTES;
            text[i] = from[(seed >> 16) % strlen(from)];
        }
        bool sign = text[0] == '-' || text[0] == '+';
        snprintf(padded, sizeof padded, "%.*s%s%s", sign ? 1 : 0, text, "0000000000000000",
            text + (sign ? 1 : 0));
        if (strpbrk(text, "0123456789") == NULL) {
            continue; /* the zeros would be its digits */
        }
        struct decimal few = {0}, many = {0};
        bool valid = decimal_parse(slice_of(text), &few);
        assert_int_equal(valid, decimal_parse(slice_of(padded), &many));
        assert_true(few.value == many.value);
        assert_int_equal(few.integer_digits, many.integer_digits);
        assert_int_equal(few.decimals, many.decimals);
    }
}

static void test_text__utf8_is_as_rfc_3629_has_it(void **unused)
{
    (void)unused;
    static const struct {
        const char *bytes;
        size_t size;
        bool valid;
    } ROWS[] = {
        {"", 0, true},
        {"abc", 3, true},
        {"\xc2\x80", 2, true},
        {"\xc1\x80", 2, false},
        {"\xe0\xa0\x80", 3, true},
        {"\xe0\x9f\xbf", 3, false},
        {"\xed\x9f\xbf", 3, true},
        {"\xed\xa0\x80", 3, false},
        {"\xf0\x90\x80\x80", 4, true},
        {"\xf0\x8f\xbf\xbf", 4, false},
        {"\xf4\x8f\xbf\xbf", 4, true},
        {"\xf4\x90\x80\x80", 4, false},
        {"\x80", 1, false},
        {"\xe6\x97", 2, false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(ROWS[i].valid, utf8_valid(slice_from(ROWS[i].bytes, ROWS[i].size)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text__writes_numbers_rounded_and_cut),
        cmocka_unit_test(test_text__nothing_leaves_a_json_string),
        cmocka_unit_test(test_text__says_when_something_did_not_fit),
        cmocka_unit_test(test_text__shortest_is_plain_digits_where_that_is_short),
        cmocka_unit_test(test_text__decimal_reads_what_the_standard_allows),
        cmocka_unit_test(test_text__decimal_of_few_digits_is_that_of_many),
        cmocka_unit_test(test_text__slices_are_equal_byte_for_byte),
        cmocka_unit_test(test_text__utf8_is_as_rfc_3629_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
