#include <math.h>
#include <string.h>

#include "schemas/units.h"
#include "validators/registry_parse.h"

static struct cell at(
    struct registry_reading *reading, enum registry_table table, size_t row, size_t column)
{
    return (struct cell){reading, table, row, column};
}

static void read_member(struct registry_reading *reading, size_t row, struct linkage_member *member)
{
    struct cell cell = at(reading, REGISTRY_LINKAGES, row, LINKAGES_ROLE);
    member->role = cell_name(cell);
    cell.column = LINKAGES_EQUIPMENT;
    member->equipment =
        cell_reference(cell, &reading->registry->equipment_by_id, "equipment in equipment.csv");
    cell.column = LINKAGES_MODE;
    struct slice mode = cell_text(cell);
    member->mode = slice_is(mode, "all") ? LINKAGE_ALL : LINKAGE_ANY;
    if (mode.size > 0 && !slice_is(mode, "all") && !slice_is(mode, "any")) {
        cell_say(cell, "of several equipment in one role, any or all counts (empty: any)");
    }
}

static void read_linkage(struct registry_reading *reading, size_t row, struct linkage *linkage)
{
    const struct slice *cells = reading->tables[REGISTRY_LINKAGES].rows[row].cells;
    *linkage = (struct linkage){
        .id = cell_name(at(reading, REGISTRY_LINKAGES, row, LINKAGES_LINKAGE)),
        .name = cells[LINKAGES_NAME].size > 0 ? cells[LINKAGES_NAME] : cells[LINKAGES_LINKAGE],
        .name_en = cells[LINKAGES_NAME_EN],
    };
    linkage->enterprise = cell_reference(at(reading, REGISTRY_LINKAGES, row, LINKAGES_ENTERPRISE),
        &reading->registry->enterprise_by_id, "enterprise in enterprises.csv");
    linkage->outlet = cell_reference(at(reading, REGISTRY_LINKAGES, row, LINKAGES_OUTLET),
        &reading->registry->outlet_by_id, "outlet in outlets.csv");
}

/* A linkage's rows stand together or apart; its members are gathered in the order of the file. */
static void read_linkages(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t rows = reading->tables[REGISTRY_LINKAGES].row_count;
    uint32_t *linkage_of = arena_take(&registry->arena, rows + 1, sizeof *linkage_of);
    registry->linkages = arena_take(&registry->arena, rows, sizeof *registry->linkages);
    registry->members = arena_take(&registry->arena, rows, sizeof *registry->members);
    registry->linkage_by_id = table_new(&registry->arena, rows);
    for (size_t row = 0; row < rows; row++) {
        struct linkage linkage;
        read_linkage(reading, row, &linkage);
        linkage_of[row] = table_add(&registry->linkage_by_id, linkage.id, registry->linkage_count);
        if (linkage_of[row] == registry->linkage_count) {
            registry->linkages[registry->linkage_count++] = linkage;
        }
    }
    for (uint32_t i = 0; i < registry->linkage_count; i++) {
        struct linkage *linkage = &registry->linkages[i];
        linkage->member_first = registry->member_count;
        for (size_t row = 0; row < rows; row++) {
            if (linkage_of[row] == i) {
                read_member(reading, row, &registry->members[registry->member_count++]);
                linkage->member_count += 1;
            }
        }
    }
}

static void read_limits(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_LIMITS].row_count;
    registry->limits = arena_take(&registry->arena, count, sizeof *registry->limits);
    registry->limit_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        const struct slice *cells = reading->tables[REGISTRY_LIMITS].rows[i].cells;
        struct cell tier = at(reading, REGISTRY_LIMITS, i, LIMITS_TIER);
        struct cell unit = at(reading, REGISTRY_LIMITS, i, LIMITS_UNIT);
        registry->limits[i] = (struct limit){
            .outlet = cell_reference(at(reading, REGISTRY_LIMITS, i, LIMITS_OUTLET),
                &registry->outlet_by_id, "outlet in outlets.csv"),
            .factor = cells[LIMITS_FACTOR],
            .averaging = cells[LIMITS_AVERAGING],
            .unit = cells[LIMITS_UNIT],
            .standard = cells[LIMITS_STANDARD],
            .tier = cells[LIMITS_TIER],
            .value = cell_number(at(reading, REGISTRY_LIMITS, i, LIMITS_VALUE)),
        };
        if (!slice_is(cell_text(tier), "legal") && !slice_is(cell_text(tier), "policy")) {
            cell_say(tier, "a limit is legal (for exceedance) or policy (for warning)");
        }
        if (unit_find(cell_text(unit)) == NULL) {
            cell_say(unit, "no such unit: see docs/registry.md for the units there are");
        }
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

static void read_calendars(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_CALENDARS].row_count;
    registry->calendars = arena_take(&registry->arena, count, sizeof *registry->calendars);
    registry->calendar_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        struct calendar *calendar = &registry->calendars[i];
        calendar->id = cell_name(at(reading, REGISTRY_CALENDARS, i, CALENDARS_CALENDAR));
        calendar->enterprise =
            cell_reference(at(reading, REGISTRY_CALENDARS, i, CALENDARS_ENTERPRISE),
                &registry->enterprise_by_id, "enterprise in enterprises.csv");
        calendar->weekdays = weekdays(at(reading, REGISTRY_CALENDARS, i, CALENDARS_WEEKDAYS));
        calendar->from_minute =
            minute_of_day(at(reading, REGISTRY_CALENDARS, i, CALENDARS_FROM_TIME));
        calendar->to_minute = minute_of_day(at(reading, REGISTRY_CALENDARS, i, CALENDARS_TO_TIME));
        calendar->to_date.ms = INT64_MAX;
        cell_time(at(reading, REGISTRY_CALENDARS, i, CALENDARS_FROM_DATE), &calendar->from_date);
        cell_time(at(reading, REGISTRY_CALENDARS, i, CALENDARS_TO_DATE), &calendar->to_date);
    }
}

static void read_plans(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_PLANS].row_count;
    registry->plans = arena_take(&registry->arena, count, sizeof *registry->plans);
    registry->plan_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        const struct slice *cells = reading->tables[REGISTRY_PLANS].rows[i].cells;
        struct plan *plan = &registry->plans[i];
        struct cell to = at(reading, REGISTRY_PLANS, i, PLANS_TO_TIME);
        plan->id = cell_name(at(reading, REGISTRY_PLANS, i, PLANS_PLAN));
        plan->kind = cell_name(at(reading, REGISTRY_PLANS, i, PLANS_KIND));
        plan->reason = cells[PLANS_REASON];
        plan->enterprise = cell_reference(at(reading, REGISTRY_PLANS, i, PLANS_ENTERPRISE),
            &registry->enterprise_by_id, "enterprise in enterprises.csv");
        plan->equipment = cell_reference(at(reading, REGISTRY_PLANS, i, PLANS_EQUIPMENT),
            &registry->equipment_by_id, "equipment in equipment.csv");
        bool whole = cell_time(at(reading, REGISTRY_PLANS, i, PLANS_FROM_TIME), &plan->from);
        whole = cell_time(to, &plan->to) && whole;
        if (whole && plan->to.ms <= plan->from.ms) {
            cell_say(to, "ends before it begins");
        }
    }
}

void registry_read_links(struct registry_reading *reading)
{
    read_linkages(reading);
    read_limits(reading);
    read_calendars(reading);
    read_plans(reading);
}
