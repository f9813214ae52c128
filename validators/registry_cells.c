#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/decimal.h"
#include "schemas/topic.h"
#include "validators/registry_parse.h"

struct cell cell_at(
    struct registry_reading *reading, enum registry_table table, size_t row, size_t column)
{
    return (struct cell){reading, table, row, column};
}

struct slice cell_text(struct cell cell)
{
    return cell.reading->tables[cell.table].rows[cell.row].cells[cell.column];
}

void cell_say(struct cell cell, const char *format, ...)
{
    char words[360];
    const struct csv_table *table = &cell.reading->tables[cell.table];
    struct slice text = cell_text(cell);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    report_say(cell.reading->report, table->name, table->rows[cell.row].line,
        table->file_columns[cell.column], "%s '%.*s': %s", table->columns[cell.column].name,
        (int)(text.size < 80 ? text.size : 80), (const char *)text.ptr, words);
}

double cell_number(struct cell cell)
{
    struct decimal number;
    struct slice text = cell_text(cell);
    if (text.size == 0) {
        return (double)NAN;
    }
    if (!decimal_parse(text, &number)) {
        cell_say(cell, "not a plain number: write digits with at most one point");
        return (double)NAN;
    }
    return number.value;
}

int64_t cell_int(struct cell cell, int64_t least, int64_t most, int64_t empty)
{
    uint64_t value;
    struct slice text = cell_text(cell);
    if (text.size == 0) {
        return empty;
    }
    if (!slice_to_uint(text, (uint64_t)most, &value) || (int64_t)value < least) {
        cell_say(cell, "not a whole number from %lld to %lld", (long long)least, (long long)most);
        return empty;
    }
    return (int64_t)value;
}

bool cell_time(struct cell cell, struct event_time *time)
{
    struct slice text = cell_text(cell);
    uint64_t days;
    if (text.size == 0) {
        return false;
    }
    if (event_time_from_day(text, time)) {
        return true;
    }
    if (slice_to_uint(text, 99999, &days)) {
        cell_say(cell, "a spreadsheet's day number: format the column as text and write "
                       "2026-01-31 or 2026-01-31T08:00:00+08:00");
    } else {
        cell_say(cell, "not a time: write 2026-01-31 or 2026-01-31T08:00:00+08:00");
    }
    return false;
}

/* A date stands for its midnight, so the end of the last day is one day on. */
void cell_days(struct cell first, struct cell last, struct event_time *from, struct event_time *to)
{
    enum { DATE_SIZE = 10 }; /* 2026-01-31 */
    if (!cell_time(first, from)) {
        from->ms = INT64_MIN;
    }
    if (!cell_time(last, to)) {
        to->ms = INT64_MAX;
    } else if (cell_text(last).size == DATE_SIZE) {
        to->ms += DAY_MS;
    }
    if (to->ms <= from->ms) {
        cell_say(last, "ends before it begins");
    }
}

uint32_t cell_reference(struct cell cell, const struct table *table, const char *what)
{
    struct slice text = cell_text(cell);
    if (text.size == 0) {
        return NONE;
    }
    uint32_t index = table_find(table, text);
    if (index == TABLE_NONE) {
        cell_say(cell, "no such %s: add it there or correct this cell", what);
    }
    return index;
}

/* 1.2E+13, as a spreadsheet shows a long number. */
static bool looks_scientific(struct slice text)
{
    size_t e = slice_find(text, 0, 'E');
    struct decimal number;
    return e + 1 < text.size && (text.ptr[e + 1] == '+' || text.ptr[e + 1] == '-') &&
           decimal_parse(slice_head(text, e), &number);
}

static bool sound(struct cell cell)
{
    bool rounded = looks_scientific(cell_text(cell));
    if (rounded) {
        cell_say(cell,
            "a spreadsheet turned this into a rounded number; its digits are lost: format "
            "the column as text and enter it again");
    }
    return !rounded;
}

struct slice cell_digits(struct cell cell)
{
    sound(cell);
    return cell_text(cell);
}

struct slice cell_name(struct cell cell)
{
    struct slice text = cell_text(cell);
    if (sound(cell) && text.size > 0 && !name_valid(text)) {
        cell_say(cell, "may hold only 1 to 64 of 0-9 A-Z a-z _ - .");
    }
    return text;
}

struct slice cell_code(struct cell cell)
{
    struct slice text = cell_name(cell);
    if (slice_find(text, 0, '-') < text.size) {
        cell_say(cell, "holds a hyphen: factor and field stand in columns of their own, a21026 "
                       "and Rtd");
    }
    return text;
}

struct slice cell_pattern(struct cell cell)
{
    char space[65];
    struct slice text = cell_text(cell);
    struct text plain = text_in(space, sizeof space - 1);
    for (size_t i = 0; i < text.size; i++) {
        text_add_byte(&plain, text.ptr[i] == '#' ? '0' : (char)text.ptr[i]);
    }
    if (sound(cell) && (plain.truncated || (text.size > 0 && !name_valid(text_slice(&plain))) ||
                           slice_find(text, 0, '-') < text.size)) {
        cell_say(
            cell, "a code of 1 to 64 of 0-9 A-Z a-z _ ., # for each digit of a point's number");
    }
    return text;
}

struct slice cell_word(struct cell cell)
{
    struct slice text = cell_text(cell);
    bool fits = text.size <= 64;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.ptr[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
        fits = fits && (letter || (i > 0 && byte >= '0' && byte <= '9'));
    }
    if (!fits) {
        cell_say(cell, "a word that rules use: letters, digits and _, a letter first");
    }
    return text;
}

void cell_check_outlet(struct cell cell, uint32_t outlet, uint32_t enterprise)
{
    const struct registry *registry = cell.reading->registry;
    if (outlet != NONE && enterprise != NONE &&
        registry->outlets[outlet].enterprise != enterprise) {
        cell_say(cell, "this outlet belongs to another enterprise: correct one of the two");
    }
}

void cell_check_new(struct cell cell, struct table *seen, struct slice key, const char *what)
{
    uint32_t row = (uint32_t)cell.row;
    uint32_t first = table_add(seen, arena_copy(&cell.reading->registry->arena, key), row);
    if (first != row) {
        cell_say(cell, "%s: line %u has it already", what,
            cell.reading->tables[cell.table].rows[first].line);
    }
}
