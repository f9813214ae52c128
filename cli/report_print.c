#include <inttypes.h>
#include <string.h>

#include "cli/report.h"
#include "cli/rule_figures.h"

static double less(uint64_t whole, uint64_t part)
{
    return whole > part ? (double)(whole - part) : 0;
}

static void add_marks(struct report_row *row, const struct tally *tally)
{
    static const struct {
        char letter;
        const char *name;
    } MARKS[] = {{'F', "marked_F_h"}, {'M', "marked_M_h"}, {'D', "marked_D_h"}, {'C', "marked_C_h"},
        {'T', "marked_T_h"}, {'B', "marked_B_h"}, {'S', "marked_S_h"}};
    for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++) {
        row_add(row,
            (struct report_column){slice_of(MARKS[i].name), COLUMN_HOURS,
                (double)tally->marked_ms[(unsigned char)MARKS[i].letter] / HOUR_MS, true, false});
    }
}

/* anomaly-rules 3.7, 3.8. What was marked as stopped is not expected; it is not running either. */
static struct report_row row_of(struct slice id, struct slice name, const struct tally *tally)
{
    struct report_row row = {.id = id, .name = name};
    const double expected_ms = less(tally->expected_ms, tally->stopped_ms);
    const double running_ms = less(tally->received_ms, tally->stopped_ms);
    const double received_ms = running_ms < expected_ms ? running_ms : expected_ms;
    row_add_count(&row, "devices", tally->devices, false);
    row_add_count(&row, "silent", tally->silent, false);
    row_add_count(&row, "expected", less(tally->expected, tally->stopped), true);
    row_add_count(&row, "received", less(tally->received, tally->stopped), true);
    row_add_count(&row, "stopped", (double)tally->stopped, false);
    row_add_count(&row, "excused", (double)tally->excused, false);
    row_add_rate(&row, slice_of("transmission"), received_ms, expected_ms);
    row_add_rate(&row, slice_of("transmission_in_time"), less(tally->in_time_ms, tally->stopped_ms),
        expected_ms);
    row_add_rate(
        &row, slice_of("valid_data"), (double)tally->valid_readings_ms, (double)tally->readings_ms);
    row_add_rate(&row, slice_of("capture"), (double)tally->valid_ms, running_ms);
    row_add_rate(&row, slice_of("effectiveness"), received_ms * (double)tally->valid_readings_ms,
        expected_ms * (double)tally->readings_ms);
    add_marks(&row, tally);
    row_add_count(&row, "S1", (double)tally->alarms[SEVERITY_S1], true);
    row_add_count(&row, "S2", (double)tally->alarms[SEVERITY_S2], true);
    row_add_count(&row, "S3", (double)tally->alarms[SEVERITY_S3], true);
    row_add_count(&row, "S4", (double)tally->alarms[SEVERITY_S4], true);
    row_add_count(&row, "standing", (double)tally->standing, true);
    return row;
}

static bool is_heard(const struct tally *tally)
{
    return tally->devices > 0 && tally->silent == 0;
}

/* Without an alarm of S1 to S3, raised or standing: the plan promises that nobody calls. */
static bool is_undisturbed(const struct tally *tally)
{
    return is_heard(tally) && tally->standing == 0 && tally->alarms[SEVERITY_S1] == 0 &&
           tally->alarms[SEVERITY_S2] == 0 && tally->alarms[SEVERITY_S3] == 0;
}

static void print_undisturbed(const struct report_job *job)
{
    uint32_t count = 0;
    fputs("\nundisturbed 无打扰 (no alarm of S1 to S3, all devices heard):", stdout);
    for (uint32_t i = 0; i < job->registry.enterprise_count; i++) {
        if (is_undisturbed(&job->enterprises[i])) {
            printf("%s %.*s", count++ > 0 ? "," : "", (int)job->registry.enterprises[i].id.size,
                (const char *)job->registry.enterprises[i].id.ptr);
        }
    }
    printf("%s\n", count == 0 ? " nobody" : "");
}

/* Units of the key-unit list that are seen: all their devices were heard. */
static void print_coverage(const struct report_job *job)
{
    uint32_t listed = 0, covered = 0;
    fputs("key units 重点单位 not heard with all their devices:", stdout);
    for (uint32_t i = 0; i < job->registry.enterprise_count; i++) {
        const struct enterprise *enterprise = &job->registry.enterprises[i];
        bool heard = is_heard(&job->enterprises[i]);
        listed += enterprise->key_unit;
        covered += enterprise->key_unit && heard;
        if (enterprise->key_unit && !heard) {
            printf(" %.*s", (int)enterprise->id.size, (const char *)enterprise->id.ptr);
        }
    }
    printf("%s (%u of %u heard)\n", listed == covered ? " none" : "", covered, listed);
}

static uint64_t stranger_messages(const struct report_job *job)
{
    const char *mn;
    json_t *count;
    uint64_t sum = 0;
    json_object_foreach(job->strangers, mn, count)
    {
        sum += (uint64_t)json_integer_value(count);
    }
    return sum;
}

static void print_messages(const struct report_job *job)
{
    enum { NAMED = 20 };
    const char *mn;
    json_t *count;
    int named = 0;
    fputs("messages 报文:", stdout);
    for (int kind = 0; kind < VERDICT_KIND_COUNT; kind++) {
        printf(" %s %" PRIu64, verdict_name((enum verdict_kind)kind), job->verdicts[kind]);
    }
    printf("; of unknown MN 未登记MN %" PRIu64, stranger_messages(job));
    json_object_foreach(job->strangers, mn, count)
    {
        if (named++ < NAMED) {
            printf(
                "%s %s (%lld)", named == 1 ? ":" : ",", mn, (long long)json_integer_value(count));
        }
    }
    puts(named > NAMED ? " ..." : "");
}

/* Of the area alone: who is on the lists, and what came of nobody that is registered. */
static void add_area(const struct report_job *job, struct report_row *row)
{
    uint32_t undisturbed = 0, listed = 0, covered = 0;
    for (uint32_t i = 0; i < job->registry.enterprise_count; i++) {
        bool key = job->registry.enterprises[i].key_unit;
        undisturbed += is_undisturbed(&job->enterprises[i]);
        listed += key;
        covered += key && is_heard(&job->enterprises[i]);
    }
    row_add_count(row, "enterprises", job->registry.enterprise_count, false);
    row_add_count(row, "undisturbed", undisturbed, false);
    row_add_count(row, "key_units", listed, false);
    row_add_count(row, "key_units_covered", covered, false);
    for (int kind = 0; kind < VERDICT_KIND_COUNT; kind++) {
        row_add_count(
            row, verdict_name((enum verdict_kind)kind), (double)job->verdicts[kind], false);
    }
    row_add_count(row, "unknown_mn", (double)json_object_size(job->strangers), false);
    row_add_count(row, "unknown_mn_messages", (double)stranger_messages(job), false);
}

void report_add_place(
    const struct report_job *job, struct report_row *row, uint32_t enterprise, bool named)
{
    static const struct enterprise NOBODY;
    const struct enterprise *of =
        enterprise == NONE ? &NOBODY : &job->registry.enterprises[enterprise];
    if (!named) {
        row_add_word(row, "enterprise", of->id);
        row_add_word(row, "enterprise_name", of->name);
    }
    row_add_word(row, "town", of->town);
}

static void print_enterprises(const struct report_job *job, enum report_form form)
{
    for (uint32_t i = 0; i < job->registry.enterprise_count; i++) {
        const struct enterprise *enterprise = &job->registry.enterprises[i];
        struct report_row row = row_of(enterprise->id, enterprise->name, &job->enterprises[i]);
        report_add_place(job, &row, i, true);
        row_add_count(&row, "undisturbed", is_undisturbed(&job->enterprises[i]), false);
        row_add_count(&row, "key_unit", enterprise->key_unit, false);
        row_add_count(&row, "heard", is_heard(&job->enterprises[i]), false);
        row_print(&row, form, i == 0);
    }
}

static void print_devices(const struct report_job *job, enum report_form form)
{
    for (uint32_t i = 0; i < job->registry.device_count; i++) {
        struct report_row row =
            row_of(job->registry.devices[i].mn, job->registry.devices[i].name, &job->devices[i]);
        report_add_place(job, &row, job->registry.devices[i].enterprise, false);
        row_print(&row, form, i == 0);
    }
}

static void print_area(const struct report_job *job, enum report_form form, bool head)
{
    struct tally area = job->elsewhere;
    for (uint32_t i = 0; i < job->registry.enterprise_count; i++) {
        tally_add(&area, &job->enterprises[i]);
    }
    struct report_row row = row_of(job->registry.area, slice_of("全区域 area"), &area);
    add_area(job, &row);
    row_print(&row, form, head);
}

static void print_sent(const struct report_job *job, enum report_by by, enum report_form form)
{
    if (by == REPORT_ENTERPRISE) {
        print_enterprises(job, form);
    } else if (by == REPORT_DEVICE) {
        print_devices(job, form);
    }
    if (by == REPORT_AREA || form == REPORT_TEXT) {
        print_area(job, form, by == REPORT_AREA);
    }
}

/* --- what officers found --- */

static void add_finding(struct report_row *row, json_t *rule, const char *name)
{
    row_add_count(row, name,
        json_number_value(json_object_get(json_object_get(rule, "findings"), name)), false);
}

static struct slice title_of(const struct report_job *job, const char *rule)
{
    uint32_t count = job->program == NULL ? 0 : program_instance_count(job->program);
    for (uint32_t i = 0; i < count; i++) {
        const struct instance *instance = program_instance(job->program, i);
        if (slice_is(instance->rule, rule)) {
            return instance->title_zh;
        }
    }
    return (struct slice){0}; /* those of the period's end have none of this name */
}

void report_print_findings(const struct report_job *job, enum report_form form)
{
    const char *id;
    json_t *rule;
    bool head = true;
    if (form == REPORT_TEXT) {
        rule_figures_print(job->rules);
        return;
    }
    json_object_foreach(job->rules, id, rule)
    {
        struct report_row row = {.id = slice_of(id), .name = title_of(job, id)};
        const double closed = json_number_value(json_object_get(rule, "closed"));
        const double wrong = json_number_value(json_object_get(rule, "false"));
        row_add_count(&row, "raised", json_number_value(json_object_get(rule, "raised")), true);
        row_add_count(&row, "closed", closed, true);
        row_add_count(&row, "false", wrong, true);
        row_add_rate(&row, slice_of("false_rate"), wrong, closed);
#define FINDING(symbol, name, zh, en, wrong) add_finding(&row, rule, name);
#include "schemas/findings.def"
#undef FINDING
        row_print(&row, form, head);
        head = false;
    }
}

/* --- all of it --- */

/* Each report of the rules once, in their order: the first instance of each. */
static bool is_first(const struct report_job *job, size_t place)
{
    const struct instance *instance = program_instance(job->program, job->told[place].instance);
    return place == 0 || !slice_equal(instance->rule,
                             program_instance(job->program, job->told[place - 1].instance)->rule);
}

/* What only excuses is seen in `excused` already. */
static bool stands_alone(const struct told_sums *told)
{
    return told->shape.excuses == told->shape.count;
}

static bool print_told(
    const struct report_job *job, const char *of, enum report_by by, enum report_form form)
{
    bool found = false;
    for (size_t i = 0; i < job->told_count; i++) {
        const struct instance *instance = program_instance(job->program, job->told[i].instance);
        const bool wanted = of != NULL ? slice_is(instance->rule, of) : stands_alone(&job->told[i]);
        if (!is_first(job, i) || !wanted) {
            continue;
        }
        found = true;
        if (form == REPORT_TEXT) {
            printf("\n%.*s: %.*s %.*s\n", (int)instance->rule.size,
                (const char *)instance->rule.ptr, (int)instance->title_en.size,
                (const char *)instance->title_en.ptr, (int)instance->title_zh.size,
                (const char *)instance->title_zh.ptr);
        }
        report_print_told(job, instance->rule, by, form);
    }
    return found;
}

bool report_print(
    const struct report_job *job, const char *of, enum report_by by, enum report_form form)
{
    if (of != NULL && strcmp(of, "findings") == 0) {
        report_print_findings(job, form);
        return true;
    }
    if (of != NULL) {
        return print_told(job, of, by, form);
    }
    print_sent(job, by, form);
    if (form == REPORT_TEXT) {
        print_undisturbed(job);
        print_coverage(job);
        print_messages(job);
        print_told(job, NULL, by, form);
        report_print_findings(job, form);
    }
    return true;
}
