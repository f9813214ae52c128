#include "schemas/units.h"
#include "validators/registry_parse.h"

static bool is_one_of(struct slice word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_is(word, words[i])) {
            return true;
        }
    }
    return false;
}

/* A permit is of a year's mass; anything else is compared with a mean, or once. */
static void check_averaging(struct cell cell, struct cell tier, struct cell unit)
{
    static const char *const WORDS[] = {"once", "minute", "10min", "hour", "day"};
    static const char *const MASSES[] = {"mg", "kg", "t"};
    if (slice_is(cell_text(tier), "permit")) {
        if (!slice_is(cell_text(cell), "year") || !is_one_of(cell_text(unit), MASSES, 3)) {
            cell_say(cell, "a permit is of a year's mass: averaging year, unit kg or t");
        }
    } else if (!is_one_of(cell_text(cell), WORDS, sizeof WORDS / sizeof WORDS[0])) {
        cell_say(cell, "what is compared is the mean of a minute, 10min, hour or day, or once");
    }
}

/* Rows of one outlet, factor, averaging and tier, chained in their order: at each instant one of them holds at most. */
struct alike {
    struct table first; /* by that key */
    uint32_t *next;     /* of each row; NONE */
};

static void check_dates(
    struct registry_reading *reading, uint32_t row, struct alike *alike, struct slice key)
{
    const struct limit *limits = reading->registry->limits;
    struct arena *arena = &reading->registry->arena;
    uint32_t other = table_add(&alike->first, arena_copy(arena, key), row);
    while (other != row) {
        if (limits[row].from.ms < limits[other].to.ms &&
            limits[other].from.ms < limits[row].to.ms) {
            cell_say(cell_at(reading, REGISTRY_LIMITS, row, LIMITS_FACTOR),
                "this outlet, factor, averaging and tier have one limit at a time: line %u has it "
                "already",
                reading->tables[REGISTRY_LIMITS].rows[other].line);
        }
        if (alike->next[other] == NONE) {
            alike->next[other] = row;
        }
        other = alike->next[other];
    }
}

static void check_limit(struct registry_reading *reading, size_t row, struct alike *alike)
{
    static const size_t COLUMNS[] = {LIMITS_OUTLET, LIMITS_FACTOR, LIMITS_AVERAGING, LIMITS_TIER};
    char space[512];
    struct text key = text_in(space, sizeof space);
    struct cell tier = cell_at(reading, REGISTRY_LIMITS, row, LIMITS_TIER);
    struct cell unit = cell_at(reading, REGISTRY_LIMITS, row, LIMITS_UNIT);
    static const char *const TIERS[] = {"legal", "policy", "permit"};
    check_averaging(cell_at(reading, REGISTRY_LIMITS, row, LIMITS_AVERAGING), tier, unit);
    if (!is_one_of(cell_text(tier), TIERS, sizeof TIERS / sizeof TIERS[0])) {
        cell_say(tier, "a limit is legal (for exceedance), policy (for warning) or permit");
    }
    if (unit_find(cell_text(unit)) == NULL) {
        cell_say(unit, "no such unit: see docs/registry.md for the units there are");
    }
    for (size_t i = 0; i < sizeof COLUMNS / sizeof COLUMNS[0]; i++) {
        text_add_slice(&key, cell_text(cell_at(reading, REGISTRY_LIMITS, row, COLUMNS[i])));
        text_add_byte(&key, ' ');
    }
    check_dates(reading, (uint32_t)row, alike, text_slice(&key));
}

void registry_read_limits(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_LIMITS].row_count;
    registry->limits = arena_take(&registry->arena, count, sizeof *registry->limits);
    registry->limit_count = (uint32_t)count;
    struct alike alike = {table_new(&registry->arena, count),
        arena_take(&registry->arena, count, sizeof *alike.next)};
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
        alike.next[i] = NONE;
        cell_days(cell_at(reading, REGISTRY_LIMITS, i, LIMITS_FROM_DATE),
            cell_at(reading, REGISTRY_LIMITS, i, LIMITS_TO_DATE), &registry->limits[i].from,
            &registry->limits[i].to);
        check_limit(reading, i, &alike);
    }
}
