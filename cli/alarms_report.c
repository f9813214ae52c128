#include "cli/alarms_report.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/alarms_timeline.h"
#include "cli/report_period.h"
#include "cli/rule_figures.h"
#include "cli/told.h"
#include "schemas/alarm.h"

enum { TOP = 10, STALE_MS = DAY_MS, KEY_SIZE = 400 };

struct alarms_report {
    int officers;
    int64_t first_ms, last_ms;
    const struct report_period *period; /* NULL: all */
    json_t *rules;   /* rule -> {raised, closed, false, findings: {finding: n}} */
    json_t *alarms;  /* "rule subject" -> when it was raised */
    json_t *waiting; /* alarm -> since when nobody has seen it */
    json_t *counted; /* alarm -> under which severity */
    int64_t raised, stale, suppressed, shadow;
    int64_t by_severity[5], closed[5], wrong[5]; /* index: enum severity */
    struct timeline floods;                      /* raises of S1 to S3 */
};

struct alarms_report *alarms_report_new(int officers, const struct report_period *period)
{
    struct alarms_report *report = calloc(1, sizeof *report);
    assert(report != NULL && officers > 0);
    report->officers = officers;
    report->period = period;
    report->first_ms = period == NULL ? 0 : period->from.ms;
    report->last_ms = period == NULL ? 0 : period->until.ms;
    report->rules = json_object();
    report->alarms = json_object();
    report->waiting = json_object();
    report->counted = json_object();
    return report;
}

static void take_raise(struct alarms_report *report, const json_t *data, int64_t at_ms)
{
    char key[KEY_SIZE];
    snprintf(key, sizeof key, "%s %s", told_word(data, "rule"), told_word(data, "subject"));
    json_t *raises = json_object_get(report->alarms, key);
    if (raises == NULL) {
        raises = json_array();
        json_object_set_new(report->alarms, key, raises);
    }
    json_array_append_new(raises, json_integer(at_ms));
    rule_figures_raise(report->rules, data);
    severity_count(report->counted, data);
    report->raised += 1;
    report->by_severity[transition_severity(data)] += 1;
    if (transition_severity(data) != SEVERITY_S4) {
        timeline_add(&report->floods, at_ms);
    }
}

/* It waits from its raise until somebody has seen it, or it is closed. */
static void take_wait(
    struct alarms_report *report, const json_t *data, int64_t at_ms, bool work, bool counted)
{
    const char *alarm = told_word(data, "alarm"), *to = told_word(data, "to");
    const json_t *since = json_object_get(report->waiting, alarm);
    bool unseen = strcmp(to, "active-unack") == 0 || strcmp(to, "cleared-unack") == 0;
    if (work && unseen && since == NULL) {
        json_object_set_new(report->waiting, alarm, json_integer(at_ms));
    } else if (since != NULL && (!unseen || json_is_true(json_object_get(data, "held_back")))) {
        report->stale += counted && at_ms - json_integer_value(since) > STALE_MS;
        json_object_del(report->waiting, alarm);
    }
}

static void take_finding(struct alarms_report *report, const json_t *data)
{
    const struct officer_finding *finding = rule_figures_close(report->rules, data);
    if (finding != NULL) {
        report->closed[transition_severity(data)] += 1;
        report->wrong[transition_severity(data)] += finding->wrong;
    }
}

/* A note that grows into an alarm is one for the officers from then on. */
static void take_growth(struct alarms_report *report, const json_t *data, int64_t at_ms)
{
    enum severity before;
    if (severity_grows(report->counted, data, &before)) {
        report->by_severity[before] -= 1;
        report->by_severity[transition_severity(data)] += 1;
        if (before == SEVERITY_S4) {
            timeline_add(&report->floods, at_ms);
        }
    }
}

static void count(struct alarms_report *report, const json_t *data, struct event_time at, bool held)
{
    if (transition_is_raise(data) && !held) {
        take_raise(report, data, at.ms);
    } else if (transition_is_raise(data)) {
        report->suppressed += json_object_get(data, "suppressed_by") != NULL;
        report->shadow += json_object_get(data, "shadow") != NULL;
    } else if (!held) {
        take_growth(report, data, at.ms);
    }
    if (strcmp(told_word(data, "to"), "closed") == 0) {
        take_finding(report, data);
    }
}

/* Before the period it is only seen what waits when it begins. */
void alarms_report_take(struct alarms_report *report, const json_t *data)
{
    struct event_time at;
    const bool held = json_is_true(json_object_get(data, "held_back"));
    if (!event_time_from_rfc3339(slice_of(told_word(data, "at")), &at) ||
        (report->period != NULL && at.ms >= report->period->to.ms)) {
        return;
    }
    const bool counted = report->period == NULL || at.ms >= report->period->from.ms;
    report->first_ms = report->first_ms == 0 ? at.ms : report->first_ms;
    if (report->period == NULL && at.ms > report->last_ms) {
        report->last_ms = at.ms;
    }
    if (counted) {
        count(report, data, at, held);
    }
    take_wait(report, data, at.ms, !held, counted);
}

/* --- the end --- */

struct frequent {
    const char *name;
    int64_t count;
};

static int by_count(const void *a, const void *b)
{
    const struct frequent *left = a, *right = b;
    return left->count != right->count ? (left->count < right->count ? 1 : -1)
                                       : strcmp(left->name, right->name);
}

/* Two decimals: shares of small numbers tell no more. */
static json_t *ratio(double part, double whole)
{
    double value = whole > 0 ? part / whole : 0;
    return json_real((double)(int64_t)(value * 100 + 0.5) / 100);
}

/* Of nothing that was closed it is not known. */
static json_t *false_share(const struct alarms_report *report, enum severity severity)
{
    const double closed = (double)report->closed[severity];
    return closed > 0 ? ratio((double)report->wrong[severity] * 100, closed) : json_null();
}

static void add_top(const struct alarms_report *report, json_t *out)
{
    size_t count = 0, size = json_object_size(report->alarms);
    struct frequent *rows = calloc(size + 1, sizeof *rows);
    json_t *top = json_array(), *raises;
    const char *name;
    int64_t sum = 0;
    assert(rows != NULL);
    json_object_foreach(report->alarms, name, raises)
    {
        rows[count++] = (struct frequent){name, (int64_t)json_array_size(raises)};
    }
    qsort(rows, count, sizeof *rows, by_count);
    for (size_t i = 0; i < count && i < TOP; i++) {
        sum += rows[i].count;
        json_array_append_new(top,
            json_pack("{s:s, s:I}", "alarm", rows[i].name, "raised", (json_int_t)rows[i].count));
    }
    json_object_set_new(out, "top_ten_percent", ratio((double)sum * 100, (double)report->raised));
    json_object_set_new(out, "top", top);
    free(rows);
}

static json_int_t count_chattering(const struct alarms_report *report)
{
    json_t *raises;
    const char *name;
    json_int_t count = 0;
    json_object_foreach(report->alarms, name, raises)
    {
        struct timeline line = {0};
        for (size_t i = 0; i < json_array_size(raises); i++) {
            timeline_add(&line, json_integer_value(json_array_get(raises, i)));
        }
        count += timeline_has(&line, 3, MINUTE_MS) || timeline_has(&line, 6, 10 * MINUTE_MS);
        timeline_free(&line);
    }
    return count;
}

static json_int_t count_stale(const struct alarms_report *report)
{
    const char *alarm;
    json_t *since;
    json_int_t stale = report->stale;
    json_object_foreach(report->waiting, alarm, since)
    {
        stale += report->last_ms - json_integer_value(since) > STALE_MS;
    }
    return stale;
}

static json_t *figures(const struct alarms_report *report)
{
    json_t *out = json_object(), *severities = json_object();
    double hours = (double)(report->last_ms - report->first_ms) / HOUR_MS;
    char at[RFC3339_SIZE + 1];
    event_time_write((struct event_time){report->first_ms}, at);
    json_object_set_new(out, "from", json_string(at));
    event_time_write((struct event_time){report->last_ms}, at);
    json_object_set_new(out, "to", json_string(at));
    json_object_set_new(out, "hours", ratio(hours, 1));
    json_object_set_new(out, "officers", json_integer(report->officers));
    json_object_set_new(out, "raised", json_integer(report->raised));
    for (int i = SEVERITY_S1; i <= SEVERITY_S4; i++) {
        json_object_set_new(
            severities, severity_name((enum severity)i), json_integer(report->by_severity[i]));
    }
    json_object_set_new(out, "severity", severities);
    json_object_set_new(
        out, "per_officer_hour", ratio((double)report->raised, hours * report->officers));
    json_object_set_new(out, "grave_per_day",
        ratio((double)(report->by_severity[SEVERITY_S1] + report->by_severity[SEVERITY_S2]) * 24,
            hours));
    add_top(report, out);
    json_object_set_new(out, "stale_per_day", ratio((double)count_stale(report) * 24, hours));
    json_object_set_new(out, "chattering", json_integer(count_chattering(report)));
    json_object_set_new(out, "flood_percent",
        ratio((double)timeline_flood_ms(&report->floods, report->last_ms) * 100, hours * HOUR_MS));
    json_object_set_new(out, "false_percent_s1", false_share(report, SEVERITY_S1));
    json_object_set_new(out, "false_percent_s2", false_share(report, SEVERITY_S2));
    json_object_set_new(out, "suppressed", json_integer(report->suppressed));
    json_object_set_new(out, "shadow", json_integer(report->shadow));
    json_object_set_new(out, "rules", rule_figures_sorted(report->rules));
    return out;
}

static long long number(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

static void print_head(const json_t *out)
{
    const char *separator = "";
    printf("%s .. %s  raised %lld (", told_word(out, "from"), told_word(out, "to"),
        number(out, "raised"));
    for (int i = SEVERITY_S1; i <= SEVERITY_S4; i++) {
        const char *name = severity_name((enum severity)i);
        printf("%s%s %lld", separator, name, number(json_object_get(out, "severity"), name));
        separator = ", ";
    }
    printf(
        "), suppressed %lld, in shadow %lld\n", number(out, "suppressed"), number(out, "shadow"));
}

static void print_text(json_t *out)
{
    static const struct {
        const char *key, *target, *zh, *en;
    } FIGURES[] = {
#define ALARMS_FIGURE(key, target, zh, en) {key, target, zh, en},
#include "cli/alarms_figures.def"
#undef ALARMS_FIGURE
    };
    size_t i;
    json_t *row;
    print_head(out);
    for (i = 0; i < sizeof FIGURES / sizeof FIGURES[0]; i++) {
        const json_t *figure = json_object_get(out, FIGURES[i].key);
        char value[32] = "-";
        if (!json_is_null(figure)) {
            snprintf(value, sizeof value, "%.2f", json_number_value(figure));
        }
        printf("%10s  (%s)  %s  %s\n", value, FIGURES[i].target, FIGURES[i].en, FIGURES[i].zh);
    }
    puts("");
    json_array_foreach(json_object_get(out, "top"), i, row)
    {
        printf("%10lld  %s\n", number(row, "raised"), told_word(row, "alarm"));
    }
    rule_figures_print(json_object_get(out, "rules"));
}

void alarms_report_print(struct alarms_report *report, bool json)
{
    json_t *out = figures(report);
    if (json) {
        json_dumpf(out, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
        putchar('\n');
    } else {
        print_text(out);
    }
    json_decref(out);
    json_decref(report->rules);
    json_decref(report->alarms);
    json_decref(report->waiting);
    json_decref(report->counted);
    timeline_free(&report->floods);
    free(report);
}
