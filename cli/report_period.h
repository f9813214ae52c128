/* report_period -- the day, month or quarter that a report is of.
 *
 * Shape    "2026-11-26", "2026-11", "2026-Q4" -> its first instant and that of the next, China Standard Time.
 * Errors   false: it is none of these, or more than one was given.
 */
#ifndef CLI_REPORT_PERIOD_H
#define CLI_REPORT_PERIOD_H

#include <stdbool.h>

#include "core/time.h"

/* As options gave them; NULL: not. */
struct period_names {
    const char *day, *month, *quarter;
};

struct report_period {
    struct event_time from, to;
    struct event_time until; /* to, or now if that is not over */
};

bool report_period_given(const struct period_names *names);
bool report_period_read(const struct period_names *names, struct report_period *period);

#endif
