#include "validators/registry_parse.h"

enum { MEMBERS_MAX = 256 };

static void read_member(struct registry_reading *reading, size_t row, struct linkage_member *member)
{
    struct cell cell = cell_at(reading, REGISTRY_LINKAGES, row, LINKAGES_MODE);
    struct slice mode = cell_text(cell);
    member->mode = slice_is(mode, "all") ? LINKAGE_ALL : LINKAGE_ANY;
    if (mode.size > 0 && !slice_is(mode, "all") && !slice_is(mode, "any")) {
        cell_say(cell, "of several equipment in one role, any or all counts (empty: any)");
    }
    cell.column = LINKAGES_ROLE;
    member->role = cell_word(cell);
    cell.column = LINKAGES_EQUIPMENT;
    member->equipment =
        cell_reference(cell, &reading->registry->equipment_by_id, "equipment in equipment.csv");
}

static void read_linkage(struct registry_reading *reading, size_t row, struct linkage *linkage)
{
    struct slice name = cell_text(cell_at(reading, REGISTRY_LINKAGES, row, LINKAGES_NAME));
    struct cell outlet = cell_at(reading, REGISTRY_LINKAGES, row, LINKAGES_OUTLET);
    *linkage = (struct linkage){
        .id = cell_name(cell_at(reading, REGISTRY_LINKAGES, row, LINKAGES_LINKAGE)),
        .name_en = cell_text(cell_at(reading, REGISTRY_LINKAGES, row, LINKAGES_NAME_EN)),
    };
    linkage->name = name.size > 0 ? name : linkage->id;
    linkage->enterprise =
        cell_reference(cell_at(reading, REGISTRY_LINKAGES, row, LINKAGES_ENTERPRISE),
            &reading->registry->enterprise_by_id, "enterprise in enterprises.csv");
    linkage->outlet =
        cell_reference(outlet, &reading->registry->outlet_by_id, "outlet in outlets.csv");
    cell_check_outlet(outlet, linkage->outlet, linkage->enterprise);
}

/* What a linkage's first row says of it, the others repeat or leave empty. */
static void check_agrees(struct registry_reading *reading, size_t first, size_t row)
{
    static const size_t COLUMNS[] = {
        LINKAGES_NAME, LINKAGES_NAME_EN, LINKAGES_ENTERPRISE, LINKAGES_OUTLET};
    for (size_t i = 0; i < sizeof COLUMNS / sizeof COLUMNS[0]; i++) {
        struct cell cell = cell_at(reading, REGISTRY_LINKAGES, row, COLUMNS[i]);
        struct cell before = cell_at(reading, REGISTRY_LINKAGES, first, COLUMNS[i]);
        if (cell_text(cell).size > 0 && !slice_equal(cell_text(cell), cell_text(before))) {
            cell_say(cell, "line %u says otherwise of the same linkage",
                reading->tables[REGISTRY_LINKAGES].rows[first].line);
        }
    }
}

/* One role has one mode, and a piece of equipment plays a role once. */
static void check_members(
    struct registry_reading *reading, const struct linkage *linkage, const uint32_t *row_of)
{
    const struct linkage_member *members = &reading->registry->members[linkage->member_first];
    if (linkage->member_count > MEMBERS_MAX) {
        cell_say(
            cell_at(reading, REGISTRY_LINKAGES, row_of[linkage->member_first], LINKAGES_LINKAGE),
            "has %u members, at most %d are watched together: make several of it",
            linkage->member_count, MEMBERS_MAX);
        return;
    }
    for (uint32_t i = 1; i < linkage->member_count; i++) {
        size_t row = row_of[linkage->member_first + i];
        for (uint32_t k = 0; k < i; k++) {
            uint32_t line =
                reading->tables[REGISTRY_LINKAGES].rows[row_of[linkage->member_first + k]].line;
            bool same_role = slice_equal(members[i].role, members[k].role);
            if (same_role && members[i].mode != members[k].mode) {
                cell_say(cell_at(reading, REGISTRY_LINKAGES, row, LINKAGES_MODE),
                    "line %u gives this role another mode: one role has one", line);
                break;
            }
            if (same_role && members[i].equipment == members[k].equipment) {
                cell_say(cell_at(reading, REGISTRY_LINKAGES, row, LINKAGES_EQUIPMENT),
                    "stands twice in this role: line %u has it already", line);
                break;
            }
        }
    }
}

/* A linkage that produces nothing has nothing to compare its treatment with. Kitchens produce by their
 * fan, sites by their meter. */
static void check_produces(
    struct registry_reading *reading, const struct linkage *linkage, size_t row)
{
    static const char *const ROLES[] = {"production", "fan", "site"};
    for (uint32_t i = 0; i < linkage->member_count; i++) {
        const struct linkage_member *member =
            &reading->registry->members[linkage->member_first + i];
        for (size_t k = 0; k < sizeof ROLES / sizeof ROLES[0]; k++) {
            if (slice_is(member->role, ROLES[k])) {
                return;
            }
        }
    }
    cell_say(cell_at(reading, REGISTRY_LINKAGES, row, LINKAGES_LINKAGE),
        "has no equipment in the role production, fan or site: nothing could be compared with it");
}

/* Each row's linkage, and how many members each linkage has. */
static uint32_t *count_members(struct registry_reading *reading, size_t rows)
{
    struct registry *registry = reading->registry;
    uint32_t *linkage_of = arena_take(&registry->arena, rows + 1, sizeof *linkage_of);
    uint32_t *first_row = arena_take(&registry->arena, rows + 1, sizeof *first_row);
    for (size_t row = 0; row < rows; row++) {
        struct slice id = cell_name(cell_at(reading, REGISTRY_LINKAGES, row, LINKAGES_LINKAGE));
        uint32_t next = registry->linkage_count;
        linkage_of[row] = table_add(&registry->linkage_by_id, id, next);
        if (linkage_of[row] == next) {
            first_row[next] = (uint32_t)row;
            read_linkage(reading, row, &registry->linkages[registry->linkage_count++]);
        } else {
            check_agrees(reading, first_row[linkage_of[row]], row);
        }
        registry->linkages[linkage_of[row]].member_count += 1;
    }
    return linkage_of;
}

/* A linkage's rows stand together or apart; its members are gathered in the order of the file. */
void registry_read_links(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t rows = reading->tables[REGISTRY_LINKAGES].row_count;
    registry->linkages = arena_take(&registry->arena, rows, sizeof *registry->linkages);
    registry->members = arena_take(&registry->arena, rows, sizeof *registry->members);
    registry->linkage_by_id = table_new(&registry->arena, rows);
    uint32_t *linkage_of = count_members(reading, rows);
    uint32_t *row_of = arena_take(&registry->arena, rows + 1, sizeof *row_of);
    uint32_t *next = arena_take(&registry->arena, rows + 1, sizeof *next);
    for (uint32_t i = 0; i < registry->linkage_count; i++) {
        registry->linkages[i].member_first = registry->member_count;
        next[i] = registry->member_count;
        registry->member_count += registry->linkages[i].member_count;
    }
    for (uint32_t row = 0; row < rows; row++) {
        uint32_t place = next[linkage_of[row]]++;
        row_of[place] = row;
        read_member(reading, row, &registry->members[place]);
    }
    for (uint32_t i = 0; i < registry->linkage_count; i++) {
        check_members(reading, &registry->linkages[i], row_of);
        check_produces(reading, &registry->linkages[i], row_of[registry->linkages[i].member_first]);
    }
}
