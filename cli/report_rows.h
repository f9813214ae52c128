/* report_rows -- a table of a report, in words, as CSV or as lines of JSON: what stands in its rows, in order.
 *
 * Shape    row_add_* fill a row from the left; each row of one table has the same columns.
 * Units    HOURS are told in hours, of ms.
 * Memory   a row borrows the names.
 * Errors   none; what is not known is empty, null, or - in words.
 * Threads  one thread.
 */
#ifndef CLI_REPORT_ROWS_H
#define CLI_REPORT_ROWS_H

#include <stdbool.h>

#include "core/slice.h"

enum report_form { REPORT_TEXT, REPORT_CSV, REPORT_JSON };
enum column_kind { COLUMN_COUNT_OF, COLUMN_RATE, COLUMN_HOURS };

struct report_column {
    struct slice name;
    enum column_kind kind;
    double value;
    bool known;
    bool in_words; /* shown in words too: a line is only so wide */
};

/* Where something belongs, in its own words. */
struct report_word {
    const char *name;
    struct slice word;
};

enum { COLUMNS_MAX = 48, WORDS_MAX = 4 };

struct report_row {
    struct slice id, name;
    struct report_word words[WORDS_MAX]; /* behind the name */
    size_t word_count;
    struct report_column columns[COLUMNS_MAX];
    size_t count;
};

void row_add_word(struct report_row *row, const char *name, struct slice word);
void row_add(struct report_row *row, struct report_column column);
void row_add_count(struct report_row *row, const char *name, double value, bool in_words);
void row_add_hours(struct report_row *row, struct slice name, double hours, bool known);
/* part of whole; of nothing it is not known. */
void row_add_rate(struct report_row *row, struct slice name, double part, double whole);

void row_print(const struct report_row *row, enum report_form form, bool head);

#endif
