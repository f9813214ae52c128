/* report -- what is wrong with something that a person wrote, where, and what to do about it.
 *
 * Shape    a list of findings in the order they were found: file, line and column (from 1; 0: the
 *          whole file), the sentence.
 * Memory   the report's own arena; report_free.
 * Errors   beyond REPORT_FINDINGS_MAX the findings are only counted.
 * Threads  one report, one thread.
 */
#ifndef CORE_REPORT_H
#define CORE_REPORT_H

#include "core/arena.h"
#include "core/text.h"

enum { REPORT_FINDINGS_MAX = 200 };

struct finding {
    struct slice file;
    uint32_t line;
    uint32_t column;
    struct slice words;
};

struct report {
    struct arena arena;
    bool accepted_before; /* what is read was: so what no one asked of it then is not asked now */
    struct finding findings[REPORT_FINDINGS_MAX];
    size_t count; /* how many there were; those kept are at most REPORT_FINDINGS_MAX */
};

/* words is what text_slice gives; bytes of the input inside it are to be quoted by the caller. */
void report_add(
    struct report *report, struct slice file, uint32_t line, uint32_t column, struct slice words);

/* printf-like shorthand for the sentence; cut at 500 bytes. */
void report_say(struct report *report, struct slice file, uint32_t line, uint32_t column,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

size_t report_kept(const struct report *report);
void report_free(struct report *report);

#endif
