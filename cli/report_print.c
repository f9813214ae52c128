#include <inttypes.h>
#include <string.h>

#include "cli/csv_cell.h"
#include "cli/report.h"
#include "core/text.h"

/* COLUMN: what stands in a row, in order; a rate of nothing is empty. */
enum column_kind { COUNT, RATE };

struct column {
    const char *name;
    enum column_kind kind;
    double value;
    bool known;
};

enum { COLUMNS_MAX = 32 };

struct row {
    struct column columns[COLUMNS_MAX];
    size_t count;
};

static void add_count(struct row *row, const char *name, uint64_t value)
{
    row->columns[row->count++] = (struct column){name, COUNT, (double)value, true};
}

static void add_rate(struct row *row, const char *name, uint64_t part, uint64_t whole)
{
    row->columns[row->count++] =
        (struct column){name, RATE, whole == 0 ? 0 : (double)part / (double)whole, whole > 0};
}

static uint64_t less(uint64_t whole, uint64_t part)
{
    return whole > part ? whole - part : 0;
}

/* anomaly-rules 3.7, 3.8. What was marked as stopped is not expected; it is not running either. */
static struct row row_of(const struct tally *tally)
{
    static const struct {
        char letter;
        const char *name;
    } MARKS[] = {{'F', "marked_F"}, {'M', "marked_M"}, {'D', "marked_D"}, {'C', "marked_C"},
        {'T', "marked_T"}, {'B', "marked_B"}, {'S', "marked_S"}};
    struct row row = {0};
    uint64_t expected = less(tally->expected, tally->stopped);
    uint64_t received = less(tally->received, tally->stopped);
    add_count(&row, "devices", tally->devices);
    add_count(&row, "silent", tally->silent);
    add_count(&row, "expected", expected);
    add_count(&row, "received", received);
    add_count(&row, "stopped", tally->stopped);
    add_rate(&row, "transmission", received < expected ? received : expected, expected);
    add_rate(&row, "transmission_in_time", less(tally->in_time, tally->stopped), expected);
    add_rate(&row, "valid_data", tally->valid_readings, tally->readings);
    add_rate(&row, "capture", tally->valid, received);
    row.columns[row.count] = row.columns[5];
    row.columns[row.count].name = "effectiveness";
    row.columns[row.count].value *= row.columns[7].value;
    row.columns[row.count].known = row.columns[5].known && row.columns[7].known;
    row.count += 1;
    for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++) {
        add_count(&row, MARKS[i].name, tally->marked[(unsigned char)MARKS[i].letter]);
    }
    add_count(&row, "S1", tally->alarms[SEVERITY_S1]);
    add_count(&row, "S2", tally->alarms[SEVERITY_S2]);
    add_count(&row, "S3", tally->alarms[SEVERITY_S3]);
    add_count(&row, "S4", tally->alarms[SEVERITY_S4]);
    return row;
}

static void print_value(const struct column *column)
{
    if (column->known) {
        printf(column->kind == RATE ? "%.4f" : "%.0f", column->value);
    }
}

static void print_csv(struct slice id, struct slice name, const struct row *row, bool head)
{
    if (head) {
        fputs("id,name", stdout);
        for (size_t i = 0; i < row->count; i++) {
            printf(",%s", row->columns[i].name);
        }
        putchar('\n');
    }
    csv_cell(stdout, id);
    putchar(',');
    csv_cell(stdout, name);
    for (size_t i = 0; i < row->count; i++) {
        putchar(',');
        print_value(&row->columns[i]);
    }
    putchar('\n');
}

static void print_json(struct slice id, struct slice name, const struct row *row)
{
    char space[600];
    struct text text = text_in(space, sizeof space);
    text_add_byte(&text, '{');
    text_add_field(&text, "id", id);
    text_add_field(&text, "name", name);
    fwrite(text.at, 1, text.size, stdout);
    for (size_t i = 0; i < row->count; i++) {
        printf(",\"%s\":", row->columns[i].name);
        if (row->columns[i].known) {
            print_value(&row->columns[i]);
        } else {
            fputs("null", stdout);
        }
    }
    puts("}");
}

static void print_text(struct slice id, struct slice name, const struct row *row, bool head)
{
    static const size_t SHOWN[] = {2, 3, 5, 6, 7, 8, 9, 17, 18, 19, 20};
    if (head) {
        printf("%-26s", "id");
        for (size_t i = 0; i < sizeof SHOWN / sizeof SHOWN[0]; i++) {
            printf(" %*s", row->columns[SHOWN[i]].kind == RATE ? 13 : 8,
                i == 3 ? "in time" : row->columns[SHOWN[i]].name);
        }
        puts("  name");
    }
    printf("%-26.*s", (int)id.size, (const char *)id.ptr);
    for (size_t i = 0; i < sizeof SHOWN / sizeof SHOWN[0]; i++) {
        const struct column *column = &row->columns[SHOWN[i]];
        char value[24] = "-";
        if (column->known) {
            snprintf(value, sizeof value, column->kind == RATE ? "%.2f %%" : "%.0f",
                column->kind == RATE ? column->value * 100 : column->value);
        }
        printf(" %*s", column->kind == RATE ? 13 : 8, value);
    }
    printf("  %.*s\n", (int)name.size, (const char *)name.ptr);
}

static void print_row(
    struct slice id, struct slice name, const struct tally *tally, enum report_form form, bool head)
{
    struct row row = row_of(tally);
    if (form == REPORT_CSV) {
        print_csv(id, name, &row, head);
    } else if (form == REPORT_JSON) {
        print_json(id, name, &row);
    } else {
        print_text(id, name, &row, head);
    }
}

static uint64_t alarms_of(const struct tally *tally)
{
    return tally->alarms[SEVERITY_S1] + tally->alarms[SEVERITY_S2] + tally->alarms[SEVERITY_S3];
}

/* Those without an alarm of S1 to S3: the plan promises them that nobody calls. */
static void print_undisturbed(const struct report_job *job)
{
    uint32_t count = 0;
    fputs("\nundisturbed 无打扰 (no alarm of S1 to S3, all devices heard):", stdout);
    for (uint32_t i = 0; i < job->registry.enterprise_count; i++) {
        const struct tally *tally = &job->enterprises[i];
        if (tally->devices > 0 && tally->silent == 0 && alarms_of(tally) == 0) {
            printf("%s %.*s", count++ > 0 ? "," : "", (int)job->registry.enterprises[i].id.size,
                (const char *)job->registry.enterprises[i].id.ptr);
        }
    }
    printf("%s\n", count == 0 ? " nobody" : "");
}

/* Units of the key-unit list that are seen: all their devices were heard. */
static void print_coverage(const struct report_job *job, enum report_form form)
{
    uint32_t listed = 0, covered = 0;
    for (uint32_t i = 0; i < job->registry.enterprise_count; i++) {
        const struct tally *tally = &job->enterprises[i];
        bool key = job->registry.enterprises[i].key_unit;
        listed += key;
        covered += key && tally->devices > 0 && tally->silent == 0;
    }
    if (form == REPORT_JSON) {
        printf("{\"key_units\":%u,\"key_units_covered\":%u}\n", listed, covered);
    } else if (form == REPORT_TEXT && listed > 0) {
        printf("key units 重点单位: %u listed, %u with all their devices heard\n", listed, covered);
    }
}

void report_print(const struct report_job *job, enum report_by by, enum report_form form)
{
    const struct registry *registry = &job->registry;
    struct tally area = {0};
    for (uint32_t i = 0; i < registry->enterprise_count; i++) {
        tally_add(&area, &job->enterprises[i]);
        if (by == REPORT_ENTERPRISE) {
            print_row(registry->enterprises[i].id, registry->enterprises[i].name,
                &job->enterprises[i], form, i == 0);
        }
    }
    for (uint32_t i = 0; by == REPORT_DEVICE && i < registry->device_count; i++) {
        print_row(
            registry->devices[i].mn, registry->devices[i].name, &job->devices[i], form, i == 0);
    }
    if (by == REPORT_AREA || form == REPORT_TEXT) {
        print_row(registry->area, slice_of("全区域 area"), &area, form, by == REPORT_AREA);
    }
    if (form == REPORT_TEXT) {
        print_undisturbed(job);
    }
    if (by == REPORT_AREA || form == REPORT_TEXT) {
        print_coverage(job, form);
    }
}
