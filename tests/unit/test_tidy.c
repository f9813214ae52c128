#include <fcntl.h>
#include <sys/stat.h>

#include "tests/unit/journal_make.h"

static const uint64_t NOTHING_KEPT[STREAM_COUNT] = {UINT64_MAX, UINT64_MAX};

/* A journal of many segments, all but the last sealed, that keeps them for a day. */
static struct journal *make_sealed(void)
{
    struct journal_recovery found;
    struct journal_options options = {.directory = folder,
        .segment_size = SEGMENT_SIZE,
        .reserve_size = SEGMENT_SIZE,
        .retention_ms = DAY_MS};
    struct journal *journal = NULL;
    assert_int_equal(STATUS_OK, journal_open(&options, &journal, &found));
    fill(journal, 200);
    seal_all(journal);
    return journal;
}

static void set_time(const char *name, int64_t seconds)
{
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    assert_int_equal(0, utimensat(AT_FDCWD, in_folder(name), times, 0));
}

static void tidy_at(struct journal *journal, uint64_t came_from, int64_t now_ms)
{
    const uint64_t keep_from[STREAM_COUNT] = {came_from, 0};
    assert_int_equal(STATUS_OK, journal_tidy(journal, keep_from, (struct event_time){now_ms}));
}

static uint64_t first_of(uint32_t number)
{
    struct journal_reader *reader;
    struct record record;
    uint64_t sequence = 1;
    assert_int_equal(STATUS_OK, journal_reader_open(folder, STREAM_CAME, 1, &reader));
    do {
        assert_int_equal(STATUS_OK, journal_reader_next(reader, &record));
        sequence = record.sequence;
    } while (journal_reader_segment(reader) < number);
    journal_reader_close(reader);
    return sequence;
}

static void test_tidy__a_segment_goes_by_its_age_and_not_a_moment_earlier(void **unused)
{
    (void)unused;
    struct journal *journal = make_sealed();
    set_time("came-00000001.hjj.zst", 1000);
    set_time("came-00000002.hjj.zst", 1001);
    tidy_at(journal, UINT64_MAX, 1000 * SECOND_MS + DAY_MS - 1);
    assert_true(is_there("came-00000001.hjj.zst"));
    tidy_at(journal, UINT64_MAX, 1000 * SECOND_MS + DAY_MS);
    assert_false(is_there("came-00000001.hjj.zst"));
    assert_true(is_there("came-00000002.hjj.zst"));
    assert_true(is_there("said-00000001.hjj.zst")); /* of that stream everything is wanted */
    journal_close(journal);
}

static void test_tidy__what_is_wanted_stays_however_old(void **unused)
{
    (void)unused;
    struct journal *journal = make_sealed();
    uint64_t third = first_of(3);
    for (int i = 1; i <= 3; i++) {
        char name[40];
        snprintf(name, sizeof name, "came-%08d.hjj.zst", i);
        set_time(name, 1000);
    }
    tidy_at(journal, third - 1, INT64_MAX / 2); /* the last record of the second */
    assert_false(is_there("came-00000001.hjj.zst"));
    assert_true(is_there("came-00000002.hjj.zst"));
    tidy_at(journal, third, 1000 * SECOND_MS + DAY_MS);
    assert_false(is_there("came-00000002.hjj.zst"));
    assert_true(is_there("came-00000003.hjj.zst"));
    journal_close(journal);
}

static void test_tidy__never_takes_what_is_written_or_not_yet_synced(void **unused)
{
    (void)unused;
    struct journal *journal = make_sealed();
    enum status last;
    assert_int_equal(
        STATUS_OK, journal_tidy(journal, NOTHING_KEPT, (struct event_time){INT64_MAX / 2}));
    uint64_t left = read_all(folder, STREAM_CAME, &last);
    assert_true(left > 0 && left < 60); /* the one that is written */
    char payload[300];
    memset(payload, 'y', sizeof payload - 1);
    payload[sizeof payload - 1] = '\0';
    for (int i = 0; i < 30; i++) {
        append(journal, STREAM_CAME, payload); /* into the next one, and no commit */
    }
    assert_int_equal(
        STATUS_OK, journal_tidy(journal, NOTHING_KEPT, (struct event_time){INT64_MAX / 2}));
    assert_int_equal(left + 30, read_all(folder, STREAM_CAME, &last));
    commit(journal);
    journal_close(journal);
}

/* From every record on, over sealed and open segments, while they are sealed and taken under it. */
static void test_tidy__disturbs_no_reader(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct journal_reader *reader;
    struct record record;
    struct journal *journal = open_at(folder, &found);
    fill(journal, 200);
    assert_int_equal(STATUS_OK, journal_reader_open(folder, STREAM_CAME, 1, &reader));
    for (uint64_t sequence = 1; sequence <= 200; sequence++) {
        assert_int_equal(STATUS_OK, journal_reader_next(reader, &record));
        assert_int_equal(sequence, record.sequence);
        if (sequence == 30) {
            seal_all(journal); /* the one it stands in, and those behind it */
        }
    }
    assert_int_equal(STATUS_ABSENT, journal_reader_next(reader, &record));
    journal_reader_close(reader);

    for (uint64_t from = 1; from <= 200; from++) {
        assert_int_equal(STATUS_OK, journal_reader_open(folder, STREAM_CAME, from, &reader));
        assert_int_equal(STATUS_OK, journal_reader_next(reader, &record));
        assert_int_equal(from, record.sequence);
        journal_reader_close(reader);
    }

    /* A reader that lags behind retention goes on with what is left. */
    assert_int_equal(STATUS_OK, journal_reader_open(folder, STREAM_CAME, 1, &reader));
    assert_int_equal(STATUS_OK, journal_reader_next(reader, &record));
    assert_int_equal(
        STATUS_OK, journal_tidy(journal, NOTHING_KEPT, (struct event_time){INT64_MAX / 2}));
    uint64_t last = record.sequence, jumps = 0;
    while (journal_reader_next(reader, &record) == STATUS_OK) {
        jumps += record.sequence != last + 1;
        last = record.sequence;
    }
    assert_int_equal(200, last);
    assert_int_equal(1, jumps);
    journal_reader_close(reader);
    journal_close(journal);
}

static void test_tidy__a_damaged_sealed_segment_is_an_error_and_no_end(void **unused)
{
    (void)unused;
    struct journal *journal = make_sealed();
    enum status last;
    assert_int_equal(0, truncate(in_folder("came-00000002.hjj.zst"), 60));
    uint64_t before = first_of(1);
    uint64_t count = read_all(folder, STREAM_CAME, &last);
    assert_int_equal(STATUS_CORRUPT, last);
    assert_true(count > before && count < 100); /* all of the first segment */
    struct journal_reader *reader;
    struct record record;
    assert_int_equal(STATUS_OK, journal_reader_open(folder, STREAM_CAME, 150, &reader));
    assert_int_equal(STATUS_OK, journal_reader_next(reader, &record)); /* behind it all is well */
    assert_int_equal(150, record.sequence);
    journal_reader_close(reader);
    journal_close(journal);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_tidy__a_segment_goes_by_its_age_and_not_a_moment_earlier),
        IN_FOLDER(test_tidy__what_is_wanted_stays_however_old),
        IN_FOLDER(test_tidy__never_takes_what_is_written_or_not_yet_synced),
        IN_FOLDER(test_tidy__disturbs_no_reader),
        IN_FOLDER(test_tidy__a_damaged_sealed_segment_is_an_error_and_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
