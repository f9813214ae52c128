#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"
#include "cli/told.h"

enum { KEY_SIZE = 400 };

static const char *key_of(struct slice report, struct slice subject, char space[KEY_SIZE])
{
    snprintf(space, KEY_SIZE, "%.*s %.*s", (int)report.size, (const char *)report.ptr,
        (int)subject.size, (const char *)subject.ptr);
    return space;
}

/* Each subject of a report stands in it, even if nothing was ever told of it. */
void report_expect_told(struct report_job *job)
{
    char key[KEY_SIZE];
    uint32_t count = job->program == NULL ? 0 : program_instance_count(job->program);
    job->told = calloc(count + 1, sizeof *job->told);
    job->told_places = json_object();
    assert(job->told != NULL);
    for (uint32_t i = 0; i < count; i++) {
        struct told_sums *told = &job->told[job->told_count];
        const struct instance *instance = program_instance(job->program, i);
        if (program_report(job->program, i, &told->shape)) {
            told->instance = i;
            json_object_set_new(job->told_places, key_of(instance->rule, instance->subject, key),
                json_integer((json_int_t)job->told_count));
            job->told_count += 1;
        }
    }
}

static bool read_instant(const json_t *data, const char *name, int64_t *ms)
{
    struct event_time time;
    bool fine = event_time_from_rfc3339(slice_of(told_word(data, name)), &time);
    *ms = fine ? time.ms : 0;
    return fine;
}

static const json_t *figure_at(const struct told_sums *told, size_t index, const json_t *figures)
{
    const struct slice name = told->shape.names[index];
    return json_object_getn(figures, (const char *)name.ptr, name.size);
}

static void add_figures(struct told_sums *told, const json_t *figures)
{
    for (size_t i = 0; i < told->shape.count; i++) {
        const json_t *figure = figure_at(told, i, figures);
        told->sums[i] += json_number_value(figure);
        told->known[i] = told->known[i] || json_is_number(figure);
    }
}

/* A period that is excused as a whole. */
static void take_excuse(struct report_job *job, const struct told_sums *told, const json_t *figures,
    int64_t from_ms, int64_t to_ms)
{
    const struct instance *instance = program_instance(job->program, told->instance);
    const uint32_t device = registry_device(&job->registry, instance->subject);
    if (told->shape.excuses < told->shape.count && device != NONE &&
        json_number_value(figure_at(told, told->shape.excuses, figures)) * HOUR_MS >=
            (double)(to_ms - from_ms)) {
        report_excuse(job, device, from_ms, to_ms);
    }
}

void report_take_told(struct report_job *job, struct slice payload)
{
    char key[KEY_SIZE];
    int64_t from_ms, to_ms;
    json_t *data = json_loadb((const char *)payload.ptr, payload.size, 0, NULL);
    const json_t *place = json_object_get(job->told_places,
        key_of(slice_of(told_word(data, "report")), slice_of(told_word(data, "subject")), key));
    if (place != NULL && read_instant(data, "from", &from_ms) && read_instant(data, "to", &to_ms) &&
        from_ms >= job->from.ms && to_ms <= job->to.ms) {
        struct told_sums *told = &job->told[json_integer_value(place)];
        told->told_ms += to_ms - from_ms;
        add_figures(told, json_object_get(data, "figures"));
        take_excuse(job, told, json_object_get(data, "figures"), from_ms, to_ms);
    }
    json_decref(data);
}

/* --- the table --- */

static void add_sums(struct told_sums *sum, const struct told_sums *one)
{
    sum->shape = one->shape;
    sum->told_ms += one->told_ms;
    for (size_t i = 0; i < one->shape.count; i++) {
        sum->sums[i] += one->sums[i];
        sum->known[i] = sum->known[i] || one->known[i];
    }
}

/* What was not told is time of which nothing is known: the hub was down, or never heard the device. */
static void print_sums(const struct report_job *job, const struct told_sums *told,
    struct report_row row, int64_t subjects, enum report_form form, bool head)
{
    const double due_ms = (double)(job->until.ms - job->from.ms) * (double)subjects;
    const double missing_ms = due_ms - (double)told->told_ms;
    row_add_hours(&row, slice_of("told_h"), (double)told->told_ms / HOUR_MS, true);
    row_add_hours(&row, slice_of("missing_h"), missing_ms > 0 ? missing_ms / HOUR_MS : 0, true);
    for (size_t i = 0; i < told->shape.count; i++) {
        row_add_hours(&row, told->shape.names[i], told->sums[i], told->known[i]);
    }
    for (size_t i = 0; i < told->shape.rate_count; i++) {
        const struct figure_rate *rate = &told->shape.rates[i];
        row_add_rate(&row, rate->name, told->sums[rate->part], told->sums[rate->whole]);
    }
    row_print(&row, form, head);
}

static struct slice name_of_subject(const struct report_job *job, const struct instance *instance)
{
    const struct registry *registry = &job->registry;
    for (uint32_t i = 0; i < registry->linkage_count; i++) {
        if (slice_equal(registry->linkages[i].id, instance->subject)) {
            return registry->linkages[i].name;
        }
    }
    const uint32_t device = registry_device(registry, instance->subject);
    if (device != NONE) {
        return registry->devices[device].name;
    }
    return instance->enterprise == NONE ? (struct slice){0}
                                        : registry->enterprises[instance->enterprise].name;
}

/* The sum of those of an enterprise; NONE: of all. Its subjects are returned. */
static int64_t sum_told(
    const struct report_job *job, struct slice report, uint32_t enterprise, struct told_sums *sum)
{
    int64_t subjects = 0;
    *sum = (struct told_sums){0};
    for (size_t i = 0; i < job->told_count; i++) {
        const struct instance *instance = program_instance(job->program, job->told[i].instance);
        if (slice_equal(instance->rule, report) &&
            (enterprise == NONE || instance->enterprise == enterprise)) {
            add_sums(sum, &job->told[i]);
            subjects += 1;
        }
    }
    return subjects;
}

static void print_subject(
    const struct report_job *job, const struct told_sums *told, enum report_form form, bool head)
{
    const struct instance *instance = program_instance(job->program, told->instance);
    struct report_row row = {.id = instance->subject, .name = name_of_subject(job, instance)};
    report_add_place(job, &row, instance->enterprise, false);
    print_sums(job, told, row, 1, form, head);
}

void report_print_told(
    const struct report_job *job, struct slice report, enum report_by by, enum report_form form)
{
    const struct registry *registry = &job->registry;
    struct told_sums sum;
    int64_t subjects;
    bool head = true;
    for (size_t i = 0; by == REPORT_DEVICE && i < job->told_count; i++) {
        const struct instance *instance = program_instance(job->program, job->told[i].instance);
        if (slice_equal(instance->rule, report)) {
            print_subject(job, &job->told[i], form, head);
            head = false;
        }
    }
    for (uint32_t i = 0; by == REPORT_ENTERPRISE && i < registry->enterprise_count; i++) {
        if ((subjects = sum_told(job, report, i, &sum)) > 0) {
            struct report_row row = {
                .id = registry->enterprises[i].id, .name = registry->enterprises[i].name};
            report_add_place(job, &row, i, true);
            print_sums(job, &sum, row, subjects, form, head);
            head = false;
        }
    }
    if (by == REPORT_AREA || form == REPORT_TEXT) {
        subjects = sum_told(job, report, NONE, &sum);
        print_sums(job, &sum,
            (struct report_row){.id = registry->area, .name = slice_of("全区域 area")}, subjects,
            form, head);
    }
}
