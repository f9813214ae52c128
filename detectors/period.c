#include "detectors/period.h"

#include <assert.h>

static const char *const WORDS[] = {"", "hour", "day", "month", "quarter", "year"};

const char *period_name(enum period period)
{
    return WORDS[period];
}

enum period period_from(struct slice word)
{
    for (int i = PERIOD_HOUR; i <= PERIOD_YEAR; i++) {
        if (slice_is(word, WORDS[i])) {
            return (enum period)i;
        }
    }
    return PERIOD_SLIDING;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

int64_t period_number(enum period period, int64_t ms)
{
    int64_t within_ms = ms - 1;
    struct civil civil;
    switch (period) {
    case PERIOD_HOUR:
        return floor_divide(within_ms + CST_OFFSET_MS, HOUR_MS);
    case PERIOD_DAY:
        return floor_divide(within_ms + CST_OFFSET_MS, DAY_MS);
    case PERIOD_MONTH:
        civil = event_time_civil((struct event_time){within_ms});
        return civil.year * INT64_C(12) + civil.month - 1;
    case PERIOD_QUARTER:
        civil = event_time_civil((struct event_time){within_ms});
        return civil.year * INT64_C(4) + (civil.month - 1) / 3;
    case PERIOD_YEAR:
        return event_time_civil((struct event_time){within_ms}).year;
    case PERIOD_SLIDING:
        break;
    }
    assert(!"what slides has no number");
    return 0;
}

int64_t period_start(enum period period, int64_t number)
{
    struct civil civil = {.year = (int)number, .month = 1, .day = 1};
    switch (period) {
    case PERIOD_HOUR:
        return number * HOUR_MS - CST_OFFSET_MS;
    case PERIOD_DAY:
        return number * DAY_MS - CST_OFFSET_MS;
    case PERIOD_MONTH:
        civil.year = (int)floor_divide(number, 12);
        civil.month = (int)(number - civil.year * INT64_C(12)) + 1;
        return event_time_of_civil(civil).ms;
    case PERIOD_QUARTER:
        civil.year = (int)floor_divide(number, 4);
        civil.month = (int)(number - civil.year * INT64_C(4)) * 3 + 1;
        return event_time_of_civil(civil).ms;
    case PERIOD_YEAR:
        return event_time_of_civil(civil).ms;
    case PERIOD_SLIDING:
        break;
    }
    assert(!"what slides has no number");
    return 0;
}

bool span_equal(const struct span *a, const struct span *b)
{
    return a->width_ms == b->width_ms && a->period == b->period && a->last == b->last;
}
