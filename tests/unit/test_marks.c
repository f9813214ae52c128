#include "core/marks.h"
#include "tests/unit/check.h"
#include "tests/unit/hj212_make.h"

/* Of every size, from everywhere: the places that a look at each byte finds, and nothing behind the end. */
static void test_marks__stand_where_a_plain_look_finds_them(void **unused)
{
    (void)unused;
    static const char BYTES[] = "a;b,c=d-0123456789";
    uint32_t seed = 212;
    for (size_t size = 0; size <= 300; size++) {
        char text[300];
        for (size_t i = 0; i < size; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = BYTES[(seed >> 16) % (size % 3 == 0 ? sizeof BYTES - 1 : 2)];
        }
        uint8_t *copy = exact_copy(text, size);
        struct marks marks = marks_begin(slice_from(copy, size), "=;-");
        size_t at, from = size > 0 ? (seed >> 8) % size : 0;
        for (int walk = 0; walk < 2; walk++) {
            for (size_t i = walk == 0 ? 0 : from; i < size; i++) {
                if (strchr("=;-", text[i]) != NULL) {
                    assert_int_equal(text[i], marks_next(&marks, &at));
                    assert_int_equal(i, at);
                }
            }
            assert_int_equal(0, marks_next(&marks, &at));
            assert_int_equal(size, at);
            marks_seek(&marks, from);
        }
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks__stand_where_a_plain_look_finds_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
