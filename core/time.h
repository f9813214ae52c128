/* time -- instants of two clocks that must never be mixed, and their text forms.
 *
 * Shape    struct event_time: an instant of the civil calendar, as devices, officers and logs name
 *          it. struct mono_time: a reading of a clock that only runs forward (CLOCK_BOOTTIME).
 * Units    milliseconds; event_time since 1970-01-01T00:00:00Z. A day has 86,400 s, as in POSIX.
 * Memory   none.
 * Errors   a parser returns false and leaves the result alone.
 * Threads  pure: nothing here reads a clock (core/clock.h does).
 * Limits   years 1970 to 2199. China Standard Time is UTC+08:00 without summer time, which is wrong
 *          for the summers of 1986 to 1991 only.
 */
#ifndef CORE_TIME_H
#define CORE_TIME_H

#include "core/slice.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    HOUR_MS = 60 * MINUTE_MS,
    DAY_MS = 24 * HOUR_MS,
    CST_OFFSET_MS = 8 * HOUR_MS,
    RFC3339_SIZE = 29, /* 2026-01-01T08:00:00.000+08:00 */
};

struct event_time {
    int64_t ms;
};

struct mono_time {
    int64_t ms;
};

struct civil {
    int year, month, day, hour, minute, second, millisecond;
};

/* China Standard Time as HJ 212 writes it: YYYYMMDDhhmmss, or with three more digits for ms. The
 * calendar is checked: 20260230 is no date; second 60 is none either. */
bool event_time_from_cst(struct slice digits, struct event_time *time);

/* RFC 3339 with any offset ("Z" too), 0 to 9 decimals of a second (cut to ms). */
bool event_time_from_rfc3339(struct slice text, struct event_time *time);

/* The same, or a day, 2026-01-31: its midnight, China Standard Time. */
bool event_time_from_day(struct slice text, struct event_time *time);

/* The calendar in China Standard Time, and back. */
struct civil event_time_civil(struct event_time time);
struct event_time event_time_of_civil(struct civil civil);

/* 29 characters and a NUL: 2026-01-01T08:00:00.000+08:00 */
void event_time_write(struct event_time time, char out[static RFC3339_SIZE + 1]);

/* YYYYMMDDhhmmss, or QN's YYYYMMDDhhmmsszzz, in China Standard Time; NUL-terminated. */
void event_time_write_cst(struct event_time time, char out[static 15]);
void event_time_write_qn(struct event_time time, char out[static 18]);

#endif
