#include "validators/registry_parse.h"

/* HH:MM, to 24:00. */
static int32_t minute_of_day(struct cell cell)
{
    struct slice text = cell_text(cell);
    uint64_t hour = 0, minute = 0;
    if (text.size != 5 || text.ptr[2] != ':' || !slice_to_uint(slice_head(text, 2), 24, &hour) ||
        !slice_to_uint(slice_tail(text, 3), 59, &minute) || hour * 60 + minute > 1440) {
        cell_say(cell, "a time of day is written HH:MM, from 00:00 to 24:00");
    }
    return (int32_t)(hour * 60 + minute);
}

/* "12345" is Monday to Friday; empty is every day. */
static uint8_t weekdays(struct cell cell)
{
    struct slice text = cell_text(cell);
    uint8_t days = text.size == 0 ? 0x7F : 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.ptr[i] < '1' || text.ptr[i] > '7') {
            cell_say(cell, "weekdays are digits from 1 (Monday) to 7 (Sunday), such as 12345");
            break;
        }
        days = (uint8_t)(days | 1U << (text.ptr[i] - '1'));
    }
    return days;
}

/* MM-DD: of each year; 0: it is no such thing. */
static int32_t day_of_year(struct cell cell)
{
    struct slice text = cell_text(cell);
    uint64_t month = 0, day = 0;
    if (text.size != 5 || text.ptr[2] != '-') {
        return 0;
    }
    if (!slice_to_uint(slice_head(text, 2), 12, &month) ||
        !slice_to_uint(slice_tail(text, 3), 31, &day) || month == 0 || day == 0) {
        cell_say(cell, "a day of each year is written MM-DD, such as 10-01");
    }
    return (int32_t)(month * 100 + day);
}

static bool read_days(struct cell from, struct cell to, struct calendar *calendar)
{
    calendar->from_day = day_of_year(from);
    calendar->to_day = day_of_year(to);
    if ((calendar->from_day == 0) != (calendar->to_day == 0)) {
        cell_say(to, "both dates are of each year (MM-DD), or none is");
    }
    return calendar->from_day != 0 || calendar->to_day != 0;
}

static void read_dates(struct registry_reading *reading, size_t row, struct calendar *calendar)
{
    struct cell from = cell_at(reading, REGISTRY_CALENDARS, row, CALENDARS_FROM_DATE);
    struct cell to = cell_at(reading, REGISTRY_CALENDARS, row, CALENDARS_TO_DATE);
    calendar->to_date.ms = INT64_MAX;
    if (!read_days(from, to, calendar)) {
        cell_days(from, to, &calendar->from_date, &calendar->to_date);
    }
}

void registry_read_calendars(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_CALENDARS].row_count;
    registry->calendars = arena_take(&registry->arena, count, sizeof *registry->calendars);
    registry->calendar_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        struct calendar *calendar = &registry->calendars[i];
        struct cell to = cell_at(reading, REGISTRY_CALENDARS, i, CALENDARS_TO_TIME);
        calendar->id = cell_name(cell_at(reading, REGISTRY_CALENDARS, i, CALENDARS_CALENDAR));
        calendar->enterprise =
            cell_reference(cell_at(reading, REGISTRY_CALENDARS, i, CALENDARS_ENTERPRISE),
                &registry->enterprise_by_id, "enterprise in enterprises.csv");
        calendar->weekdays = weekdays(cell_at(reading, REGISTRY_CALENDARS, i, CALENDARS_WEEKDAYS));
        calendar->from_minute =
            minute_of_day(cell_at(reading, REGISTRY_CALENDARS, i, CALENDARS_FROM_TIME));
        calendar->to_minute = minute_of_day(to);
        if (calendar->from_minute == calendar->to_minute) {
            cell_say(to, "begins and ends at the same time: the whole day is 00:00 to 24:00");
        }
        struct cell share = cell_at(reading, REGISTRY_CALENDARS, i, CALENDARS_SHARE);
        calendar->equipment =
            cell_reference(cell_at(reading, REGISTRY_CALENDARS, i, CALENDARS_EQUIPMENT),
                &registry->equipment_by_id, "equipment in equipment.csv");
        calendar->share = cell_number(share) / 100;
        if (calendar->share < 0 || calendar->share > 1) {
            cell_say(share, "a share is from 0 to 100 percent of normal production");
        }
        read_dates(reading, i, calendar);
    }
}
