#include "schemas/filing.h"
#include <math.h>

#include "validators/registry_parse.h"

/* A key that must be new in its table. */
static void add_key(struct cell cell, struct table *table, struct slice key, uint32_t index)
{
    uint32_t first = key.size > 0 ? table_add(table, key, index) : index;
    if (first != index) {
        cell_say(cell, "stands twice: line %u has it already, and a key names one row",
            cell.reading->tables[cell.table].rows[first].line);
    }
}

/* On a list, or not: nothing between. */
static bool read_key_unit(struct cell cell)
{
    struct slice text = cell_text(cell);
    if (text.size > 0 && !slice_is(text, "yes")) {
        cell_say(cell, "a key unit is marked yes; any other cell stays empty");
    }
    return text.size > 0;
}

static void read_enterprises(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_ENTERPRISES].row_count;
    registry->enterprises = arena_take(&registry->arena, count, sizeof *registry->enterprises);
    registry->enterprise_by_id = table_new(&registry->arena, count);
    registry->enterprise_count = (uint32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        const struct slice *cells = reading->tables[REGISTRY_ENTERPRISES].rows[i].cells;
        struct cell key = cell_at(reading, REGISTRY_ENTERPRISES, i, ENTERPRISES_ENTERPRISE);
        registry->enterprises[i] = (struct enterprise){
            .id = cell_name(key),
            .name = cells[ENTERPRISES_NAME],
            .name_en = cells[ENTERPRISES_NAME_EN],
            .credit_code =
                cell_digits(cell_at(reading, REGISTRY_ENTERPRISES, i, ENTERPRISES_CREDIT_CODE)),
            .town = cells[ENTERPRISES_TOWN],
            .key_unit =
                read_key_unit(cell_at(reading, REGISTRY_ENTERPRISES, i, ENTERPRISES_KEY_UNIT)),
        };
        add_key(key, &registry->enterprise_by_id, registry->enterprises[i].id, i);
    }
}

/* The oxygen or the excess air that emissions are converted to; both name one number, alpha = 21 / (21 - O2),
 * and a standard names one of them. */
static double read_o2_reference(struct cell cell)
{
    cell.column = OUTLETS_O2_REFERENCE;
    double oxygen = cell_number(cell);
    if (oxygen < 0 || oxygen >= 21) {
        cell_say(cell, "reference oxygen is a percentage from 0 to below 21");
    }
    cell.column = OUTLETS_ALPHA_REFERENCE;
    double alpha = cell_number(cell);
    if (isnan(alpha)) {
        return oxygen;
    }
    if (alpha < 1) {
        cell_say(cell, "reference excess air is 1 or more: alpha = 21 / (21 - O2)");
    } else if (!isnan(oxygen)) {
        cell_say(cell, "the outlet has a reference oxygen already: leave one of the two empty");
    }
    return 21 - 21 / alpha;
}

static void read_outlets(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_OUTLETS].row_count;
    registry->outlets = arena_take(&registry->arena, count, sizeof *registry->outlets);
    registry->outlet_by_id = table_new(&registry->arena, count);
    registry->outlet_count = (uint32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        const struct slice *cells = reading->tables[REGISTRY_OUTLETS].rows[i].cells;
        struct cell cell = {reading, REGISTRY_OUTLETS, i, OUTLETS_OUTLET};
        struct outlet *outlet = &registry->outlets[i];
        *outlet = (struct outlet){
            .id = cell_name(cell),
            .name = cells[OUTLETS_NAME],
            .name_en = cells[OUTLETS_NAME_EN],
            .source_class = cells[OUTLETS_SOURCE_CLASS],
        };
        add_key(cell, &registry->outlet_by_id, outlet->id, i);
        cell.column = OUTLETS_ENTERPRISE;
        outlet->enterprise =
            cell_reference(cell, &registry->enterprise_by_id, "enterprise in enterprises.csv");
        outlet->o2_reference = read_o2_reference(cell);
    }
}

/* An order that stands for good is no matter of a day: it stands beside what it is about. */
static uint32_t read_status(struct cell cell)
{
    enum filing_kind kind;
    struct slice word = cell_text(cell);
    if (word.size == 0 || slice_is(word, "in-use")) {
        return NONE;
    }
    if (!filing_kind_find(word, &kind) || filing_kind_row(kind)->sort != FILING_ORDERED) {
        cell_say(cell, "in-use, retired, long-stop or another order: 'hjhub order kinds'");
        return NONE;
    }
    return (uint32_t)kind;
}

static void read_equipment(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_EQUIPMENT].row_count;
    registry->equipment = arena_take(&registry->arena, count, sizeof *registry->equipment);
    registry->equipment_by_id = table_new(&registry->arena, count);
    registry->equipment_count = (uint32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        const struct slice *cells = reading->tables[REGISTRY_EQUIPMENT].rows[i].cells;
        struct cell cell = {reading, REGISTRY_EQUIPMENT, i, EQUIPMENT_EQUIPMENT};
        struct equipment *equipment = &registry->equipment[i];
        *equipment = (struct equipment){
            .id = cell_name(cell),
            .name = cells[EQUIPMENT_NAME],
            .name_en = cells[EQUIPMENT_NAME_EN],
            .kind = cells[EQUIPMENT_KIND],
        };
        add_key(cell, &registry->equipment_by_id, equipment->id, i);
        cell.column = EQUIPMENT_ENTERPRISE;
        equipment->enterprise =
            cell_reference(cell, &registry->enterprise_by_id, "enterprise in enterprises.csv");
        cell.column = EQUIPMENT_OUTLET;
        equipment->outlet = cell_reference(cell, &registry->outlet_by_id, "outlet in outlets.csv");
        cell_check_outlet(cell, equipment->outlet, equipment->enterprise);
        cell.column = EQUIPMENT_STATUS;
        equipment->standing = read_status(cell);
    }
}

void registry_read_places(struct registry_reading *reading)
{
    read_enterprises(reading);
    read_outlets(reading);
    read_equipment(reading);
}
