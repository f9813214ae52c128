#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/checkpoint.h"
#include "tests/unit/journal_make.h"

static uint64_t count_records(const char *directory, enum stream stream)
{
    struct journal_reader *reader;
    struct record record;
    uint64_t count = 0, last = 0;
    assert_int_equal(STATUS_OK, journal_reader_open(directory, stream, 1, &reader));
    while (journal_reader_next(reader, &record) == STATUS_OK) {
        assert_true(last == 0 || record.sequence == last + 1);
        last = record.sequence;
        count += 1;
    }
    journal_reader_close(reader);
    return count;
}

static void test_journal__reads_back_what_was_appended_over_many_segments(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct journal *journal = open_at(folder, &found);
    char payload[300];
    memset(payload, 'x', sizeof payload - 1);
    payload[sizeof payload - 1] = '\0';
    for (uint64_t i = 1; i <= 400; i++) {
        assert_int_equal(i, append(journal, STREAM_CAME, payload));
        append(journal, STREAM_SAID, "v");
        commit(journal);
    }
    assert_int_equal(400, journal_committed(journal, STREAM_CAME));
    assert_int_equal(400, count_records(folder, STREAM_CAME));
    assert_int_equal(800, count_records(folder, STREAM_SAID)); /* and a commit each */
    const uint64_t keep[STREAM_COUNT] = {1, 1};
    assert_int_equal(STATUS_OK, journal_tidy(journal, keep, (struct event_time){0}));
    assert_true(journal_figures(journal).sealed_segments > 3);
    assert_int_equal(400, count_records(folder, STREAM_CAME)); /* sealed ones read alike */
    journal_close(journal);
    journal = open_at(folder, &found);
    assert_int_equal(401, append(journal, STREAM_CAME, "after"));
    assert_int_equal(3, found.epoch_highest);
    assert_int_equal(401, count_records(folder, STREAM_CAME));
    journal_close(journal);
}

static void test_journal__what_was_not_committed_is_kept_and_comes_into_the_next_digest(
    void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct journal *journal = open_at(folder, &found);
    append(journal, STREAM_CAME, "one");
    commit(journal);
    append(journal, STREAM_CAME, "two");
    journal_close(journal); /* a kill would leave the same */
    journal = open_at(folder, &found);
    assert_int_equal(2, found.came_records);
    assert_int_equal(1, journal_committed(journal, STREAM_CAME));
    commit(journal);
    assert_int_equal(2, journal_committed(journal, STREAM_CAME));
    journal_close(journal);
}

/* Copy the first file of CAME with one thing done to it. */
static void with_damage(const char *directory, void (*damage)(uint8_t *bytes, size_t at), size_t at)
{
    char from[100], to[140], command[400];
    snprintf(command, sizeof command, "rm -rf %s && cp -r %s %s", directory, folder, directory);
    assert_int_equal(0, system(command));
    snprintf(from, sizeof from, "%s/came-00000001.hjj", folder);
    snprintf(to, sizeof to, "%s/came-00000001.hjj", directory);
    uint8_t bytes[SEGMENT_SIZE];
    FILE *file = fopen(from, "rb");
    assert_non_null(file);
    assert_int_equal(SEGMENT_SIZE, fread(bytes, 1, SEGMENT_SIZE, file));
    fclose(file);
    damage(bytes, at);
    file = fopen(to, "wb");
    assert_non_null(file);
    assert_int_equal(SEGMENT_SIZE, fwrite(bytes, 1, SEGMENT_SIZE, file));
    fclose(file);
}

static void cut(uint8_t *bytes, size_t at)
{
    memset(bytes + at, 0, SEGMENT_SIZE - at);
}

static void flip(uint8_t *bytes, size_t at)
{
    bytes[at] ^= 0x10;
}

/* Recovery after any damage keeps a prefix and can go on. */
static void test_journal__keeps_the_longest_valid_prefix(void **unused)
{
    (void)unused;
    enum { RECORDS = 8 };
    struct journal_recovery found;
    struct journal *journal = open_at(folder, &found);
    for (int i = 0; i < RECORDS; i++) {
        append(journal, STREAM_CAME, "payload of a record, 24.");
    }
    commit(journal);
    journal_close(journal);
    const size_t size = 72 + 24 + 24; /* header, topic, payload; a multiple of 8 */
    char copy[80];
    snprintf(copy, sizeof copy, "%s-damaged", folder);
    for (size_t at = SEGMENT_HEADER_SIZE; at < SEGMENT_HEADER_SIZE + RECORDS * size; at += 13) {
        size_t whole = (at - SEGMENT_HEADER_SIZE) / size;
        for (int kind = 0; kind < 2; kind++) {
            with_damage(copy, kind == 0 ? cut : flip, at);
            journal = open_at(copy, &found);
            assert_int_equal(whole, found.came_records);
            assert_int_equal(kind == 1 && whole + 1 < RECORDS, found.beyond_hole_records > 0);
            assert_int_equal(RECORDS - whole, found.lost_records); /* a commit covers them */
            assert_int_equal(RECORDS + 1, append(journal, STREAM_CAME, "next"));
            journal_close(journal);
            journal = open_at(copy, &found); /* that one was lost is no new hole */
            assert_int_equal(whole + 1, found.came_records);
            assert_int_equal(0, found.lost_records + found.beyond_hole_records);
            journal_close(journal);
        }
    }
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", copy);
    assert_int_equal(0, system(command));
}

static void test_journal__a_reader_follows_a_writer(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct journal *journal = open_at(folder, &found);
    struct journal_reader *reader;
    struct record record;
    assert_int_equal(STATUS_OK, journal_reader_open(folder, STREAM_CAME, 1, &reader));
    assert_int_equal(STATUS_ABSENT, journal_reader_next(reader, &record));
    for (int i = 0; i < 500; i++) {
        append(journal, STREAM_CAME, "payload of a record, 24.");
        if (i % 50 == 0) {
            commit(journal); /* makes room for the next segments */
        }
        assert_int_equal(STATUS_OK, journal_reader_next(reader, &record));
        assert_int_equal(i + 1, record.sequence);
        assert_true(slice_is(record.payload, "payload of a record, 24."));
        assert_int_equal(STATUS_ABSENT, journal_reader_next(reader, &record));
    }
    journal_reader_close(reader);
    assert_int_equal(STATUS_OK, journal_reader_open(folder, STREAM_CAME, 321, &reader));
    assert_int_equal(STATUS_OK, journal_reader_next(reader, &record));
    assert_int_equal(321, record.sequence);
    journal_reader_close(reader);
    journal_close(journal);
}

static void test_journal__a_full_disk_is_said_before_anything_is_lost(void **unused)
{
    (void)unused;
    char small[] = "/tmp/hjhub-full-XXXXXX";
    assert_non_null(mkdtemp(small));
    if (mount("none", small, "tmpfs", 0, "size=160k") != 0) {
        rmdir(small);
        skip(); /* not root, or no file systems here */
    }
    struct journal_recovery found;
    struct journal *journal = open_at(small, &found);
    uint64_t kept = 0, sequence;
    struct record record = {.kind = RECORD_MESSAGE, .payload = slice_of("some bytes of a message")};
    while (journal_append(journal, STREAM_CAME, &record, &sequence) == STATUS_OK) {
        kept = sequence;
        if (kept % 20 == 0) {
            commit(journal);
        }
    }
    assert_false(journal_has_room(journal));
    assert_int_equal(kept, count_records(small, STREAM_CAME));
    assert_int_equal(0, mount("none", small, "tmpfs", MS_REMOUNT, "size=4m"));
    assert_true(journal_has_room(journal));
    assert_int_equal(kept + 1, append(journal, STREAM_CAME, "room again"));
    journal_close(journal);
    umount(small);
    rmdir(small);
}

static void test_checkpoint__the_newest_that_checks_is_taken(void **unused)
{
    (void)unused;
    char path[120];
    for (uint64_t sequence = 1; sequence <= 3; sequence++) {
        struct checkpoint checkpoint = {.version = CHECKPOINT_VERSION,
            .came_sequence = sequence,
            .said_sequence = sequence * 2,
            .section_count = 2,
            .sections = {{"state", slice_of("abc")}, {"empty", {0}}}};
        assert_int_equal(STATUS_OK, checkpoint_write(folder, &checkpoint));
    }
    struct checkpoint read;
    assert_int_equal(STATUS_OK, checkpoint_read(folder, 3, 6, &read));
    assert_int_equal(3, read.came_sequence);
    assert_true(slice_is(checkpoint_section(&read, "state"), "abc"));
    assert_int_equal(0, checkpoint_section(&read, "empty").size);
    checkpoint_free(&read);
    assert_int_equal(STATUS_OK, checkpoint_read(folder, 2, 6, &read)); /* not beyond the journal */
    assert_int_equal(2, read.came_sequence);
    checkpoint_free(&read);
    snprintf(path, sizeof path, "%s/checkpoint-%020d.hjc", folder, 3);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, 60, SEEK_SET);
    fputc('Z', file);
    fclose(file);
    log_set_level(LOG_ERROR);
    assert_int_equal(STATUS_OK, checkpoint_read(folder, 3, 6, &read));
    assert_int_equal(2, read.came_sequence);
    checkpoint_free(&read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_journal__reads_back_what_was_appended_over_many_segments, make_folder,
            remove_folder),
        cmocka_unit_test_setup_teardown(
            test_journal__what_was_not_committed_is_kept_and_comes_into_the_next_digest,
            make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            test_journal__keeps_the_longest_valid_prefix, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            test_journal__a_reader_follows_a_writer, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            test_journal__a_full_disk_is_said_before_anything_is_lost, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            test_checkpoint__the_newest_that_checks_is_taken, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
