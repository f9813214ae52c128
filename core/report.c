#include "core/report.h"

#include <stdarg.h>
#include <stdio.h>

void report_add(
    struct report *report, struct slice file, uint32_t line, uint32_t column, struct slice words)
{
    if (report->count < REPORT_FINDINGS_MAX) {
        report->findings[report->count] = (struct finding){
            .file = arena_copy(&report->arena, file),
            .line = line,
            .column = column,
            .words = arena_copy(&report->arena, words),
        };
    }
    report->count += 1;
}

void report_say(struct report *report, struct slice file, uint32_t line, uint32_t column,
    const char *format, ...)
{
    char words[500];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    size_t kept = size < 0 ? 0 : (size_t)size;
    kept = kept < sizeof words ? kept : sizeof words - 1;
    report_add(report, file, line, column, slice_from(words, kept));
}

size_t report_kept(const struct report *report)
{
    return report->count < REPORT_FINDINGS_MAX ? report->count : REPORT_FINDINGS_MAX;
}

void report_free(struct report *report)
{
    arena_free(&report->arena);
    report->count = 0;
}
