#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/hub_state.h"
#include "core/log.h"
#include "schemas/alarm.h"

/* What the broker retains, held against what is open. */
struct repair {
    struct hub *hub;
    const struct retained_alarm *retained;
    size_t count;
    bool *wanted; /* of each retained one: its alarm is open */
    size_t mended, emptied;
};

/* What was said last of the alarm is what the broker should retain: said, not made anew. Not committed
 * yet: the outbox is about to publish it. */
static bool publish_last_words(struct hub *hub, struct slice alarm)
{
    const struct ledger_entry *entry = ledger_find(&hub->ledger, alarm);
    struct journal_reader *reader;
    struct record record;
    if (entry == NULL || entry->last > journal_committed(hub->journal, STREAM_SAID) ||
        journal_reader_open(hub->config->journal.directory, STREAM_SAID, entry->last, &reader) !=
            STATUS_OK) {
        return false;
    }
    bool published = journal_reader_next(reader, &record) == STATUS_OK &&
                     record.kind == RECORD_TRANSITION && record.sequence == entry->last &&
                     hub_publish(hub, TOPIC_ALARM_OPEN, alarm, record.payload, true) == STATUS_OK;
    journal_reader_close(reader);
    return published;
}

static void mend(void *context, const struct open_alarm *open)
{
    struct repair *repair = context;
    if (open->held_back) {
        return;
    }
    for (size_t i = 0; i < repair->count; i++) {
        if (strcmp(repair->retained[i].id, open->alarm) == 0) {
            repair->wanted[i] = true;
            if (repair->retained[i].number == (int64_t)open->number) {
                return;
            }
        }
    }
    repair->mended += publish_last_words(repair->hub, slice_of(open->alarm)) ? 1 : 0;
}

static void empty_the_rest(struct repair *repair)
{
    for (size_t i = 0; i < repair->count; i++) {
        if (!repair->wanted[i] &&
            hub_publish(repair->hub, TOPIC_ALARM_OPEN, slice_of(repair->retained[i].id),
                (struct slice){0}, true) == STATUS_OK) {
            repair->emptied += 1;
        }
    }
}

void hub_repair(struct hub *hub)
{
    struct repair repair = {.hub = hub};
    repair.count = session_retained_alarms(hub->session, &repair.retained);
    repair.wanted = calloc(repair.count + 1, sizeof *repair.wanted);
    assert(repair.wanted != NULL);
    pipeline_open_alarms(hub->pipeline, mend, &repair);
    empty_the_rest(&repair);
    if (repair.mended + repair.emptied > 0) {
        log_event(
            LOG_INFO, "retained-repaired", "mended=%zu emptied=%zu", repair.mended, repair.emptied);
    }
    free(repair.wanted);
}
