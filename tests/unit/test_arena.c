#include <stdint.h>

#include "core/arena.h"
#include "tests/unit/check.h"

/* Small ones move, large ones are grown where they are or moved whole; others' blocks stay as they were. */
static void test_arena__what_grows_keeps_what_it_has_and_harms_nobody(void **unused)
{
    (void)unused;
    struct arena arena = {0};
    uint32_t *before = arena_take(&arena, 1, sizeof *before);
    *before = 77;
    uint32_t *list = NULL, *other = NULL;
    size_t count = 0;
    for (size_t capacity = 64; capacity < 300000; capacity = capacity * 2 + 64) {
        list = arena_grow(&arena, list, count, capacity, sizeof *list);
        other = arena_grow(&arena, other, count, capacity, sizeof *other);
        for (; count < capacity; count++) {
            list[count] = (uint32_t)count;
            other[count] = ~(uint32_t)count;
        }
        arena_take(&arena, 100, 1);
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(i, list[i]);
        assert_int_equal(~(uint32_t)i, other[i]);
    }
    assert_int_equal(77, *before);
    arena_free(&arena);
}

static void test_arena__is_zeroed_and_aligned(void **unused)
{
    (void)unused;
    struct arena arena = {0};
    for (size_t size = 1; size < 200000; size = size * 3 + 1) {
        const uint8_t *bytes = arena_take(&arena, size, 1);
        assert_int_equal(0, (uintptr_t)bytes % 16);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(0, bytes[i]);
        }
    }
    arena_free(&arena);
}

/* A large block has a chunk of its own, and the chunk that is being filled goes on being filled. */
static void test_arena__a_large_block_wastes_no_small_ones(void **unused)
{
    (void)unused;
    struct arena arena = {0};
    const uint8_t *first = arena_take(&arena, 16, 1);
    arena_take(&arena, 200000, 1);
    assert_ptr_equal(first + 16, arena_take(&arena, 16, 1));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena__what_grows_keeps_what_it_has_and_harms_nobody),
        cmocka_unit_test(test_arena__is_zeroed_and_aligned),
        cmocka_unit_test(test_arena__a_large_block_wastes_no_small_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
