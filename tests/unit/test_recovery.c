#include <errno.h>
#include <sys/stat.h>

#include "journal/chain.h"
#include "tests/unit/journal_make.h"

static enum status try_open(const char *directory, const char *area, struct journal **journal,
    struct journal_recovery *found)
{
    struct journal_options options = {.directory = directory,
        .area = area,
        .segment_size = SEGMENT_SIZE,
        .reserve_size = SEGMENT_SIZE};
    return journal_open(&options, journal, found);
}

/* What is in the folder now is opened, gets one more record of each stream, and is whole. */
static void goes_on(uint64_t came_next, uint64_t said_next)
{
    struct journal_recovery found;
    struct chain chain;
    struct journal *journal = open_at(folder, &found);
    assert_int_equal(came_next, append(journal, STREAM_CAME, "after"));
    assert_int_equal(said_next, append(journal, STREAM_SAID, "after"));
    commit(journal);
    journal_close(journal);
    assert_int_equal(STATUS_OK, chain_check(folder, 0, &chain));
    assert_int_equal(came_next, chain.came_last);
}

static void test_recovery__a_second_writer_is_refused_while_the_first_has_it(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct journal *first, *second;
    assert_int_equal(STATUS_OK, try_open(folder, NULL, &first, &found));
    assert_int_equal(STATUS_BUSY, try_open(folder, NULL, &second, &found));
    journal_close(first);
    assert_int_equal(STATUS_OK, try_open(folder, NULL, &second, &found));
    journal_close(second);
}

static void test_recovery__a_journal_belongs_to_its_area(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct journal *journal;
    assert_int_equal(STATUS_OK, try_open(folder, "140581", &journal, &found));
    fill(journal, 100);
    seal_all(journal);
    journal_close(journal);
    assert_int_equal(STATUS_REFUSED, try_open(folder, "140582", &journal, &found));
    assert_int_equal(STATUS_REFUSED, try_open(folder, "14058", &journal, &found));
    assert_int_equal(STATUS_OK, try_open(folder, "140581", &journal, &found));
    journal_close(journal);
}

static void test_recovery__a_folder_that_cannot_be_written_says_why(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct journal *journal = open_at(folder, &found);
    fill(journal, 3);
    journal_close(journal);
    if (mount(folder, folder, NULL, MS_BIND, NULL) != 0) {
        skip(); /* not root, or no file systems here */
    }
    assert_int_equal(0, mount(NULL, folder, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
    enum status status = try_open(folder, NULL, &journal, &found);
    assert_int_equal(STATUS_IO, status);
    assert_int_equal(EROFS, found.error);
}

static void test_recovery__what_stands_beyond_a_hole_is_kept_aside(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct journal *journal = open_at(folder, &found);
    for (int i = 0; i < 5; i++) {
        append(journal, STREAM_CAME, "payload of a record, 24.");
    }
    journal_close(journal);
    write_over("came-00000001.hjj", 64 + 120 + 80, "!", 1); /* in the second of 120 bytes each */
    journal = open_at(folder, &found);
    assert_int_equal(1, found.came_records);
    assert_int_equal(3, found.beyond_hole_records);
    assert_int_equal(4, found.zeroed_size / 120); /* with the damaged one */
    assert_true(is_there("came-00000001.beyond"));
    journal_close(journal);
    goes_on(2, 1);
}

static void test_recovery__a_torn_commit_leaves_the_one_before_it(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct journal *journal = open_at(folder, &found);
    append(journal, STREAM_CAME, "one");
    append(journal, STREAM_SAID, "its verdict");
    commit(journal);
    struct stat before;
    assert_int_equal(0, stat(in_folder("said-00000001.hjj"), &before));
    append(journal, STREAM_CAME, "two");
    commit(journal);
    journal_close(journal);
    /* said: 112 for the verdict, 184 for each commit, without a topic */
    write_over("said-00000001.hjj", 64 + 112 + 184 + 100, "torn", 4);
    journal = open_at(folder, &found);
    assert_int_equal(2, found.came_records);
    assert_int_equal(2, found.said_records);
    assert_int_equal(1, journal_committed(journal, STREAM_CAME));
    assert_int_equal(2, journal_committed(journal, STREAM_SAID));
    journal_close(journal);
    goes_on(3, 3);
}

static void test_recovery__a_missing_segment_ends_the_prefix_and_gives_no_sequence_again(
    void **unused)
{
    (void)unused;
    struct journal_recovery found;
    enum status last;
    struct journal *journal = open_at(folder, &found);
    fill(journal, 120);
    journal_close(journal);
    assert_int_equal(0, unlink(in_folder("came-00000002.hjj")));
    uint64_t before = read_all(folder, STREAM_CAME, &last);
    assert_int_equal(STATUS_CORRUPT, last); /* not "nothing yet" */
    journal = open_at(folder, &found);
    assert_int_equal(before, found.came_records);
    assert_int_equal(120 - before, found.lost_records);
    assert_true(found.beyond_hole_records > 0 && is_there("came-00000003.beyond"));
    assert_int_equal(121, append(journal, STREAM_CAME, "after"));
    commit(journal);
    journal_close(journal);
    journal = open_at(folder, &found);
    assert_int_equal(before + 1, found.came_records);
    assert_int_equal(122, append(journal, STREAM_CAME, "after"));
    assert_int_equal(before + 2, read_all(folder, STREAM_CAME, &last));
    assert_int_equal(STATUS_ABSENT, last);
    journal_close(journal);
}

static void test_recovery__sealed_segments_alone_are_enough_to_go_on(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct journal *journal = open_at(folder, &found);
    fill(journal, 120);
    seal_all(journal);
    journal_close(journal);
    char command[200];
    snprintf(command, sizeof command, "rm %s/*.hjj", folder);
    assert_int_equal(0, system(command));
    enum status last;
    uint64_t came = read_all(folder, STREAM_CAME, &last),
             said = read_all(folder, STREAM_SAID, &last);
    assert_true(came > 50 && said > 100);
    journal = open_at(folder, &found);
    assert_int_equal(3, found.epoch_highest);
    /* said's last sealed commit speaks of records whose segment went with the plain ones */
    uint64_t covered = journal_committed(journal, STREAM_CAME);
    assert_true(covered >= came);
    assert_int_equal(covered - came, found.lost_records);
    assert_int_equal(covered + 1, append(journal, STREAM_CAME, "after"));
    assert_int_equal(said + 1, append(journal, STREAM_SAID, "after"));
    journal_close(journal);
}

static void test_recovery__what_was_said_of_nothing_is_dropped(void **unused)
{
    (void)unused;
    static const uint8_t ZEROS[120];
    struct journal_recovery found;
    struct journal *journal = open_at(folder, &found);
    append(journal, STREAM_CAME, "payload of a record, 24.");
    append_caused(journal, STREAM_SAID, "its verdict", 1);
    commit(journal);
    append(journal, STREAM_CAME, "payload of a record, 24.");
    append_caused(journal, STREAM_SAID, "its verdict", 2);
    append_caused(journal, STREAM_SAID, "its alarm", 2);
    journal_close(journal);
    write_over(
        "came-00000001.hjj", 64 + 120, ZEROS, sizeof ZEROS); /* the page that was not written */
    journal = open_at(folder, &found);
    assert_int_equal(1, found.came_records);
    assert_int_equal(2, found.unfounded_records);
    assert_int_equal(2, found.said_records);
    journal_close(journal);
    goes_on(2, 3);
}

static void test_recovery__a_kill_while_a_file_was_made_or_sealed_is_mended(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct journal *journal = open_at(folder, &found);
    fill(journal, 100);
    journal_close(journal);
    FILE *file = fopen(in_folder("came-00000099.hjj"), "w"); /* made, not yet allocated */
    assert_non_null(file);
    fclose(file);
    char command[300];
    snprintf(command, sizeof command, "cp %s/came-00000001.hjj %s-kept", folder, folder);
    assert_int_equal(0, system(command));
    journal = open_at(folder, &found);
    append(journal, STREAM_CAME, "x");
    append(journal, STREAM_SAID, "x");
    commit(journal);
    seal_all(journal);
    journal_close(journal);
    snprintf(command, sizeof command, "cp %s-kept %s/came-00000001.hjj", folder, folder);
    assert_int_equal(0, system(command)); /* sealed, not yet removed */
    goes_on(102, 203);
    assert_false(is_there("came-00000001.hjj") || is_there("came-00000099.hjj"));
}

static void start_and_append(const char *payload, struct journal **journal)
{
    struct journal_recovery found;
    struct journal_options options = {
        .directory = folder, .segment_size = SEGMENT_SIZE, .reserve_size = 2 * SEGMENT_SIZE};
    assert_int_equal(STATUS_OK, journal_open(&options, journal, &found));
    append(*journal, STREAM_CAME, payload);
    append(*journal, STREAM_SAID, payload);
    commit(*journal);
}

static void test_recovery__a_full_disk_keeps_no_hub_from_starting_while_the_reserve_lasts(
    void **unused)
{
    (void)unused;
    struct journal *journal;
    if (mount("none", folder, "tmpfs", 0, "size=170k") != 0) {
        skip(); /* not root, or no file systems here */
    }
    start_and_append("one", &journal); /* two segments, and four of the reserve */
    assert_true(journal_has_room(journal));
    journal_close(journal);
    char command[200];
    snprintf(command, sizeof command, "cat /dev/zero > %s/others 2>/dev/null; true", folder);
    assert_int_equal(0, system(command));
    start_and_append("two", &journal); /* takes half of the reserve */
    journal_close(journal);
    start_and_append("three", &journal); /* and the other half */
    assert_false(journal_has_room(journal));
    assert_int_equal(0, unlink(in_folder("others")));
    assert_true(journal_has_room(journal));
    journal_close(journal);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_recovery__a_second_writer_is_refused_while_the_first_has_it),
        IN_FOLDER(test_recovery__a_journal_belongs_to_its_area),
        IN_FOLDER(test_recovery__a_folder_that_cannot_be_written_says_why),
        IN_FOLDER(test_recovery__what_stands_beyond_a_hole_is_kept_aside),
        IN_FOLDER(test_recovery__a_torn_commit_leaves_the_one_before_it),
        IN_FOLDER(test_recovery__a_missing_segment_ends_the_prefix_and_gives_no_sequence_again),
        IN_FOLDER(test_recovery__sealed_segments_alone_are_enough_to_go_on),
        IN_FOLDER(test_recovery__what_was_said_of_nothing_is_dropped),
        IN_FOLDER(test_recovery__a_kill_while_a_file_was_made_or_sealed_is_mended),
        IN_FOLDER(test_recovery__a_full_disk_keeps_no_hub_from_starting_while_the_reserve_lasts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
