#include "tests/unit/check.h"

#include "core/decimal.h"
#include "tests/unit/hj212_make.h"

/* What decimal_front says of these eight bytes, found byte by byte. */
static size_t plain_front(const uint8_t *bytes)
{
    size_t integer = 0, size;
    while (integer < DECIMAL_FRONT_SIZE && bytes[integer] >= '0' && bytes[integer] <= '9') {
        integer += 1;
    }
    size = integer;
    if (integer < DECIMAL_FRONT_SIZE && bytes[integer] == '.') {
        do {
            size += 1;
        } while (size < DECIMAL_FRONT_SIZE && bytes[size] >= '0' && bytes[size] <= '9');
    }
    bool none = integer == 0 || (integer > 1 && bytes[0] == '0') || size == integer + 1;
    return none || size == DECIMAL_FRONT_SIZE ? 0 : size;
}

static void check_front(const uint8_t *bytes)
{
    struct decimal front = {0}, whole = {0};
    size_t size = decimal_front(bytes, &front);
    assert_int_equal(plain_front(bytes), size);
    if (size > 0) {
        assert_true(decimal_parse(slice_from(bytes, size), &whole));
        assert_true(whole.value == front.value);
        assert_int_equal(whole.integer_digits, front.integer_digits);
        assert_int_equal(whole.decimals, front.decimals);
    }
}

/* Bytes beside those of digits, and what carries furthest. */
static void test_decimal__the_front_is_what_a_plain_look_finds(void **unused)
{
    (void)unused;
    static const char BYTES[] = "019./:,\x7F\x80\xFF";
    enum {
        KINDS = sizeof BYTES - 1,
        CHANGING = 6,
        ALL = KINDS * KINDS * KINDS * KINDS * KINDS * KINDS
    };
    static const char *const ENDS[] = {"5,", "9.", ".1", "\xFF;"};
    uint8_t *bytes = exact_copy("00000000", DECIMAL_FRONT_SIZE);
    for (int row = 0; row < ALL; row++) {
        for (int i = 0, left = row; i < CHANGING; i++, left /= KINDS) {
            bytes[i] = (uint8_t)BYTES[left % KINDS];
        }
        memcpy(bytes + CHANGING, ENDS[row % 4], DECIMAL_FRONT_SIZE - CHANGING);
        check_front(bytes);
    }
    free(bytes);
}

/* Numbers of up to seven digits, and of six with a point at each place. */
static void test_decimal__the_front_is_the_number_that_all_of_it_is(void **unused)
{
    (void)unused;
    for (int value = 0; value < 10000000; value += value < 20000 ? 1 : 997) {
        char text[24];
        snprintf(text, sizeof text, "%d,;;;;;;;", value);
        check_front((const uint8_t *)text);
        for (int point = 1; point < 7; point++) {
            snprintf(text, sizeof text, "%07d;", value);
            memmove(text, text + 1, (size_t)point);
            text[point] = '.';
            check_front((const uint8_t *)text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimal__the_front_is_what_a_plain_look_finds),
        cmocka_unit_test(test_decimal__the_front_is_the_number_that_all_of_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
