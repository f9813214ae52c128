#include "cli/report_period.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"

static int given(const char *name)
{
    return name != NULL;
}

bool report_period_given(const struct period_names *names)
{
    return given(names->day) + given(names->month) + given(names->quarter) > 0;
}

/* "YYYY-MM-DD", or "YYYY-MM" of which the first is meant. */
static bool read_day(const char *words, size_t size, struct event_time *day)
{
    char text[16];
    snprintf(text, sizeof text, "%.10s%s", words, size == 7 ? "-01" : "");
    return strlen(words) == size && event_time_from_day(slice_of(text), day);
}

static struct event_time months_later(struct event_time time, int months)
{
    struct civil civil = event_time_civil(time);
    civil.month += months;
    civil.year += (civil.month - 1) / 12;
    civil.month = (civil.month - 1) % 12 + 1;
    return event_time_of_civil(civil);
}

/* "2026-Q4" */
static bool read_quarter(const char *words, struct event_time *first)
{
    char text[16];
    if (strlen(words) != 7 || words[5] != 'Q' || words[6] < '1' || words[6] > '4') {
        return false;
    }
    snprintf(text, sizeof text, "%.5s%02d", words, (words[6] - '1') * 3 + 1);
    return read_day(text, 7, first);
}

bool report_period_read(const struct period_names *names, struct report_period *period)
{
    bool fine = given(names->day) + given(names->month) + given(names->quarter) == 1;
    if (fine && names->day != NULL) {
        fine = read_day(names->day, 10, &period->from);
        period->to.ms = period->from.ms + DAY_MS;
    } else if (fine) {
        fine = names->month != NULL ? read_day(names->month, 7, &period->from)
                                    : read_quarter(names->quarter, &period->from);
        period->to = fine ? months_later(period->from, names->month != NULL ? 1 : 3) : period->to;
    }
    const struct event_time now = clock_wall();
    period->until = now.ms > period->from.ms && now.ms < period->to.ms ? now : period->to;
    return fine;
}
