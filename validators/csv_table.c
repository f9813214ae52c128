#include "validators/csv_table.h"

#include <assert.h>
#include <csv.h>
#include <string.h>

enum { LEFT_OUT = -1 };

struct reading {
    struct csv_table *table;
    struct arena *arena;
    struct report *report;
    int place[CSV_COLUMNS_MAX * 2]; /* of the file's columns among ours */
    size_t file_columns;
    size_t cell;     /* index in the row being read */
    uint32_t line;   /* of the row being read */
    uint32_t breaks; /* line breaks inside its quotes */
    bool header_done;
    bool filled; /* a cell of this row is not empty */
    size_t capacity;
};

static struct slice trimmed(struct slice cell)
{
    while (cell.size > 0 && (cell.ptr[0] == ' ' || cell.ptr[0] == '\t')) {
        cell = slice_tail(cell, 1);
    }
    while (cell.size > 0 && (cell.ptr[cell.size - 1] == ' ' || cell.ptr[cell.size - 1] == '\t')) {
        cell.size -= 1;
    }
    return cell;
}

static void header_cell(struct reading *reading, struct slice cell)
{
    size_t at = reading->file_columns;
    if (at == sizeof reading->place / sizeof reading->place[0]) {
        return;
    }
    reading->place[at] = LEFT_OUT;
    reading->file_columns += 1;
    for (size_t i = 0; i < reading->table->column_count; i++) {
        if (slice_is(cell, reading->table->columns[i].name)) {
            for (size_t k = 0; k < at; k++) {
                if (reading->place[k] == (int)i) {
                    report_say(reading->report, reading->table->name, 1, (uint32_t)at + 1,
                        "column '%.*s' stands twice: keep one", (int)cell.size,
                        (const char *)cell.ptr);
                }
            }
            reading->place[at] = (int)i;
            reading->table->file_columns[i] = (uint32_t)at + 1;
            return;
        }
    }
    report_say(reading->report, reading->table->name, 1, (uint32_t)at + 1,
        "unknown column '%.*s': see docs/registry.md for the columns of this table",
        (int)(cell.size < 60 ? cell.size : 60), (const char *)cell.ptr);
}

static void new_row(struct reading *reading)
{
    struct csv_table *table = reading->table;
    if (table->row_count == reading->capacity) {
        size_t capacity = reading->capacity * 2 + 64;
        struct csv_row *rows = arena_take(reading->arena, capacity, sizeof *rows);
        if (table->row_count > 0) {
            memcpy(rows, table->rows, table->row_count * sizeof *rows);
        }
        table->rows = rows;
        reading->capacity = capacity;
    }
    table->rows[table->row_count++] = (struct csv_row){.line = reading->line};
}

/* What would break a line of a log or a message to an officer is no part of a name. */
static void check_bytes(struct reading *reading, struct slice cell)
{
    for (size_t i = 0; i < cell.size; i++) {
        if (cell.ptr[i] < 0x20 || cell.ptr[i] == 0x7F) {
            report_say(reading->report, reading->table->name, reading->line,
                (uint32_t)reading->cell + 1,
                "a line break, tab or other control character inside the cell: remove it");
            return;
        }
    }
}

static void take_cell(void *bytes, size_t size, void *context)
{
    struct reading *reading = context;
    struct csv_table *table = reading->table;
    struct slice raw = slice_from(bytes == NULL ? "" : bytes, size);
    struct slice cell = trimmed(raw);
    for (size_t at = slice_find(raw, 0, '\n'); at < size; at = slice_find(raw, at + 1, '\n')) {
        reading->breaks += 1;
    }
    if (!reading->header_done) {
        header_cell(reading, cell);
        return;
    }
    if (reading->cell == 0) {
        new_row(reading);
        reading->filled = false;
    }
    check_bytes(reading, cell);
    reading->filled = reading->filled || cell.size > 0;
    if (reading->cell < reading->file_columns && reading->place[reading->cell] != LEFT_OUT) {
        table->rows[table->row_count - 1].cells[reading->place[reading->cell]] =
            arena_copy(reading->arena, cell);
    }
    reading->cell += 1;
}

static void check_header(struct reading *reading)
{
    for (size_t i = 0; i < reading->table->column_count; i++) {
        bool there = false;
        for (size_t k = 0; k < reading->file_columns; k++) {
            there = there || reading->place[k] == (int)i;
        }
        if (!there && reading->table->columns[i].required) {
            report_say(reading->report, reading->table->name, 1, 0,
                "column '%s' is missing: add it to the first line",
                reading->table->columns[i].name);
        }
    }
}

static void check_row(struct reading *reading)
{
    const struct csv_row *row = &reading->table->rows[reading->table->row_count - 1];
    if (reading->cell != reading->file_columns) {
        report_say(reading->report, reading->table->name, row->line, 0,
            "the line has %zu cells, the first line names %zu columns: add or remove commas",
            reading->cell, reading->file_columns);
        return;
    }
    for (size_t k = 0; k < reading->file_columns; k++) {
        int place = reading->place[k];
        if (place != LEFT_OUT && reading->table->columns[place].required &&
            row->cells[place].size == 0) {
            report_say(reading->report, reading->table->name, row->line, (uint32_t)k + 1,
                "'%s' is empty: it is needed", reading->table->columns[place].name);
        }
    }
}

static void end_row(int byte, void *context)
{
    struct reading *reading = context;
    (void)byte;
    if (!reading->header_done) {
        reading->header_done = true;
        check_header(reading);
    } else if (reading->cell > 0 && !reading->filled) {
        reading->table->row_count -= 1;
    } else if (reading->cell > 0) {
        check_row(reading);
    }
    reading->line += 1 + reading->breaks;
    reading->breaks = 0;
    reading->cell = 0;
}

bool csv_table_read(
    struct csv_table *table, struct slice bytes, struct arena *arena, struct report *report)
{
    struct csv_parser parser;
    struct reading reading = {.table = table, .arena = arena, .report = report, .line = 1};
    assert(table->column_count <= CSV_COLUMNS_MAX);
    size_t before = report->count;
    table->rows = NULL;
    table->row_count = 0;
    memset(table->file_columns, 0, sizeof table->file_columns);
    if (bytes.size == 0) {
        return true;
    }
    int failed = csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL);
    assert(failed == 0);
    size_t done = csv_parse(&parser, bytes.ptr, bytes.size, take_cell, end_row, &reading);
    if (done != bytes.size || csv_fini(&parser, take_cell, end_row, &reading) != 0) {
        report_say(report, table->name, reading.line, 0,
            "not CSV: %s (a quote inside a cell is written twice)",
            csv_strerror(csv_error(&parser)));
    }
    csv_free(&parser);
    return report->count == before;
}
