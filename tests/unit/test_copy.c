#include <sys/stat.h>

#include "journal/checkpoint.h"
#include "journal/copy.h"
#include "tests/unit/journal_make.h"

/* Names beside the folder; remove_folder takes them too. */
static const char *beside(const char *name)
{
    static char paths[2][100];
    static int turn;
    turn = 1 - turn;
    snprintf(paths[turn], sizeof paths[turn], "%s-%s", folder, name);
    return paths[turn];
}

static uint64_t come(const char *directory)
{
    enum status last;
    return read_all(directory, STREAM_CAME, &last);
}

static void write_checkpoint(uint64_t came, uint64_t said)
{
    struct checkpoint checkpoint = {.version = CHECKPOINT_VERSION,
        .came_sequence = came,
        .said_sequence = said,
        .section_count = 1,
        .sections = {{"state", slice_of("of that moment")}}};
    assert_int_equal(STATUS_OK, checkpoint_write(folder, &checkpoint));
}

static void test_copy__of_a_live_journal_ends_at_a_commit_and_goes_on_as_a_journal(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct copy_result result;
    struct chain chain;
    struct checkpoint checkpoint;
    struct journal *journal = open_at(folder, &found);
    fill(journal, 80);
    seal_all(journal);
    fill(journal, 20);
    write_checkpoint(90, 180);
    append(journal, STREAM_CAME, "not committed");
    append(journal, STREAM_SAID, "nor this");
    write_checkpoint(101, 201);
    assert_int_equal(STATUS_OK, copy_backup(folder, beside("b"), &result));
    assert_int_equal(100, result.chain.came_last);
    assert_int_equal(200, result.chain.commit);
    assert_int_equal(100, result.chain.commits);
    assert_int_equal(100, come(beside("b")));
    assert_int_equal(STATUS_OK, checkpoint_read(beside("b"), 100, 200, &checkpoint));
    assert_int_equal(
        90, checkpoint.came_sequence); /* the newer one covers more than the copy has */
    checkpoint_free(&checkpoint);
    journal_close(journal);

    assert_int_equal(STATUS_OK, copy_restore(beside("b"), beside("r"), &result));
    journal = open_at(beside("r"), &found);
    assert_int_equal(0, found.lost_records + found.beyond_hole_records + found.zeroed_size);
    assert_int_equal(101, append(journal, STREAM_CAME, "after"));
    assert_int_equal(201, append(journal, STREAM_SAID, "after"));
    commit(journal);
    journal_close(journal);
    assert_int_equal(STATUS_OK, chain_check(beside("r"), 0, &chain));
    assert_int_equal(101, chain.commits);
}

static void test_copy__again_takes_only_what_is_new(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct copy_result first, second, third;
    struct journal *journal = open_at(folder, &found);
    fill(journal, 200);
    assert_int_equal(STATUS_OK, copy_backup(folder, beside("b"), &first));
    fill(journal, 5);
    seal_all(journal);
    assert_int_equal(STATUS_OK, copy_backup(folder, beside("b"), &second));
    assert_true(second.segments <= 4 && first.segments > 8);
    assert_int_equal(205, second.chain.came_last);
    assert_int_equal(5, second.chain.commits); /* what was checked then is not checked again */
    assert_int_equal(205, come(beside("b")));
    assert_int_equal(STATUS_OK, copy_backup(folder, beside("b"), &third)); /* nothing new */
    assert_int_equal(205, third.chain.came_last);
    assert_int_equal(STATUS_OK, chain_check(beside("b"), 0, &third.chain));
    assert_int_equal(205, third.chain.commits);
    journal_close(journal);
}

static void test_copy__overwrites_nothing(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct copy_result result;
    char command[300];
    struct journal *journal = open_at(folder, &found);
    assert_int_equal(STATUS_ABSENT, copy_backup(folder, beside("b"), &result)); /* no commit */
    fill(journal, 10);
    snprintf(command, sizeof command, "mkdir %s && touch %s/notes.txt", beside("o"), beside("o"));
    assert_int_equal(0, system(command));
    assert_int_equal(STATUS_REFUSED, copy_backup(folder, beside("o"), &result));
    assert_non_null(strstr(result.reason, "holds no backup"));
    assert_int_equal(STATUS_REFUSED, copy_restore(folder, beside("o"), &result));
    journal_close(journal);

    journal = open_at(beside("x"), &found);
    fill(journal, 12);
    append(journal, STREAM_CAME, "another journal");
    commit(journal);
    assert_int_equal(STATUS_OK, copy_backup(beside("x"), beside("b"), &result));
    assert_int_equal(STATUS_REFUSED, copy_backup(folder, beside("b"), &result));
    assert_non_null(strstr(result.reason, "another journal"));
    journal_close(journal);
}

static void test_copy__says_when_retention_was_faster(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct copy_result result;
    struct journal *journal = open_at(folder, &found);
    fill(journal, 20);
    assert_int_equal(STATUS_OK, copy_backup(folder, beside("b"), &result));
    fill(journal, 200);
    seal_all(journal);
    assert_int_equal(0, unlink(in_folder("came-00000001.hjj.zst")));
    assert_int_equal(0, unlink(in_folder("came-00000002.hjj.zst")));
    assert_int_equal(STATUS_REFUSED, copy_backup(folder, beside("b"), &result));
    assert_non_null(strstr(result.reason, "retention"));
    assert_int_equal(STATUS_OK, copy_backup(folder, beside("c"), &result)); /* a new one */
    assert_int_equal(220, result.chain.came_last);
    journal_close(journal);
}

static void test_copy__finds_what_does_not_check_on_either_side(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct copy_result result;
    char command[300];
    struct journal *journal = open_at(folder, &found);
    fill(journal, 100);
    seal_all(journal);
    journal_close(journal);
    assert_int_equal(STATUS_OK, copy_backup(folder, beside("b"), &result));

    /* A segment taken for another one, whose records check: only the chain can tell. */
    snprintf(command, sizeof command,
        "cp %s/came-00000001.hjj.zst %s/kept && rm %s/came-00000002.hjj.zst && "
        "cp %s/kept %s/came-00000002.hjj.zst",
        beside("b"), folder, beside("b"), folder, beside("b"));
    assert_int_equal(0, system(command));
    assert_int_equal(STATUS_CORRUPT, copy_restore(beside("b"), beside("r"), &result));
    assert_int_not_equal(0, result.chain.fault);
    assert_int_not_equal(0, access(beside("r"), F_OK)); /* it did not appear */

    write_over("came-00000002.hjj.zst", 40, "broken", 6);
    assert_int_equal(STATUS_CORRUPT, copy_backup(folder, beside("c"), &result));
}

/* Another journal's records in place of this one's: every CRC and sequence fits, the digests do not. */
static void test_copy__a_forged_record_does_not_fit_its_commit(void **unused)
{
    (void)unused;
    struct journal_recovery found;
    struct chain chain;
    char command[300];
    for (int i = 0; i < 2; i++) {
        struct journal *journal = open_at(i == 0 ? folder : beside("x"), &found);
        append(journal, STREAM_CAME, "one");
        commit(journal);
        append(journal, STREAM_CAME, i == 0 ? "two" : "TWO");
        commit(journal);
        append(journal, STREAM_CAME, "three");
        commit(journal);
        journal_close(journal);
    }
    assert_int_equal(STATUS_OK, chain_check(folder, 0, &chain));
    assert_int_equal(3, chain.commits);
    snprintf(command, sizeof command, "cp %s/came-00000001.hjj %s/", beside("x"), folder);
    assert_int_equal(0, system(command));
    assert_int_equal(STATUS_CORRUPT, chain_check(folder, 0, &chain));
    assert_int_equal(1, chain.commits);
    assert_int_equal(2, chain.fault);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_copy__of_a_live_journal_ends_at_a_commit_and_goes_on_as_a_journal),
        IN_FOLDER(test_copy__again_takes_only_what_is_new),
        IN_FOLDER(test_copy__overwrites_nothing),
        IN_FOLDER(test_copy__says_when_retention_was_faster),
        IN_FOLDER(test_copy__finds_what_does_not_check_on_either_side),
        IN_FOLDER(test_copy__a_forged_record_does_not_fit_its_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
