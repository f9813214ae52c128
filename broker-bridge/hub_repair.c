#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/hub_state.h"
#include "core/log.h"
#include "schemas/alarm.h"

/* One open alarm whose retained message is missing or old, and where it was last said. */
struct missing {
    char id[ALARM_ID_SIZE + 1];
    uint64_t said; /* sequence; 0: not found yet */
};

struct repair {
    const struct retained_alarm *retained;
    size_t retained_count;
    bool *wanted; /* of each retained one: it is open, with that number */
    struct missing *missing;
    size_t missing_count, missing_capacity;
};

static void note_open(void *context, const char *alarm, uint32_t number)
{
    struct repair *repair = context;
    for (size_t i = 0; i < repair->retained_count; i++) {
        if (strcmp(repair->retained[i].id, alarm) == 0) {
            repair->wanted[i] = true;
            if (repair->retained[i].number == (int64_t)number) {
                return;
            }
        }
    }
    if (repair->missing_count == repair->missing_capacity) {
        repair->missing_capacity = repair->missing_capacity * 2 + 64;
        repair->missing =
            realloc(repair->missing, repair->missing_capacity * sizeof *repair->missing);
        assert(repair->missing != NULL);
    }
    struct missing *missing = &repair->missing[repair->missing_count++];
    *missing = (struct missing){0};
    memcpy(missing->id, alarm, ALARM_ID_SIZE);
}

static void empty_what_is_closed(struct hub *hub, const struct repair *repair)
{
    size_t emptied = 0;
    for (size_t i = 0; i < repair->retained_count; i++) {
        if (!repair->wanted[i] &&
            hub_publish(hub, TOPIC_ALARM_OPEN, slice_of(repair->retained[i].id), (struct slice){0},
                true) == STATUS_OK) {
            emptied += 1;
        }
    }
    if (emptied > 0) {
        log_event(LOG_INFO, "retained-emptied", "count=%zu", emptied);
    }
}

static const char *alarm_of(json_t *event)
{
    const char *alarm = json_string_value(json_object_get(event, "subject"));
    return alarm == NULL ? "" : alarm;
}

/* What was said last of each missing alarm is what the broker should retain: said, not made anew. */
static void publish_last_words(struct hub *hub, struct repair *repair)
{
    struct journal_reader *reader;
    struct record record;
    uint64_t committed = journal_committed(hub->journal, STREAM_SAID);
    for (int pass = 0; pass < 2; pass++) {
        if (journal_reader_open(hub->config->journal.directory, STREAM_SAID, 1, &reader) !=
            STATUS_OK) {
            return;
        }
        while (journal_reader_next(reader, &record) == STATUS_OK && record.sequence <= committed) {
            if (record.kind != RECORD_TRANSITION) {
                continue;
            }
            json_t *event =
                json_loadb((const char *)record.payload.ptr, record.payload.size, 0, NULL);
            for (size_t i = 0; i < repair->missing_count; i++) {
                struct missing *missing = &repair->missing[i];
                bool same = strcmp(missing->id, alarm_of(event)) == 0;
                if (same && pass == 0) {
                    missing->said = record.sequence;
                } else if (same && missing->said == record.sequence &&
                           hub_publish(hub, TOPIC_ALARM_OPEN, slice_of(missing->id), record.payload,
                               true) != STATUS_OK) {
                    log_event(LOG_WARN, "retained-not-mended", "alarm=%s", missing->id);
                }
            }
            json_decref(event);
        }
        journal_reader_close(reader);
    }
    log_event(LOG_INFO, "retained-mended", "count=%zu", repair->missing_count);
}

void hub_repair(struct hub *hub)
{
    struct repair repair = {0};
    repair.retained_count = session_retained_alarms(hub->session, &repair.retained);
    repair.wanted = calloc(repair.retained_count + 1, sizeof *repair.wanted);
    assert(repair.wanted != NULL);
    pipeline_open_alarms(hub->pipeline, note_open, &repair);
    empty_what_is_closed(hub, &repair);
    if (repair.missing_count > 0) {
        publish_last_words(hub, &repair);
    }
    free(repair.wanted);
    free(repair.missing);
}
