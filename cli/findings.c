#include "cli/findings.h"

void findings_print(const struct report *report, FILE *out)
{
    for (size_t i = 0; i < report_kept(report); i++) {
        const struct finding *finding = &report->findings[i];
        fprintf(out, "%.*s:", (int)finding->file.size, (const char *)finding->file.ptr);
        if (finding->line > 0) {
            fprintf(out, "%u:", finding->line);
        }
        if (finding->column > 0) {
            fprintf(out, "%u:", finding->column);
        }
        fprintf(out, " %.*s\n", (int)finding->words.size, (const char *)finding->words.ptr);
    }
    if (report->count > report_kept(report)) {
        fprintf(out, "and %zu more\n", report->count - report_kept(report));
    }
}

void findings_print_json(const struct report *report, FILE *out)
{
    for (size_t i = 0; i < report_kept(report); i++) {
        const struct finding *finding = &report->findings[i];
        char space[8192];
        struct text text = text_in(space, sizeof space);
        text_add_byte(&text, '{');
        text_add_field(&text, "file", finding->file);
        if (finding->line > 0) {
            text_add_field_int(&text, "line", finding->line);
        }
        if (finding->column > 0) {
            text_add_field_int(&text, "column", finding->column);
        }
        text_add_field(&text, "words", finding->words);
        text_add_byte(&text, '}');
        fprintf(out, "%.*s\n", (int)text.size, text.at);
    }
}
