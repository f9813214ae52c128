#include <math.h>

#include "core/decimal.h"
#include "schemas/units.h"
#include "validators/registry_profiles.h"

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
            cell_at(reading, REGISTRY_PROFILES, row, PROFILES_CN), 2000, 3999, SIGNAL_CN_USUAL),
        .equipment = NONE,
        .quantity = cell_word(cell_at(reading, REGISTRY_PROFILES, row, PROFILES_QUANTITY)),
        .unit = cell_text(unit),
        .rated = (double)NAN,
        .idle = (double)NAN,
        .normal = (double)NAN,
        .zero_noise = (double)NAN,
        .range_min = (double)NAN,
        .range_max = (double)NAN,
        .detection_limit = (double)NAN,
        .approved = (double)NAN,
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

void profiles_read_named(struct profiles *profiles)
{
    struct table seen = table_new(&profiles->reading->registry->arena, profiles->row_count);
    for (size_t row = 0; row < profiles->row_count; row++) {
        read_named(profiles, row, &seen);
    }
}

/* Read from the last on: a chain then goes in the order of the file. */
void profiles_read_points(struct profiles *profiles, size_t points)
{
    for (size_t row = points; row > 0; row--) {
        read_point(profiles, row - 1);
    }
    for (size_t row = 0; row < points; row++) {
        check_point(profiles, row);
    }
}
