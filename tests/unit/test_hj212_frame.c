#include "tests/unit/check.h"

#include "tests/unit/hj212_make.h"
#include "validators/hj212_frame.h"

#define SEGMENT "QN=20260101000000001;ST=31;CN=2011;PW=123456;MN=M;Flag=4;CP=&&a-Rtd=1&&"
#define FRAME   "##0005hello1A2b"

/* With as many looks as any payload begins with. */
static struct hj212_cut cut_one(struct slice in)
{
    unsigned looks = 16;
    return hj212_frame_cut(in, &looks);
}

static bool broken_only(const struct rule_set *broken, enum validity_rule id)
{
    struct rule_set want = {0};
    rule_set_add(&want, id);
    return memcmp(&want, broken, sizeof want) == 0;
}

static void test_hj212_frame__cuts_one_frame_and_its_line_end(void **unused)
{
    (void)unused;
    static const struct {
        const char *in;
        size_t used_size;
        bool marked;
    } ROWS[] = {
        {FRAME "\r\n", 17, false},
        {FRAME "\r\n##", 17, false},
        {FRAME, 15, true},
        {FRAME "##", 15, true},
        {FRAME "\n", 16, true},
        {FRAME "\r", 16, true},
        {FRAME "  ", 17, true},
        {FRAME "\\r\\n", 19, true},
        {FRAME "\\r\\n\r\n", 21, true},
        {FRAME "\r\n\r\n  \n##", 22, true},
        {FRAME "\r\nx", 17, false},
        {FRAME "x", 15, true},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct hj212_cut cut = cut_one(slice_of(ROWS[i].in));
        assert_true(cut.is_frame);
        assert_int_equal(ROWS[i].used_size, cut.used_size);
        assert_true(slice_is(cut.segment, "hello"));
        assert_int_equal(0x1A2B, cut.crc_sent);
        assert_int_equal(ROWS[i].marked, rule_set_has(&cut.broken, RULE_LINE_END));
        assert_int_equal(!ROWS[i].marked, rule_set_empty(&cut.broken));
    }
}

static void test_hj212_frame__says_why_a_run_is_none_and_where_it_ends(void **unused)
{
    (void)unused;
    static const struct {
        const char *in;
        size_t used_size;
        enum validity_rule why;
    } ROWS[] = {
        {"x", 1, RULE_FRAME_JUNK},
        {"noise # ## more" FRAME, 15, RULE_FRAME_JUNK},
        {"#" FRAME, 1, RULE_LENGTH_DIGITS}, /* ###0: the first two begin a frame, so it seems */
        {"\r\n" FRAME, 2, RULE_FRAME_JUNK},
        {"##", 2, RULE_FRAME_TRUNCATED},
        {"##0005hell", 10, RULE_FRAME_TRUNCATED},
        {"##0005hello1A2", 14, RULE_FRAME_TRUNCATED},
        {"##00a5hello1A2B", 15, RULE_LENGTH_DIGITS},
        {"## 005hello1A2B", 15, RULE_LENGTH_DIGITS},
        {"##0004hello1A2B", 15, RULE_LENGTH_WRONG},
        {"##0005hello1A2G", 15, RULE_LENGTH_WRONG},
        {"##9999hello1A2B" FRAME, 15, RULE_FRAME_TRUNCATED},
        {"##0004hello1A2B\r\n" FRAME, 17, RULE_LENGTH_WRONG},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct hj212_cut cut = cut_one(slice_of(ROWS[i].in));
        assert_false(cut.is_frame);
        assert_int_equal(ROWS[i].used_size, cut.used_size);
        assert_true(broken_only(&cut.broken, ROWS[i].why));
    }
}

static void test_hj212_frame__nothing_in_is_nothing_out(void **unused)
{
    (void)unused;
    struct hj212_cut cut = cut_one((struct slice){0});
    assert_false(cut.is_frame);
    assert_int_equal(0, cut.used_size);
}

/* From exact-size heap copies: the sanitizer sees a look beyond the end. */
static void test_hj212_frame__every_truncation_is_one_run(void **unused)
{
    (void)unused;
    char frame[FRAME_SIZE_MAX];
    size_t whole = frame_append(frame, 0, SEGMENT);
    for (size_t size = 1; size < whole; size++) {
        uint8_t *copy = exact_copy(frame, size);
        struct hj212_cut cut = cut_one(slice_from(copy, size));
        assert_int_equal(size, cut.used_size);
        assert_int_equal(size >= whole - 2, cut.is_frame); /* only the line end may be missing */
        free(copy);
    }
}

static void test_hj212_frame__length_digits_may_say_anything(void **unused)
{
    (void)unused;
    char frame[FRAME_SIZE_MAX + 16];
    memset(frame, '0', sizeof frame);
    for (unsigned length = 0; length <= 9999; length += 9) {
        char digits[16];
        snprintf(digits, sizeof digits, "##%04u", length);
        memcpy(frame, digits, 6);
        struct hj212_cut whole = cut_one(slice_from(frame, length + 10));
        assert_true(whole.is_frame);
        assert_int_equal(length, whole.segment.size);
        assert_false(cut_one(slice_from(frame, length + 9)).is_frame);
    }
}

/* A length that leads into a later frame must not take that one along; nor is the run that it belongs to
 * cut in two: noise, a broken-off frame and another are one run. */
static void test_hj212_frame__a_run_goes_on_to_the_next_whole_frame(void **unused)
{
    (void)unused;
    static const char *const BEFORE[] = {
        "##0040QN=20260101000000001;",
        "noise##0040QN=20260101000000001;",
        "##0060QN=20260101000000001;##0040QN=20260101000000001;",
        "\r\n##0068QN=1;ST=31;##0060QN=20260101000000001;##0040QN=20260101000000001;",
    };
    for (size_t i = 0; i < sizeof BEFORE / sizeof BEFORE[0]; i++) {
        char bytes[FRAME_SIZE_MAX];
        size_t first = (size_t)snprintf(bytes, sizeof bytes, "%s", BEFORE[i]);
        size_t size = frame_append(bytes, first, SEGMENT);
        struct hj212_cut cut = cut_one(slice_from(bytes, size));
        assert_false(cut.is_frame);
        assert_int_equal(first, cut.used_size);
        assert_true(cut_one(slice_from(bytes + first, size - first)).is_frame);
    }
}

static void test_hj212_frame__only_a_frame_may_begin_inside_another(void **unused)
{
    (void)unused;
    static const char *const ROWS[] = {
        "##0020x=##00021234A0;CP=&&ABCD", "##0011x=##0003=12A0B1", "##0011X==##0003=1A0B1"};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct hj212_cut cut = cut_one(slice_of(ROWS[i]));
        assert_true(cut.is_frame);
        assert_int_equal(strlen(ROWS[i]), cut.used_size);
    }
    char bytes[FRAME_SIZE_MAX];
    size_t size = frame_append(
        bytes, 0, "QN=1;ST=31;CN=3020;PW=123456;MN=M;CP=&&i11001-Info=//##0004ST=3FFFF//&&");
    struct hj212_cut cut = cut_one(slice_from(bytes, size));
    assert_true(cut.is_frame); /* its CRC holds: what looks like a frame is a text in it */
    assert_int_equal(size, cut.used_size);
}

/* However many frames are broken off, and however they nest, the work stays small. */
static void test_hj212_frame__nested_lengths_cost_no_more_than_others(void **unused)
{
    (void)unused;
    enum { UNIT = 14, SIZE = 64 * 1024 / UNIT * UNIT };
    static char bytes[SIZE];
    for (size_t at = 0; at < SIZE; at += UNIT) {
        memcpy(bytes + at, "##8998AB=CDEF1", UNIT); /* each leads to the 8998 of a later one */
    }
    size_t cuts = 0;
    unsigned looks = 16;
    for (struct slice rest = slice_from(bytes, SIZE); rest.size > 0; cuts++) {
        rest = slice_tail(rest, hj212_frame_cut(rest, &looks).used_size);
    }
    assert_true(cuts < 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hj212_frame__cuts_one_frame_and_its_line_end),
        cmocka_unit_test(test_hj212_frame__says_why_a_run_is_none_and_where_it_ends),
        cmocka_unit_test(test_hj212_frame__nothing_in_is_nothing_out),
        cmocka_unit_test(test_hj212_frame__every_truncation_is_one_run),
        cmocka_unit_test(test_hj212_frame__length_digits_may_say_anything),
        cmocka_unit_test(test_hj212_frame__a_run_goes_on_to_the_next_whole_frame),
        cmocka_unit_test(test_hj212_frame__only_a_frame_may_begin_inside_another),
        cmocka_unit_test(test_hj212_frame__nested_lengths_cost_no_more_than_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
