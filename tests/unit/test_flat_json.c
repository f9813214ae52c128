#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/flat_json.h"
#include "core/table.h"
#include "tests/unit/check.h"

static void test_flat_json__takes_one_flat_object_and_nothing_else(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        bool valid;
    } ROWS[] = {
        {"{}", true},
        {" { } ", true},
        {"{\"a\":1}", true},
        {"{\"a\":\"x\",\"b\":true}", true},
        {"{\"a\":null , \"b\":-1.5e3}", true},
        {"", false},
        {"[]", false},
        {"{\"a\":{}}", false},
        {"{\"a\":[1]}", false},
        {"{\"a\":1,}", false},
        {"{\"a\" 1}", false},
        {"{a:1}", false},
        {"{\"a\":1}{", false},
        {"{\"a\":1,\"a\":2}", false},
        {"{\"a\":\"x}", false},
        {"{\"a\":tru}", false},
        {"{\"a\":\"\\q\"}", false},
        {"{\"a\":\"\\ud800\"}", false},
        {"{\"a\":\"\xff\"}", false},
        {"{\"a\":\"\n\"}", false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct flat_json json;
        size_t size = strlen(ROWS[i].text);
        uint8_t *copy = malloc(size + 1); /* an exact-size copy: reading over its end is seen */
        assert_non_null(copy);
        memcpy(copy, ROWS[i].text, size);
        uint8_t *exact = realloc(copy, size == 0 ? 1 : size);
        assert_int_equal(ROWS[i].valid, flat_json_read(&json, slice_from(exact, size)));
        free(exact);
    }
}

static void test_flat_json__undoes_escapes(void **unused)
{
    (void)unused;
    struct flat_json json;
    int64_t number = 0;
    assert_true(flat_json_read(
        &json, slice_of("{\"a\":\"\\u65c1\\\"\\n\\ud83d\\ude00\",\"n\":-42,\"s\":\"7\"}")));
    assert_true(slice_is(flat_json_string(&json, "a"), "\xe6\x97\x81\"\n\xf0\x9f\x98\x80"));
    assert_true(flat_json_int(&json, "n", &number));
    assert_int_equal(-42, number);
    assert_false(flat_json_int(&json, "s", &number)); /* a string is no number */
    assert_int_equal(0, flat_json_string(&json, "n").size);
    assert_int_equal(0, flat_json_string(&json, "none").size);
}

static void test_flat_json__every_truncation_is_refused(void **unused)
{
    (void)unused;
    static const char TEXT[] = "{\"id\":\"c-1\",\"transition\":12,\"ok\":true}";
    for (size_t size = 0; size + 1 < sizeof TEXT; size++) {
        struct flat_json json;
        uint8_t *exact = malloc(size == 0 ? 1 : size);
        assert_non_null(exact);
        memcpy(exact, TEXT, size);
        assert_false(flat_json_read(&json, slice_from(exact, size)));
        free(exact);
    }
}

static void test_table__finds_what_was_added_first(void **unused)
{
    (void)unused;
    struct arena arena = {0};
    struct table table = table_new(&arena, 1000);
    char key[16];
    for (uint32_t i = 0; i < 1000; i++) {
        int size = snprintf(key, sizeof key, "mn-%u", i);
        struct slice copy = arena_copy(&arena, slice_from(key, (size_t)size));
        assert_int_equal(i, table_add(&table, copy, i));
        assert_int_equal(i, table_add(&table, copy, i + 1)); /* known: nothing changes */
    }
    assert_int_equal(567, table_find(&table, slice_of("mn-567")));
    assert_int_equal(TABLE_NONE, table_find(&table, slice_of("mn-1000")));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flat_json__takes_one_flat_object_and_nothing_else),
        cmocka_unit_test(test_flat_json__undoes_escapes),
        cmocka_unit_test(test_flat_json__every_truncation_is_refused),
        cmocka_unit_test(test_table__finds_what_was_added_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
