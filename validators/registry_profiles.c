#include "validators/registry_profiles.h"

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
    profiles_read_named(&profiles);
    profiles_read_points(&profiles, points);
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
