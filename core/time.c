#include "core/time.h"

#include <assert.h>

enum { YEAR_MIN = 1970, YEAR_MAX = 2199 };

static bool leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    assert(month >= 1 && month <= 12);
    return month == 2 && leap_year(year) ? 29 : DAYS[month - 1];
}

/* Days since 1970-01-01, counted from March so that the leap day ends its year. */
static int64_t days_of_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static bool civil_valid(const struct civil *civil)
{
    return civil->year >= YEAR_MIN && civil->year <= YEAR_MAX && civil->month >= 1 &&
           civil->month <= 12 && civil->day >= 1 &&
           civil->day <= month_days(civil->year, civil->month) && civil->hour >= 0 &&
           civil->hour <= 23 && civil->minute >= 0 && civil->minute <= 59 && civil->second >= 0 &&
           civil->second <= 59 && civil->millisecond >= 0 && civil->millisecond <= 999;
}

static int64_t civil_ms(const struct civil *civil)
{
    int64_t seconds = days_of_civil(civil->year, civil->month, civil->day) * 86400 +
                      civil->hour * 3600 + civil->minute * 60 + civil->second;
    return seconds * SECOND_MS + civil->millisecond;
}

static bool digits_at(struct slice text, size_t at, size_t count, int *value)
{
    int sum = 0;
    if (at + count > text.size) {
        return false;
    }
    for (size_t i = at; i < at + count; i++) {
        unsigned digit = (unsigned)text.ptr[i] - '0';
        if (digit > 9) {
            return false;
        }
        sum = sum * 10 + (int)digit;
    }
    *value = sum;
    return true;
}

bool event_time_from_cst(struct slice digits, struct event_time *time)
{
    struct civil civil = {0};
    if ((digits.size != 14 && digits.size != 17) || !digits_at(digits, 0, 4, &civil.year) ||
        !digits_at(digits, 4, 2, &civil.month) || !digits_at(digits, 6, 2, &civil.day) ||
        !digits_at(digits, 8, 2, &civil.hour) || !digits_at(digits, 10, 2, &civil.minute) ||
        !digits_at(digits, 12, 2, &civil.second)) {
        return false;
    }
    if (digits.size == 17 && !digits_at(digits, 14, 3, &civil.millisecond)) {
        return false;
    }
    if (!civil_valid(&civil)) {
        return false;
    }
    *time = event_time_of_civil(civil);
    return true;
}

static bool byte_at(struct slice text, size_t at, const char *any_of)
{
    if (at >= text.size) {
        return false;
    }
    for (; *any_of != '\0'; any_of++) {
        if (text.ptr[at] == (uint8_t)*any_of) {
            return true;
        }
    }
    return false;
}

/* "Z", "+08:00": the offset in ms, or false. The whole of text must be the offset. */
static bool offset_parse(struct slice text, int64_t *offset_ms)
{
    int hours, minutes;
    if (text.size == 1 && byte_at(text, 0, "Zz")) {
        *offset_ms = 0;
        return true;
    }
    if (text.size != 6 || !byte_at(text, 0, "+-") || !digits_at(text, 1, 2, &hours) ||
        !byte_at(text, 3, ":") || !digits_at(text, 4, 2, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    int64_t size = (int64_t)hours * HOUR_MS + (int64_t)minutes * MINUTE_MS;
    *offset_ms = text.ptr[0] == '-' ? -size : size;
    return true;
}

bool event_time_from_rfc3339(struct slice text, struct event_time *time)
{
    struct civil civil = {0};
    if (!digits_at(text, 0, 4, &civil.year) || !byte_at(text, 4, "-") ||
        !digits_at(text, 5, 2, &civil.month) || !byte_at(text, 7, "-") ||
        !digits_at(text, 8, 2, &civil.day) || !byte_at(text, 10, "Tt ") ||
        !digits_at(text, 11, 2, &civil.hour) || !byte_at(text, 13, ":") ||
        !digits_at(text, 14, 2, &civil.minute) || !byte_at(text, 16, ":") ||
        !digits_at(text, 17, 2, &civil.second) || !civil_valid(&civil)) {
        return false;
    }
    size_t at = 19;
    if (byte_at(text, at, ".")) {
        int scale = 100;
        size_t first = ++at;
        for (; byte_at(text, at, "0123456789") && at - first < 9; at++) {
            civil.millisecond += (text.ptr[at] - '0') * scale;
            scale /= 10;
        }
        if (at == first) {
            return false;
        }
    }
    int64_t offset_ms;
    if (!offset_parse(slice_tail(text, at), &offset_ms)) {
        return false;
    }
    time->ms = civil_ms(&civil) - offset_ms;
    return true;
}

bool event_time_from_day(struct slice text, struct event_time *time)
{
    struct civil civil = {0};
    if (text.size != 10 || !digits_at(text, 0, 4, &civil.year) || !byte_at(text, 4, "-") ||
        !digits_at(text, 5, 2, &civil.month) || !byte_at(text, 7, "-") ||
        !digits_at(text, 8, 2, &civil.day) || !civil_valid(&civil)) {
        return event_time_from_rfc3339(text, time);
    }
    *time = event_time_of_civil(civil);
    return true;
}

struct event_time event_time_of_civil(struct civil civil)
{
    return (struct event_time){civil_ms(&civil) - CST_OFFSET_MS};
}

struct civil event_time_civil(struct event_time time)
{
    int64_t ms = time.ms + CST_OFFSET_MS;
    int64_t days = ms / DAY_MS;
    int64_t rest = ms % DAY_MS;
    if (rest < 0) {
        rest += DAY_MS;
        days -= 1;
    }
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t m = (5 * day_of_year + 2) / 153;
    struct civil civil = {
        .day = (int)(day_of_year - (153 * m + 2) / 5 + 1),
        .month = (int)(m < 10 ? m + 3 : m - 9),
        .hour = (int)(rest / HOUR_MS),
        .minute = (int)(rest / MINUTE_MS % 60),
        .second = (int)(rest / SECOND_MS % 60),
        .millisecond = (int)(rest % SECOND_MS),
    };
    civil.year = (int)(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
    return civil;
}

static void put(char *out, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

void event_time_write(struct event_time time, char out[static RFC3339_SIZE + 1])
{
    static const char SHAPE[] = "0000-00-00T00:00:00.000+08:00";
    struct civil civil = event_time_civil(time);
    for (size_t i = 0; i < sizeof SHAPE; i++) {
        out[i] = SHAPE[i];
    }
    put(out, civil.year, 4);
    put(out + 5, civil.month, 2);
    put(out + 8, civil.day, 2);
    put(out + 11, civil.hour, 2);
    put(out + 14, civil.minute, 2);
    put(out + 17, civil.second, 2);
    put(out + 20, civil.millisecond, 3);
}

void event_time_write_cst(struct event_time time, char out[static 15])
{
    struct civil civil = event_time_civil(time);
    put(out, civil.year, 4);
    put(out + 4, civil.month, 2);
    put(out + 6, civil.day, 2);
    put(out + 8, civil.hour, 2);
    put(out + 10, civil.minute, 2);
    put(out + 12, civil.second, 2);
    out[14] = '\0';
}

void event_time_write_qn(struct event_time time, char out[static 18])
{
    event_time_write_cst(time, out);
    put(out + 14, event_time_civil(time).millisecond, 3);
    out[17] = '\0';
}
