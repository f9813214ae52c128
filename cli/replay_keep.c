#include <stdio.h>
#include <stdlib.h>

#include "cli/replay.h"
#include "core/log.h"
#include "journal/journal.h"

enum { BATCH = 1024, SEGMENT_SIZE = 16 * 1024 * 1024, EPOCH = 1 };

struct keeper {
    struct journal *journal;
    struct record cause; /* that is stepped; what it borrows is not asked for */
    uint32_t uncommitted;
    enum status status; /* the first that was not OK stays */
};

enum status keeper_open(const char *directory, struct slice area, struct keeper **keeper)
{
    char name[24];
    struct journal_recovery found = {0};
    struct journal_options options = {.directory = directory,
        .area = name,
        .segment_size = SEGMENT_SIZE,
        .reserve_size = SEGMENT_SIZE};
    snprintf(name, sizeof name, "%.*s", (int)area.size, (const char *)area.ptr);
    struct keeper *made = calloc(1, sizeof *made);
    enum status status =
        made == NULL ? STATUS_LIMIT : journal_open(&options, &made->journal, &found);
    if (status == STATUS_OK && found.epoch_highest > 0) {
        journal_close(made->journal);
        status = STATUS_REFUSED; /* it is somebody's already */
    }
    if (status != STATUS_OK) {
        free(made);
        made = NULL;
    }
    *keeper = made;
    return status;
}

static void note(struct keeper *keeper, enum status status)
{
    keeper->status = keeper->status == STATUS_OK ? status : keeper->status;
}

static void commit(struct keeper *keeper)
{
    struct record record = {.kind = RECORD_COMMIT,
        .epoch = EPOCH,
        .wall = keeper->cause.wall,
        .mono = keeper->cause.mono};
    note(keeper, journal_commit(keeper->journal, &record));
    keeper->uncommitted = 0;
}

void keeper_came(struct keeper *keeper, struct record *record)
{
    if (keeper->uncommitted >= BATCH) {
        commit(keeper);
    }
    record->epoch = EPOCH;
    note(keeper, journal_append(keeper->journal, STREAM_CAME, record, &record->sequence));
    keeper->cause = *record;
    keeper->uncommitted += 1;
}

void keeper_said(struct keeper *keeper, const struct effect *effect)
{
    enum record_kind kind = replay_kind_of(effect->kind);
    struct record record = {.kind = kind,
        .epoch = EPOCH,
        .cause = keeper->cause.sequence,
        .index = effect->index,
        .wall = keeper->cause.wall,
        .mono = keeper->cause.mono,
        .topic = effect->topic,
        .correlation = effect->correlation,
        .payload = effect->payload};
    uint64_t sequence;
    if (record_is_effect(kind)) {
        note(keeper, journal_append(keeper->journal, STREAM_SAID, &record, &sequence));
    }
}

enum status keeper_close(struct keeper *keeper)
{
    commit(keeper);
    enum status status = keeper->status;
    journal_close(keeper->journal);
    free(keeper);
    return status;
}
