#include "schemas/filing.h"
#include "validators/registry_parse.h"

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
    registry_read_calendars(reading);
    read_plans(reading);
    read_parameters(reading);
}
