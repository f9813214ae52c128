#include <string.h>

#include "cli/evidence.h"
#include "cli/told.h"

const char *evidence_word(const struct evidence *evidence, const char *key)
{
    size_t count = json_array_size(evidence->transitions);
    const json_t *last = json_array_get(evidence->transitions, count - 1);
    return told_word(last, key);
}

/* With the record that said it and the one that caused it: where to look in the journal. */
static void take(struct evidence *evidence, const struct record *record)
{
    json_t *data = told_data(record->payload);
    const char *alarm = json_string_value(json_object_get(data, "alarm"));
    if (alarm == NULL || strcmp(alarm, evidence->alarm) != 0) {
        json_decref(data);
        return;
    }
    json_object_set_new(data, "said", json_integer((json_int_t)record->sequence));
    json_object_set_new(data, "cause", json_integer((json_int_t)record->cause));
    if (json_array_size(evidence->transitions) == 0) {
        evidence->cause_first = record->cause;
        evidence->stretch.said_first = record->sequence;
        evidence->raised = record->wall;
    }
    evidence->stretch.said_last = record->sequence;
    evidence->ended = record->wall;
    json_array_append_new(evidence->transitions, data);
}

int evidence_find_alarm(struct evidence *evidence)
{
    struct journal_reader *reader;
    struct record record;
    evidence->transitions = json_array();
    enum status status = journal_reader_open(evidence->journal, STREAM_SAID, 1, &reader);
    if (status != STATUS_OK) {
        return command_fail(
            "evidence", "%s: no journal there (%s)", evidence->journal, status_name(status));
    }
    while ((status = journal_reader_next(reader, &record)) == STATUS_OK) {
        if (record.kind == RECORD_TRANSITION) {
            take(evidence, &record);
        }
    }
    journal_reader_close(reader);
    if (status == STATUS_CORRUPT) {
        return command_fail(
            "evidence", "%s: a record does not check; see hjhub-verify", evidence->journal);
    }
    if (json_array_size(evidence->transitions) == 0) {
        return command_fail("evidence",
            "%s: no such alarm in %s; 'hjhub alarms' lists the open ones, 'hjhub journal --stream "
            "said "
            "--kind transition list' all",
            evidence->alarm, evidence->journal);
    }
    return EXIT_FINE;
}
