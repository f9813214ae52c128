#include <stdlib.h>
#include <string.h>

#include "cli/report.h"
#include "cli/rule_figures.h"
#include "cli/told.h"
#include "journal/find.h"

enum { STRANGERS_MAX = 10000 }; /* whoever makes up MNs makes up many */

/* Whose alarm it is. */
struct bearers {
    struct tally *enterprise; /* never NULL: what is of no enterprise has a place too */
    struct tally *device;     /* NULL: of none */
};

static struct bearers bearers_of(struct report_job *job, const json_t *data)
{
    uint32_t enterprise = table_find(&job->registry.enterprise_by_id,
        slice_of(told_word(json_object_get(data, "enterprise"), "id")));
    uint32_t device = registry_device(&job->registry, slice_of(told_word(data, "mn")));
    return (struct bearers){
        enterprise == TABLE_NONE ? &job->elsewhere : &job->enterprises[enterprise],
        device == NONE ? NULL : &job->devices[device]};
}

static void count_alarm(struct report_job *job, const json_t *data)
{
    const enum severity severity = transition_severity(data);
    struct bearers bearers = bearers_of(job, data);
    rule_figures_raise(job->rules, data);
    json_object_set_new(job->standing, told_word(data, "alarm"), json_true());
    severity_count(job->raised, data);
    bearers.enterprise->alarms[severity] += 1;
    if (bearers.device != NULL) {
        bearers.device->alarms[severity] += 1;
    }
}

/* Raised as a note, it may be grave by the end of the period: it is counted as that. */
static void count_growth(struct report_job *job, const json_t *data)
{
    enum severity before;
    if (!severity_grows(job->raised, data, &before)) {
        return;
    }
    const enum severity severity = transition_severity(data);
    struct bearers bearers = bearers_of(job, data);
    bearers.enterprise->alarms[before] -= 1;
    bearers.enterprise->alarms[severity] += 1;
    if (bearers.device != NULL) {
        bearers.device->alarms[before] -= 1;
        bearers.device->alarms[severity] += 1;
    }
}

static bool is_active(const char *state)
{
    return strncmp(state, "active-", 7) == 0;
}

/* It was raised before, and not over yet: whoever has it to bear is not undisturbed. */
static void stand(struct report_job *job, const json_t *data)
{
    struct bearers bearers = bearers_of(job, data);
    const char *alarm = told_word(data, "alarm");
    if (transition_severity(data) == SEVERITY_S4 || json_object_get(job->standing, alarm) != NULL) {
        return;
    }
    json_object_set_new(job->standing, alarm, json_true());
    bearers.enterprise->standing += 1;
    if (bearers.device != NULL) {
        bearers.device->standing += 1;
    }
}

/* A change within the period or behind it tells that the alarm stood, however long nothing was said of it. */
static void count_standing(struct report_job *job, const json_t *data, bool within)
{
    struct event_time onset;
    bool active =
        is_active(told_word(data, "from")) || (within && is_active(told_word(data, "to")));
    if (active && event_time_from_rfc3339(slice_of(told_word(data, "onset")), &onset) &&
        onset.ms < job->from.ms) {
        stand(job, data);
    }
}

/* What was raised in the weeks before, and stands in silence. */
static void note_before(struct report_job *job, json_t *data)
{
    const char *alarm = told_word(data, "alarm");
    if (is_active(told_word(data, "to")) && !json_is_true(json_object_get(data, "held_back"))) {
        json_object_set(job->before, alarm, data);
    } else {
        json_object_del(job->before, alarm);
    }
}

static void count_before(struct report_job *job)
{
    const char *alarm;
    json_t *data;
    json_object_foreach(job->before, alarm, data)
    {
        stand(job, data);
    }
    json_object_clear(job->before);
}

static void take_transition(struct report_job *job, const json_t *data, bool within)
{
    bool held = json_is_true(json_object_get(data, "held_back"));
    if (within && !held && transition_is_raise(data)) {
        count_alarm(job, data);
    } else if (!held) {
        if (within) {
            count_growth(job, data);
        }
        count_standing(job, data, within);
    }
    if (within && strcmp(told_word(data, "to"), "closed") == 0) {
        rule_figures_close(job->rules, data);
    }
}

static bool names_rule(const json_t *rules, enum validity_rule rule)
{
    size_t i;
    json_t *name;
    bool found = false;
    json_array_foreach(rules, i, name)
    {
        found = found || strcmp(json_string_value(name), validity_rule(rule)->name) == 0;
    }
    return found;
}

/* Who sends under a name that nobody registered. */
static void take_stranger(struct report_job *job, struct slice payload)
{
    json_t *data = json_loadb((const char *)payload.ptr, payload.size, 0, NULL);
    const char *mn = told_word(data, "mn");
    json_t *count = json_object_get(job->strangers, mn);
    if (names_rule(json_object_get(data, "rules"), RULE_MN_UNKNOWN) &&
        (count != NULL || json_object_size(job->strangers) < STRANGERS_MAX)) {
        json_object_set_new(job->strangers, mn, json_integer(json_integer_value(count) + 1));
    }
    json_decref(data);
}

static void take_said(struct report_job *job, const struct record *record)
{
    const bool within = record->wall.ms >= job->from.ms && record->wall.ms < job->to.ms;
    if (record->kind == RECORD_TRANSITION) {
        json_t *data = told_data(record->payload);
        if (record->wall.ms < job->from.ms) {
            note_before(job, data);
        } else {
            count_before(job);
            take_transition(job, data, within);
        }
        json_decref(data);
    } else if (record->kind == RECORD_FIGURES) {
        report_take_told(job, record->payload);
    } else if (within && record->kind == RECORD_QUARANTINE) {
        take_stranger(job, record->payload);
    } else if (within && record->kind == RECORD_VERDICT && record->payload.size > 0 &&
               record->payload.ptr[0] < VERDICT_KIND_COUNT) {
        job->verdicts[record->payload.ptr[0]] += 1;
    }
}

/* What was said some days behind the period tells of it too: hours that a draining queue brought, alarms that stood. */
void report_read_said(struct report_job *job)
{
    struct journal_reader *reader;
    struct record record;
    const int64_t until_ms = job->to.ms + REPORT_LATE_DAYS * (int64_t)DAY_MS;
    job->rules = json_object();
    job->raised = json_object();
    job->before = json_object();
    job->standing = json_object();
    job->strangers = json_object();
    const struct event_time since = {job->from.ms - REPORT_STANDING_DAYS * (int64_t)DAY_MS};
    if (find_reader(job->journal, STREAM_SAID, UINT64_MAX, since, &reader) != STATUS_OK) {
        return; /* nothing was said yet */
    }
    while (journal_reader_next(reader, &record) == STATUS_OK && record.wall.ms < until_ms) {
        take_said(job, &record);
    }
    journal_reader_close(reader);
    count_before(job);
    json_t *sorted = rule_figures_sorted(job->rules);
    json_decref(job->rules);
    job->rules = sorted;
}
