#include "schemas/filing.h"
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

static void check_limit(struct registry_reading *reading, size_t row, struct table *seen)
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
    registry_read_calendars(reading);
    read_plans(reading);
    read_parameters(reading);
}
