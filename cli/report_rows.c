#include "cli/report_rows.h"

#include <assert.h>
#include <stdio.h>

#include "cli/csv_cell.h"
#include "core/text.h"

void row_add_word(struct report_row *row, const char *name, struct slice word)
{
    assert(row->word_count < WORDS_MAX);
    row->words[row->word_count++] = (struct report_word){name, word};
}

void row_add(struct report_row *row, struct report_column column)
{
    assert(row->count < COLUMNS_MAX);
    row->columns[row->count++] = column;
}

void row_add_count(struct report_row *row, const char *name, double value, bool in_words)
{
    row_add(row, (struct report_column){slice_of(name), COLUMN_COUNT_OF, value, true, in_words});
}

void row_add_hours(struct report_row *row, struct slice name, double hours, bool known)
{
    row_add(row, (struct report_column){name, COLUMN_HOURS, hours, known, true});
}

void row_add_rate(struct report_row *row, struct slice name, double part, double whole)
{
    row_add(row,
        (struct report_column){name, COLUMN_RATE, whole > 0 ? part / whole : 0, whole > 0, true});
}

static void print_value(const struct report_column *column)
{
    static const int DECIMALS[] = {[COLUMN_COUNT_OF] = 0, [COLUMN_RATE] = 4, [COLUMN_HOURS] = 3};
    if (column->known) {
        printf("%.*f", DECIMALS[column->kind], column->value);
    }
}

static void print_csv(const struct report_row *row, bool head)
{
    if (head) {
        fputs("id,name", stdout);
        for (size_t i = 0; i < row->word_count; i++) {
            printf(",%s", row->words[i].name);
        }
        for (size_t i = 0; i < row->count; i++) {
            putchar(',');
            csv_cell(stdout, row->columns[i].name);
        }
        putchar('\n');
    }
    csv_cell(stdout, row->id);
    putchar(',');
    csv_cell(stdout, row->name);
    for (size_t i = 0; i < row->word_count; i++) {
        putchar(',');
        csv_cell(stdout, row->words[i].word);
    }
    for (size_t i = 0; i < row->count; i++) {
        putchar(',');
        print_value(&row->columns[i]);
    }
    putchar('\n');
}

static void print_json(const struct report_row *row)
{
    char space[4000];
    struct text text = text_in(space, sizeof space);
    text_add_byte(&text, '{');
    text_add_field(&text, "id", row->id);
    text_add_field(&text, "name", row->name);
    for (size_t i = 0; i < row->word_count; i++) {
        text_add_field(&text, row->words[i].name, row->words[i].word);
    }
    fwrite(text.at, 1, text.size, stdout);
    for (size_t i = 0; i < row->count; i++) {
        text_reset(&text);
        text_add_byte(&text, ',');
        text_add_json(&text, row->columns[i].name);
        text_add_byte(&text, ':');
        fwrite(text.at, 1, text.size, stdout);
        if (row->columns[i].known) {
            print_value(&row->columns[i]);
        } else {
            fputs("null", stdout);
        }
    }
    puts("}");
}

static int width_of(const struct report_column *column)
{
    int width = (int)column->name.size;
    return width < 8 ? 8 : width;
}

static void print_words(const struct report_column *column)
{
    const bool rate = column->kind == COLUMN_RATE;
    char value[32] = "-";
    if (column->known) {
        snprintf(value, sizeof value, "%.*f%s", column->kind == COLUMN_COUNT_OF ? 0 : 2,
            rate ? column->value * 100 : column->value, rate ? " %" : "");
    }
    printf(" %*s", width_of(column), value);
}

static void print_text(const struct report_row *row, bool head)
{
    if (head) {
        printf("%-26s", "id");
    }
    for (size_t i = 0; head && i < row->count; i++) {
        if (row->columns[i].in_words) {
            printf(" %*.*s", width_of(&row->columns[i]), (int)row->columns[i].name.size,
                (const char *)row->columns[i].name.ptr);
        }
    }
    fputs(head ? "  name\n" : "", stdout);
    printf("%-26.*s", (int)row->id.size, (const char *)row->id.ptr);
    for (size_t i = 0; i < row->count; i++) {
        if (row->columns[i].in_words) {
            print_words(&row->columns[i]);
        }
    }
    printf("  %.*s", (int)row->name.size, (const char *)row->name.ptr);
    for (size_t i = 0; i < row->word_count; i++) {
        printf("%s%.*s", row->words[i].word.size > 0 ? "  " : "", (int)row->words[i].word.size,
            (const char *)row->words[i].word.ptr);
    }
    putchar('\n');
}

void row_print(const struct report_row *row, enum report_form form, bool head)
{
    switch (form) {
    case REPORT_TEXT:
        print_text(row, head);
        break;
    case REPORT_CSV:
        print_csv(row, head);
        break;
    case REPORT_JSON:
        print_json(row);
        break;
    }
}
