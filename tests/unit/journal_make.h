/* journal_make -- a journal in a folder of its own, filled and looked at by tests. */
#ifndef TESTS_UNIT_JOURNAL_MAKE_H
#define TESTS_UNIT_JOURNAL_MAKE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "core/log.h"
#include "journal/format.h"
#include "tests/unit/check.h"

enum { SEGMENT_SIZE = 16 * 1024 };

static char folder[64];

static inline int make_folder(void **unused)
{
    (void)unused;
    log_set_level(LOG_ERROR);
    strcpy(folder, "/tmp/hjhub-test-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static inline int remove_folder(void **unused)
{
    (void)unused;
    char command[200];
    umount2(folder, MNT_DETACH); /* where a test has mounted something on it */
    snprintf(command, sizeof command, "rm -rf %s %s-*", folder, folder);
    return system(command);
}

/* The path of a file in the folder; good until the call after the next. */
static inline const char *in_folder(const char *name)
{
    static char paths[2][200];
    static int turn;
    turn = 1 - turn;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static inline bool is_there(const char *name)
{
    return access(in_folder(name), F_OK) == 0;
}

static inline struct journal *open_at(const char *directory, struct journal_recovery *found)
{
    struct journal *journal = NULL;
    struct journal_options options = {
        .directory = directory, .segment_size = SEGMENT_SIZE, .reserve_size = SEGMENT_SIZE};
    assert_int_equal(STATUS_OK, journal_open(&options, &journal, found));
    return journal;
}

static inline uint64_t append_caused(
    struct journal *journal, enum stream stream, const char *payload, uint64_t cause)
{
    uint64_t sequence = 0;
    struct record record = {.kind = stream == STREAM_CAME ? RECORD_MESSAGE : RECORD_VERDICT,
        .epoch = 3,
        .cause = cause,
        .wall = {1000},
        .mono = {2000},
        .qos = 1,
        .session = SESSION_UP,
        .topic = slice_of("ems/v1/140581/M/up/hj212"),
        .payload = slice_of(payload)};
    assert_int_equal(STATUS_OK, journal_append(journal, stream, &record, &sequence));
    return sequence;
}

static inline uint64_t append(struct journal *journal, enum stream stream, const char *payload)
{
    return append_caused(journal, stream, payload, 0);
}

static inline void commit(struct journal *journal)
{
    struct record record = {.epoch = 3, .wall = {1001}, .mono = {2001}};
    assert_int_equal(STATUS_OK, journal_commit(journal, &record));
}

/* That many records of both streams, a commit after each pair. */
static inline void fill(struct journal *journal, int count)
{
    char payload[300];
    memset(payload, 'x', sizeof payload - 1);
    payload[sizeof payload - 1] = '\0';
    for (int i = 0; i < count; i++) {
        append(journal, STREAM_CAME, payload);
        append(journal, STREAM_SAID, payload);
        commit(journal);
    }
}

/* All that can be read; *last is how the reading ended. */
static inline uint64_t read_all(const char *directory, enum stream stream, enum status *last)
{
    struct journal_reader *reader;
    struct record record;
    uint64_t count = 0;
    assert_int_equal(STATUS_OK, journal_reader_open(directory, stream, 1, &reader));
    while ((*last = journal_reader_next(reader, &record)) == STATUS_OK) {
        count += 1;
    }
    journal_reader_close(reader);
    return count;
}

/* Write over a file's bytes. */
static inline void write_over(const char *name, long at, const void *bytes, size_t size)
{
    FILE *file = fopen(in_folder(name), "r+b");
    assert_non_null(file);
    assert_int_equal(0, fseek(file, at, SEEK_SET));
    assert_int_equal(size, fwrite(bytes, 1, size, file));
    assert_int_equal(0, fclose(file));
}

static inline void seal_all(struct journal *journal)
{
    const uint64_t keep[STREAM_COUNT] = {1, 1};
    assert_int_equal(STATUS_OK, journal_tidy(journal, keep, (struct event_time){0}));
}

#endif
