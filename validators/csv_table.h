/* csv_table -- one CSV file as rows of cells under known columns.
 *
 * Source   RFC 4180, read strictly by libcsv; design: "Registry".
 * Shape    the first row names the columns, in any order; a known column may be missing if it is
 *          optional, an unknown one is a finding. Cells are trimmed of blanks around them; a row of
 *          empty cells, as spreadsheets leave them at the end, is none.
 * Memory   the caller's arena.
 * Errors   findings with file, line and column.
 * Threads  pure.
 */
#ifndef VALIDATORS_CSV_TABLE_H
#define VALIDATORS_CSV_TABLE_H

#include "core/report.h"

enum { CSV_COLUMNS_MAX = 24 };

struct csv_column {
    const char *name;
    bool required; /* the column must be there and no cell of it may be empty */
};

struct csv_row {
    uint32_t line;
    struct slice cells[CSV_COLUMNS_MAX]; /* by the caller's order of columns; empty when missing */
};

struct csv_table {
    struct slice name;
    const struct csv_column *columns;
    size_t column_count;
    uint32_t file_columns[CSV_COLUMNS_MAX]; /* where each stands in the file, from 1; 0: missing */
    struct csv_row *rows;
    size_t row_count;
};

/* false: there are findings. An absent table is one without bytes: no rows. */
bool csv_table_read(
    struct csv_table *table, struct slice bytes, struct arena *arena, struct report *report);

#endif
