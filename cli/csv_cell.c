#include "cli/csv_cell.h"

static bool needs_quotes(struct slice cell)
{
    static const char MARKS[] = {',', '"', '\r', '\n'};
    for (size_t i = 0; i < cell.size; i++) {
        if (memchr(MARKS, cell.ptr[i], sizeof MARKS) != NULL) {
            return true;
        }
    }
    return false;
}

void csv_cell(FILE *file, struct slice cell)
{
    const char *quote = needs_quotes(cell) ? "\"" : "";
    fputs(quote, file);
    for (size_t i = 0; i < cell.size; i++) {
        fputs(cell.ptr[i] == '"' ? "\"" : "", file);
        fputc(cell.ptr[i], file);
    }
    fputs(quote, file);
}
