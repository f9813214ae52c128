#include <stdio.h>

#include "tests/unit/check.h"
#include "validators/keyring.h"

#define HEAD "mn,key_id,key,from,until\n"
#define KEY  "aB3dE6gH9jK2mN5p"

static struct report report;
static struct keyring *keyring;

static int setup(void **unused)
{
    (void)unused;
    report = (struct report){0};
    keyring = NULL;
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    keyring_free(keyring);
    report_free(&report);
    return 0;
}

static enum status parse(const char *text)
{
    return keyring_parse(slice_of(text), slice_of("keys.csv"), &keyring, &report);
}

static void test_keyring__reads_characters_and_digits_as_the_same_key(void **unused)
{
    (void)unused;
    assert_int_equal(STATUS_OK,
        parse("# keys of the area\n" HEAD "M1,k1,0000000000000000,2026-01-01,\r\n"
              "M2,k1,30303030303030303030303030303030,2026-01-01T00:00:00+08:00,2026-02-01\n"));
    assert_int_equal(2, keyring->count);
    assert_string_equal(keyring->keys[0].check, keyring->keys[1].check);
    assert_int_equal(keyring->keys[0].from.ms, keyring->keys[1].from.ms);
    assert_int_equal(90LL * DAY_MS, keyring->keys[0].until.ms - keyring->keys[0].from.ms);
    assert_int_equal(31LL * DAY_MS, keyring->keys[1].until.ms - keyring->keys[1].from.ms);
}

static void test_keyring__the_newest_key_of_a_device_comes_first(void **unused)
{
    (void)unused;
    assert_int_equal(
        STATUS_OK, parse(HEAD "M2,only," KEY ",2026-01-01,\nM1,old," KEY ",2026-01-01,\n"
                              "M1,new,0000000000000001,2026-04-01,\n"));
    struct key_range range = keyring_of(keyring, slice_of("M1"));
    assert_int_equal(2, range.count);
    assert_true(slice_is(range.first[0].id, "new"));
    assert_true(slice_is(keyring_find(keyring, slice_of("M1"), slice_of("old"))->id, "old"));
    assert_null(keyring_find(keyring, slice_of("M1"), slice_of("only")));
    assert_int_equal(0, keyring_of(keyring, slice_of("M11")).count);
    assert_int_equal(0, keyring_of(keyring, slice_of("")).count);
}

static void test_keyring__refuses_a_row_and_never_quotes_the_key(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        uint32_t line, column;
    } ROWS[] = {
        {"M1,k1," KEY ",2026-01-01,\n", 1, 1},          /* no head */
        {HEAD "M1,k1," KEY ",2026-01-01\n", 2, 1},      /* four cells */
        {HEAD "M 1,k1," KEY ",2026-01-01,\n", 2, 1},    /* a blank in MN */
        {HEAD "M1,," KEY ",2026-01-01,\n", 2, 2},       /* no id */
        {HEAD "M1,k1," KEY "x,2026-01-01,\n", 2, 3},    /* 17 characters */
        {HEAD "M1,k1," KEY KEY ",2026-01-01,\n", 2, 3}, /* 32 that are no digits */
        {HEAD "M1,k1," KEY ",2026-02-30,\n", 2, 4},     /* no such day */
        {HEAD "M1,k1," KEY ",2026-01-01,soon\n", 2, 5}, /* no time */
        {HEAD "M1,k1," KEY ",2026-01-02,2026-01-01\n", 2, 5},
        {HEAD "M1,k1," KEY ",2026-01-01,\n\nM1,k1," KEY ",2026-04-01,\n", 0, 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        report = (struct report){0};
        assert_int_equal(STATUS_INVALID, parse(ROWS[i].text));
        assert_int_equal(1, report.count);
        assert_int_equal(ROWS[i].line, report.findings[0].line);
        assert_int_equal(ROWS[i].column, report.findings[0].column);
        char words[600] = {0};
        memcpy(words, report.findings[0].words.ptr, report.findings[0].words.size);
        assert_null(strstr(words, KEY));
        report_free(&report);
    }
    report = (struct report){0};
}

static void test_keyring__a_device_has_at_most_64_keys(void **unused)
{
    (void)unused;
    char text[8192] = HEAD;
    size_t size = strlen(text);
    for (int i = 0; i <= KEYS_A_DEVICE_MAX; i++) {
        size +=
            (size_t)snprintf(text + size, sizeof text - size, "M1,k%d," KEY ",2026-01-01,\n", i);
        if (i == KEYS_A_DEVICE_MAX - 1) {
            assert_int_equal(STATUS_OK, parse(text));
            keyring_free(keyring);
            keyring = NULL;
        }
    }
    assert_int_equal(STATUS_INVALID, parse(text));
}

/* What the journal keeps has the id and the validity, and nothing of the key but its check value. */
static void test_keyring__a_record_is_joined_with_the_keys_again(void **unused)
{
    (void)unused;
    struct arena arena = {0};
    struct keyring *joined = NULL, *newer = NULL;
    assert_int_equal(
        STATUS_OK, parse(HEAD "M1,k1," KEY ",2026-01-01,\nM1,k2,0000000000000001,2026-04-01,\n"));
    struct slice record = keyring_record(keyring, &arena);
    char text[1024] = {0};
    memcpy(text, record.ptr, record.size);
    assert_non_null(strstr(text, "M1,k1,"));
    assert_null(strstr(text, KEY));
    assert_int_equal(STATUS_OK, keyring_join(record, keyring, &joined, &report));
    assert_int_equal(2, joined->count);
    assert_non_null(joined->keys[0].cipher);
    struct slice again = keyring_record(joined, &arena);
    assert_memory_equal(record.ptr, again.ptr, record.size);
    keyring_free(joined);

    /* without keys, and with another key under the same id */
    assert_int_equal(STATUS_OK, keyring_join(record, NULL, &joined, &report));
    assert_null(joined->keys[0].cipher);
    keyring_free(joined);
    struct slice other = slice_of(HEAD "M1,k1,0000000000000009,2026-01-01,\n");
    assert_int_equal(STATUS_OK, keyring_parse(other, slice_of("keys.csv"), &newer, &report));
    assert_int_equal(STATUS_INVALID, keyring_join(record, newer, &joined, &report));
    assert_int_equal(1, report.count);
    keyring_free(newer);
    arena_free(&arena);
}

static void test_keyring__nothing_is_a_keyring_without_keys(void **unused)
{
    (void)unused;
    struct arena arena = {0};
    assert_int_equal(STATUS_OK, parse(""));
    assert_int_equal(0, keyring->count);
    assert_int_equal(0, keyring_record(keyring, &arena).size);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_keyring__reads_characters_and_digits_as_the_same_key, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_keyring__the_newest_key_of_a_device_comes_first, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_keyring__refuses_a_row_and_never_quotes_the_key, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_keyring__a_device_has_at_most_64_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_keyring__a_record_is_joined_with_the_keys_again, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_keyring__nothing_is_a_keyring_without_keys, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
