#include <math.h>
#include <string.h>

#include "core/decimal.h"
#include "schemas/units.h"
#include "validators/registry_parse.h"

/* A row of profiles.csv. */
struct named {
    struct slice profile, role;
    size_t digits; /* how many # its factor has: the number of a measuring point */
    struct signal signal;
    bool used; /* a device has its profile */
};

/* Who plays which role: at an outlet, and at all. */
struct roles {
    struct table by_outlet;    /* "outlet role" -> the linkage member, the first one */
    bool *several;             /* of that member: another plays it there too */
    struct table by_equipment; /* "equipment role" */
};

struct profiles {
    struct registry_reading *reading;
    const struct table *named; /* signals of signals.csv, by signal_key */
    struct table added;        /* and of profiles */
    struct named *rows;
    size_t row_count;
    uint32_t *first, *next; /* points of a device: a chain of rows of points.csv, NONE ends it */
    struct signal *points;  /* each row's device, equipment and numbers; factor: the point */
    bool *taken;            /* a signal has it */
    struct roles roles;
};

static struct slice pair_key(char space[static 128], uint32_t number, struct slice word)
{
    struct text key = text_in(space, 128);
    text_add_int(&key, number);
    text_add_byte(&key, ' ');
    text_add_slice(&key, word);
    return text_slice(&key);
}

/* --- who plays what --- */

static void find_roles(struct registry *registry, struct roles *roles)
{
    char space[128];
    roles->by_outlet = table_new(&registry->arena, registry->member_count);
    roles->by_equipment = table_new(&registry->arena, registry->member_count);
    roles->several = arena_take(&registry->arena, registry->member_count, sizeof *roles->several);
    for (uint32_t i = 0; i < registry->linkage_count; i++) {
        const struct linkage *linkage = &registry->linkages[i];
        for (uint32_t k = 0; k < linkage->member_count; k++) {
            uint32_t at = linkage->member_first + k;
            const struct linkage_member *member = &registry->members[at];
            struct slice key = pair_key(space, member->equipment, member->role);
            table_add(&roles->by_equipment, arena_copy(&registry->arena, key), at);
            key = pair_key(space, linkage->outlet, member->role);
            uint32_t first = table_add(&roles->by_outlet, arena_copy(&registry->arena, key), at);
            roles->several[first] =
                roles->several[first] || registry->members[first].equipment != member->equipment;
        }
    }
}

static bool plays(const struct roles *roles, uint32_t equipment, struct slice role)
{
    char space[128];
    return role.size == 0 ||
           table_find(&roles->by_equipment, pair_key(space, equipment, role)) != TABLE_NONE;
}

/* --- profiles.csv --- */

/* "0=1 2=0": what is sent, and the number that it is sent for. */
static void read_meanings(struct cell cell, struct signal *signal)
{
    struct arena *arena = &cell.reading->registry->arena;
    struct slice rest = cell_text(cell);
    struct value_meaning *meanings = arena_take(arena, rest.size / 2 + 1, sizeof *meanings);
    while (rest.size > 0) {
        struct decimal number;
        struct slice pair = slice_cut(&rest, ' ');
        struct slice sent = slice_cut(&pair, '=');
        if (sent.size == 0 || !decimal_parse(pair, &number)) {
            cell_say(cell, "what is sent and what it means, as 0=1 2=0: 0 means on, 2 means off");
            return;
        }
        meanings[signal->meaning_count++] = (struct value_meaning){sent, number.value};
    }
    signal->meanings = meanings;
}

static void read_named(struct profiles *profiles, size_t row, struct table *seen)
{
    struct registry_reading *reading = profiles->reading;
    struct named *named = &profiles->rows[row];
    struct cell factor = cell_at(reading, REGISTRY_PROFILES, row, PROFILES_FACTOR);
    struct cell unit = cell_at(reading, REGISTRY_PROFILES, row, PROFILES_UNIT);
    struct slice code = cell_code(cell_at(reading, REGISTRY_PROFILES, row, PROFILES_CODE));
    named->profile = cell_name(cell_at(reading, REGISTRY_PROFILES, row, PROFILES_PROFILE));
    named->role = cell_word(cell_at(reading, REGISTRY_PROFILES, row, PROFILES_ROLE));
    named->signal = (struct signal){
        .device = (uint32_t)row,
        .factor = cell_pattern(factor),
        .field = cell_code(cell_at(reading, REGISTRY_PROFILES, row, PROFILES_FIELD)),
        .cn = (int32_t)cell_int(
            cell_at(reading, REGISTRY_PROFILES, row, PROFILES_CN), 2000, 2999, SIGNAL_CN_USUAL),
        .equipment = NONE,
        .quantity = cell_word(cell_at(reading, REGISTRY_PROFILES, row, PROFILES_QUANTITY)),
        .unit = cell_text(unit),
        .rated = (double)NAN,
        .idle = (double)NAN,
        .normal = (double)NAN,
        .zero_noise = (double)NAN,
        .range_min = (double)NAN,
        .range_max = (double)NAN,
    };
    named->signal.code = code.size > 0 ? code : named->signal.factor;
    for (size_t i = 0; i < named->signal.factor.size; i++) {
        named->digits += named->signal.factor.ptr[i] == '#' ? 1 : 0;
    }
    if (unit_find(named->signal.unit) == NULL) {
        cell_say(unit, "no such unit: see docs/registry.md for the units there are");
    }
    read_meanings(cell_at(reading, REGISTRY_PROFILES, row, PROFILES_MEANINGS), &named->signal);
    char space[256];
    struct text key = text_in(space, sizeof space);
    struct signal of = named->signal;
    of.device = 0;
    text_add_slice(&key, named->profile);
    text_add_byte(&key, ' ');
    if (named->digits > 0) { /* a point is production or treatment: one code, two rows */
        text_add_slice(&key, named->role);
    }
    struct slice name = signal_key(&of, &key);
    uint32_t first = table_add(seen, arena_copy(&reading->registry->arena, name), (uint32_t)row);
    if (first != row && !key.truncated) {
        cell_say(factor, "stands twice: line %u has it in the same profile",
            reading->tables[REGISTRY_PROFILES].rows[first].line);
    }
}

/* --- points.csv --- */

static void read_point(struct profiles *profiles, size_t row)
{
    struct registry_reading *reading = profiles->reading;
    struct signal *point = &profiles->points[row];
    struct cell mn = cell_at(reading, REGISTRY_POINTS, row, POINTS_MN);
    const struct {
        double *number;
        size_t column;
    } NUMBERS[] = {{&point->rated, POINTS_RATED}, {&point->idle, POINTS_IDLE},
        {&point->normal, POINTS_NORMAL}};
    *point = (struct signal){
        .device = cell_reference(mn, &reading->registry->device_by_mn, "MN in devices.csv"),
        .factor = cell_name(cell_at(reading, REGISTRY_POINTS, row, POINTS_POINT)),
        .equipment = cell_reference(cell_at(reading, REGISTRY_POINTS, row, POINTS_EQUIPMENT),
            &reading->registry->equipment_by_id, "equipment in equipment.csv"),
        .quantity = cell_word(cell_at(reading, REGISTRY_POINTS, row, POINTS_QUANTITY)),
    };
    for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++) {
        struct cell cell = cell_at(reading, REGISTRY_POINTS, row, NUMBERS[i].column);
        *NUMBERS[i].number = cell_number(cell);
        if (*NUMBERS[i].number < 0) {
            cell_say(cell, "cannot be below zero");
        }
    }
    if (point->idle >= point->rated) {
        cell_say(cell_at(reading, REGISTRY_POINTS, row, POINTS_IDLE),
            "what it takes idle is not below what it is rated for");
    }
    if (point->device < reading->registry->device_count) {
        profiles->next[row] = profiles->first[point->device];
        profiles->first[point->device] = (uint32_t)row;
    }
}

/* A point is one piece of equipment, and a quantity of it has its numbers once. */
static void check_point(struct profiles *profiles, size_t row)
{
    struct registry_reading *reading = profiles->reading;
    const struct signal *point = &profiles->points[row];
    for (uint32_t k = point->device < reading->registry->device_count
                          ? profiles->first[point->device]
                          : NONE;
         k != NONE && k < row; k = profiles->next[k]) {
        const struct signal *before = &profiles->points[k];
        unsigned line = reading->tables[REGISTRY_POINTS].rows[k].line;
        if (!slice_equal(before->factor, point->factor)) {
            continue;
        }
        if (before->equipment != point->equipment) {
            cell_say(cell_at(reading, REGISTRY_POINTS, row, POINTS_EQUIPMENT),
                "line %u has other equipment at the same point", line);
        } else if (slice_equal(before->quantity, point->quantity)) {
            cell_say(cell_at(reading, REGISTRY_POINTS, row, POINTS_POINT),
                "stands twice: line %u has this quantity of it", line);
        }
    }
}

/* --- the signals of a device --- */

/* signals.csv first, then the first row that tells of it: its equipment may play two roles. */
static void add_signal(struct profiles *profiles, const struct signal *signal)
{
    char space[256];
    struct text key = text_in(space, sizeof space);
    struct registry *registry = profiles->reading->registry;
    struct slice name = signal_key(signal, &key);
    uint32_t next = registry->signal_count;
    if (table_find(profiles->named, name) == TABLE_NONE &&
        table_add(&profiles->added, arena_copy(&registry->arena, name), next) == next) {
        registry->signals[next] = *signal;
        registry->signal_count += 1;
    }
}

/* The numbers that points.csv has for this quantity of the point; the equipment for all. */
static bool take_point(
    struct profiles *profiles, uint32_t device, struct slice point, struct signal *signal)
{
    bool found = false;
    for (uint32_t row = profiles->first[device]; row != NONE; row = profiles->next[row]) {
        const struct signal *of = &profiles->points[row];
        if (!slice_equal(of->factor, point)) {
            continue;
        }
        signal->equipment = of->equipment;
        profiles->taken[row] = true;
        found = true;
        if (slice_equal(of->quantity, signal->quantity)) {
            signal->rated = of->rated;
            signal->idle = of->idle;
            signal->normal = of->normal;
        }
    }
    return found;
}

/* d204## at point 05 is d20405. */
static void add_numbered(struct profiles *profiles, uint32_t device, const struct named *named)
{
    struct registry *registry = profiles->reading->registry;
    for (uint32_t row = profiles->first[device]; row != NONE; row = profiles->next[row]) {
        struct slice point = profiles->points[row].factor;
        bool again = false; /* another row of the same point has been here */
        for (uint32_t k = profiles->first[device]; k != row; k = profiles->next[k]) {
            again = again || slice_equal(profiles->points[k].factor, point);
        }
        if (again || point.size != named->digits ||
            !plays(&profiles->roles, profiles->points[row].equipment, named->role)) {
            continue;
        }
        struct signal signal = named->signal;
        struct slice pattern = named->signal.factor;
        uint8_t *factor = arena_take(&registry->arena, pattern.size, 1);
        for (size_t i = 0, digit = 0; i < pattern.size; i++) {
            factor[i] = pattern.ptr[i] == '#' ? point.ptr[digit++] : pattern.ptr[i];
        }
        signal.device = device;
        signal.factor = slice_from(factor, pattern.size);
        signal.code = slice_equal(signal.code, pattern) ? signal.factor : signal.code;
        take_point(profiles, device, point, &signal);
        add_signal(profiles, &signal);
    }
}

/* Of its outlet, or of the equipment that plays the role there; points.csv decides where several do. */
static void add_named(struct profiles *profiles, uint32_t device, const struct named *named)
{
    char space[128];
    const struct registry *registry = profiles->reading->registry;
    struct signal signal = named->signal;
    struct cell cell = cell_at(profiles->reading, REGISTRY_DEVICES, device, DEVICES_PROFILE);
    struct slice role = named->role;
    signal.device = device;
    if (role.size > 0 && !take_point(profiles, device, role, &signal)) {
        uint32_t outlet = registry->devices[device].outlet;
        uint32_t member =
            outlet == NONE ? TABLE_NONE
                           : table_find(&profiles->roles.by_outlet, pair_key(space, outlet, role));
        if (member == TABLE_NONE || profiles->roles.several[member]) {
            cell_say(cell,
                "its %.*s is that of the equipment in the role %.*s, which %s plays at its outlet: "
                "name it in linkages.csv, or as point %.*s in points.csv",
                (int)signal.factor.size, (const char *)signal.factor.ptr, (int)role.size,
                (const char *)role.ptr, member == TABLE_NONE ? "none" : "more than one",
                (int)role.size, (const char *)role.ptr);
            return;
        }
        signal.equipment = registry->members[member].equipment;
    }
    add_signal(profiles, &signal);
}

static void add_device(struct profiles *profiles, uint32_t device)
{
    struct slice profile = profiles->reading->registry->devices[device].profile;
    bool known = false;
    for (size_t i = 0; i < profiles->row_count && profile.size > 0; i++) {
        const struct named *named = &profiles->rows[i];
        if (!slice_equal(named->profile, profile)) {
            continue;
        }
        known = true;
        if (named->digits > 0) {
            add_numbered(profiles, device, named);
        } else {
            add_named(profiles, device, named);
        }
    }
    if (profile.size > 0 && !known) {
        cell_say(cell_at(profiles->reading, REGISTRY_DEVICES, device, DEVICES_PROFILE),
            "no such profile in profiles.csv: hjhub registry profiles prints those that are known");
    }
}

size_t registry_profile_signals(struct registry_reading *reading)
{
    size_t devices = 0;
    for (uint32_t i = 0; i < reading->registry->device_count; i++) {
        devices += reading->registry->devices[i].profile.size > 0 ? 1 : 0;
    }
    return (devices + reading->tables[REGISTRY_POINTS].row_count) *
           reading->tables[REGISTRY_PROFILES].row_count;
}

void registry_read_profiles(struct registry_reading *reading, const struct table *named)
{
    struct registry *registry = reading->registry;
    struct arena *arena = &registry->arena;
    size_t points = reading->tables[REGISTRY_POINTS].row_count;
    struct profiles profiles = {.reading = reading,
        .named = named,
        .row_count = reading->tables[REGISTRY_PROFILES].row_count};
    profiles.added = table_new(arena, registry_profile_signals(reading));
    profiles.rows = arena_take(arena, profiles.row_count, sizeof *profiles.rows);
    profiles.points = arena_take(arena, points, sizeof *profiles.points);
    profiles.taken = arena_take(arena, points, sizeof *profiles.taken);
    profiles.next = arena_take(arena, points, sizeof *profiles.next);
    profiles.first = arena_take(arena, registry->device_count, sizeof *profiles.first);
    for (uint32_t i = 0; i < registry->device_count; i++) {
        profiles.first[i] = NONE;
    }
    struct table seen = table_new(arena, profiles.row_count);
    for (size_t row = 0; row < profiles.row_count; row++) {
        read_named(&profiles, row, &seen);
    }
    for (size_t row = points; row > 0; row--) {
        read_point(&profiles, row - 1);
    }
    for (size_t row = 0; row < points; row++) {
        check_point(&profiles, row);
    }
    find_roles(registry, &profiles.roles);
    for (uint32_t i = 0; i < registry->device_count; i++) {
        add_device(&profiles, i);
    }
    for (size_t row = 0; row < points; row++) {
        if (!profiles.taken[row] && profiles.points[row].device < registry->device_count) {
            cell_say(cell_at(reading, REGISTRY_POINTS, row, POINTS_POINT),
                "nothing of the device's profile is told of this point: its digits (# in "
                "profiles.csv), or a role, of equipment that plays the role of the profile's row");
        }
    }
}
