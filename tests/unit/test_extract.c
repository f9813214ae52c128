#include "journal/extract.h"
#include "journal/find.h"
#include "tests/unit/journal_make.h"

/* fill() commits each record that came with one that is said: said 2n is the commit of came n. */
enum { COUNT = 400, SEGMENTS_AT_LEAST = 4 };

static void make(void)
{
    struct journal_recovery found;
    struct journal *journal = open_at(folder, &found);
    fill(journal, COUNT);
    assert_true(journal_figures(journal).segments > 2 * SEGMENTS_AT_LEAST);
    journal_close(journal);
}

static struct chain extract(struct stretch stretch, enum status expected)
{
    struct chain chain = {0};
    char target[100];
    snprintf(target, sizeof target, "%s-extract", folder);
    assert_int_equal(expected, extract_write(folder, &stretch, target, &chain));
    return chain;
}

static uint64_t first_of(enum stream stream)
{
    struct journal_reader *reader;
    struct record record;
    char target[100];
    snprintf(target, sizeof target, "%s-extract", folder);
    assert_int_equal(STATUS_OK, journal_reader_open(target, stream, 1, &reader));
    assert_int_equal(STATUS_OK, journal_reader_next(reader, &record));
    journal_reader_close(reader);
    return record.sequence;
}

static void test_extract__holds_whole_batches_and_the_commit_before(void **unused)
{
    (void)unused;
    make();
    struct chain chain = extract((struct stretch){150, 160, 305, 315}, STATUS_OK);
    assert_int_equal(150, first_of(STREAM_CAME));
    assert_int_equal(298, first_of(STREAM_SAID)); /* the commit of 149, to which 150's is linked */
    assert_int_equal(160, chain.came_last);
    assert_int_equal(320, chain.commit);
    assert_int_equal(12, chain.commits);
}

static void test_extract__reaches_back_to_what_was_said_earlier(void **unused)
{
    (void)unused;
    make();
    struct chain chain = extract((struct stretch){390, 390, 21, 25}, STATUS_OK);
    assert_int_equal(11, first_of(STREAM_CAME));
    assert_int_equal(390, chain.came_last);
}

static void test_extract__of_the_beginning_has_no_commit_before(void **unused)
{
    (void)unused;
    make();
    struct chain chain = extract((struct stretch){1, 2, 1, 3}, STATUS_OK);
    assert_int_equal(1, first_of(STREAM_SAID));
    assert_int_equal(2, chain.commits);
}

static void test_extract__of_what_no_commit_covers_is_absent(void **unused)
{
    (void)unused;
    make();
    extract((struct stretch){COUNT, COUNT + 1, 1, 2}, STATUS_ABSENT);
}

static void test_find__the_last_of_a_kind_and_the_segment_of_an_instant(void **unused)
{
    (void)unused;
    uint64_t sequence;
    make();
    assert_int_equal(STATUS_OK, find_last(folder, STREAM_SAID, RECORD_COMMIT, 301, &sequence));
    assert_int_equal(300, sequence);
    assert_int_equal(STATUS_ABSENT, find_last(folder, STREAM_CAME, RECORD_RULES, 301, &sequence));
    struct event_time never = {INT64_MIN}, ever = {INT64_MAX};
    assert_int_equal(STATUS_OK, find_since(folder, STREAM_CAME, COUNT, never, &sequence));
    assert_int_equal(1, sequence);
    assert_int_equal(STATUS_OK, find_since(folder, STREAM_CAME, 200, ever, &sequence));
    assert_true(sequence > 1 && sequence <= 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_extract__holds_whole_batches_and_the_commit_before, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            test_extract__reaches_back_to_what_was_said_earlier, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            test_extract__of_the_beginning_has_no_commit_before, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            test_extract__of_what_no_commit_covers_is_absent, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_find__the_last_of_a_kind_and_the_segment_of_an_instant,
            make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
