#include "schemas/filing.h"
#include "schemas/units.h"
#include "validators/registry_parse.h"

enum { DATE_SIZE = 10 }; /* 2026-01-31 */

static void check_averaging(struct cell cell)
{
    static const char *const WORDS[] = {"minute", "10min", "hour", "day"};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (slice_is(cell_text(cell), WORDS[i])) {
            return;
        }
    }
    cell_say(cell, "what is compared is the mean of a minute, 10min, hour or day");
}

static void check_limit(struct registry_reading *reading, size_t row, struct table *seen)
{
    static const size_t COLUMNS[] = {LIMITS_OUTLET, LIMITS_FACTOR, LIMITS_AVERAGING, LIMITS_TIER};
    char space[512];
    struct text key = text_in(space, sizeof space);
    struct cell tier = cell_at(reading, REGISTRY_LIMITS, row, LIMITS_TIER);
    struct cell unit = cell_at(reading, REGISTRY_LIMITS, row, LIMITS_UNIT);
    check_averaging(cell_at(reading, REGISTRY_LIMITS, row, LIMITS_AVERAGING));
    if (!slice_is(cell_text(tier), "legal") && !slice_is(cell_text(tier), "policy")) {
        cell_say(tier, "a limit is legal (for exceedance) or policy (for warning)");
    }
    if (unit_find(cell_text(unit)) == NULL) {
        cell_say(unit, "no such unit: see docs/registry.md for the units there are");
    }
    for (size_t i = 0; i < sizeof COLUMNS / sizeof COLUMNS[0]; i++) {
        text_add_slice(&key, cell_text(cell_at(reading, REGISTRY_LIMITS, row, COLUMNS[i])));
        text_add_byte(&key, ' ');
    }
    cell_check_new(cell_at(reading, REGISTRY_LIMITS, row, LIMITS_FACTOR), seen, text_slice(&key),
        "this outlet, factor, averaging and tier have one limit");
}

static void read_limits(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_LIMITS].row_count;
    registry->limits = arena_take(&registry->arena, count, sizeof *registry->limits);
    registry->limit_count = (uint32_t)count;
    struct table seen = table_new(&registry->arena, count);
    for (size_t i = 0; i < count; i++) {
        const struct slice *cells = reading->tables[REGISTRY_LIMITS].rows[i].cells;
        registry->limits[i] = (struct limit){
            .outlet = cell_reference(cell_at(reading, REGISTRY_LIMITS, i, LIMITS_OUTLET),
                &registry->outlet_by_id, "outlet in outlets.csv"),
            .factor = cell_code(cell_at(reading, REGISTRY_LIMITS, i, LIMITS_FACTOR)),
            .averaging = cells[LIMITS_AVERAGING],
            .unit = cells[LIMITS_UNIT],
            .standard = cells[LIMITS_STANDARD],
            .tier = cells[LIMITS_TIER],
            .value = cell_number(cell_at(reading, REGISTRY_LIMITS, i, LIMITS_VALUE)),
        };
        check_limit(reading, i, &seen);
    }
}

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

/* The dates are the first and the last day: a date stands for its midnight, so the end is one day on. */
static void read_dates(struct registry_reading *reading, size_t row, struct calendar *calendar)
{
    struct cell to = cell_at(reading, REGISTRY_CALENDARS, row, CALENDARS_TO_DATE);
    calendar->to_date.ms = INT64_MAX;
    cell_time(cell_at(reading, REGISTRY_CALENDARS, row, CALENDARS_FROM_DATE), &calendar->from_date);
    if (cell_time(to, &calendar->to_date) && cell_text(to).size == DATE_SIZE) {
        calendar->to_date.ms += DAY_MS;
    }
    if (calendar->to_date.ms <= calendar->from_date.ms) {
        cell_say(to, "ends before it begins");
    }
}

static void read_calendars(struct registry_reading *reading)
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
        read_dates(reading, i, calendar);
    }
}

static uint32_t kind_of(struct cell cell)
{
    enum filing_kind kind = FILING_STOP;
    if (!filing_kind_find(cell_name(cell), &kind)) {
        cell_say(cell, "no such kind: 'hjhub filing kinds' shows them");
    }
    return kind;
}

static void read_plans(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_PLANS].row_count;
    registry->plans = arena_take(&registry->arena, count, sizeof *registry->plans);
    registry->plan_count = (uint32_t)count;
    struct table seen = table_new(&registry->arena, count);
    for (size_t i = 0; i < count; i++) {
        const struct slice *cells = reading->tables[REGISTRY_PLANS].rows[i].cells;
        struct plan *plan = &registry->plans[i];
        struct cell to = cell_at(reading, REGISTRY_PLANS, i, PLANS_TO_TIME);
        struct cell key = cell_at(reading, REGISTRY_PLANS, i, PLANS_PLAN);
        plan->id = cell_name(key);
        cell_check_new(key, &seen, plan->id, "stands twice");
        plan->kind = kind_of(cell_at(reading, REGISTRY_PLANS, i, PLANS_KIND));
        plan->reason = cells[PLANS_REASON];
        plan->enterprise = cell_reference(cell_at(reading, REGISTRY_PLANS, i, PLANS_ENTERPRISE),
            &registry->enterprise_by_id, "enterprise in enterprises.csv");
        plan->equipment = cell_reference(cell_at(reading, REGISTRY_PLANS, i, PLANS_EQUIPMENT),
            &registry->equipment_by_id, "equipment in equipment.csv");
        bool whole = cell_time(cell_at(reading, REGISTRY_PLANS, i, PLANS_FROM_TIME), &plan->from);
        whole = cell_time(to, &plan->to) && whole;
        if (whole && plan->to.ms <= plan->from.ms) {
            cell_say(to, "ends before it begins");
        }
    }
}

/* A device, a linkage, an outlet or an enterprise: the narrowest that has this id. */
static void find_subject(struct cell cell, struct override *override)
{
    const struct registry *registry = cell.reading->registry;
    const struct {
        enum reach reach;
        const struct table *table;
    } TABLES[] = {
        {REACH_DEVICE, &registry->device_by_mn},
        {REACH_LINKAGE, &registry->linkage_by_id},
        {REACH_OUTLET, &registry->outlet_by_id},
        {REACH_ENTERPRISE, &registry->enterprise_by_id},
    };
    struct slice id = cell_digits(cell);
    override->reach = REACH_ALL;
    override->subject = NONE;
    for (size_t i = 0; id.size > 0 && i < sizeof TABLES / sizeof TABLES[0]; i++) {
        uint32_t index = table_find(TABLES[i].table, id);
        if (index != TABLE_NONE) {
            override->reach = TABLES[i].reach;
            override->subject = index;
            return;
        }
    }
    if (id.size > 0) {
        cell_say(cell, "no device, linkage, outlet or enterprise has this id: correct this cell, "
                       "or leave it empty for all");
    }
}

static void read_parameters(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    const struct csv_table *table = &reading->tables[REGISTRY_PARAMETERS];
    registry->overrides =
        arena_take(&registry->arena, table->row_count, sizeof *registry->overrides);
    registry->override_count = (uint32_t)table->row_count;
    struct table seen = table_new(&registry->arena, table->row_count);
    for (size_t i = 0; i < table->row_count; i++) {
        char space[512];
        struct text key = text_in(space, sizeof space);
        struct override *override = &registry->overrides[i];
        struct cell parameter = cell_at(reading, REGISTRY_PARAMETERS, i, PARAMETERS_PARAMETER);
        *override = (struct override){
            .rule = cell_name(cell_at(reading, REGISTRY_PARAMETERS, i, PARAMETERS_RULE)),
            .parameter = cell_word(parameter),
            .value = table->rows[i].cells[PARAMETERS_VALUE],
            .line = table->rows[i].line,
            .rule_column = table->file_columns[PARAMETERS_RULE],
            .parameter_column = table->file_columns[PARAMETERS_PARAMETER],
            .value_column = table->file_columns[PARAMETERS_VALUE],
        };
        find_subject(cell_at(reading, REGISTRY_PARAMETERS, i, PARAMETERS_SUBJECT), override);
        for (int k = PARAMETERS_RULE; k <= PARAMETERS_PARAMETER; k++) {
            text_add_slice(&key, table->rows[i].cells[k]);
            text_add_byte(&key, ' ');
        }
        cell_check_new(parameter, &seen, text_slice(&key),
            "this rule's parameter has one value for this subject");
    }
}

void registry_read_terms(struct registry_reading *reading)
{
    read_limits(reading);
    read_calendars(reading);
    read_plans(reading);
    read_parameters(reading);
}
