/* period -- what a window looks back over: so much time that slides along, or a period of the calendar.
 *
 * Source   docs/rules.md; China Standard Time has no summer time, so hours and days are of one length.
 * Shape    a period has a number; periods follow each other without a gap, in the order of their numbers.
 * Units    ms of event time. An instant belongs to the period that it ends: midnight is the last instant of
 *          the day before, since a value speaks of the time up to it.
 * Memory   none.
 * Errors   none.
 * Threads  pure.
 */
#ifndef DETECTORS_PERIOD_H
#define DETECTORS_PERIOD_H

#include "core/time.h"

enum period { PERIOD_SLIDING, PERIOD_HOUR, PERIOD_DAY, PERIOD_MONTH, PERIOD_QUARTER, PERIOD_YEAR };

struct span {
    int64_t width_ms; /* sliding */
    uint8_t period;   /* enum period */
    bool last;        /* the period before the one that runs */
};

/* "hour", "day", "month", "quarter", "year"; PERIOD_SLIDING: none of them. */
enum period period_from(struct slice word);
const char *period_name(enum period period); /* those words */

int64_t period_number(enum period period, int64_t ms);
int64_t period_start(enum period period, int64_t number); /* the instant before its first */

bool span_equal(const struct span *a, const struct span *b);

#endif
