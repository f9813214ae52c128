#include <math.h>
#include <stdlib.h>

#include "schemas/units.h"
#include "validators/registry_parse.h"

/* HJ/T 212-2005 has codes of three digits: 011 is COD, and a spreadsheet makes it 11. */
static struct slice read_factor(struct cell cell)
{
    uint64_t number;
    struct slice factor = cell_code(cell);
    if (factor.size > 0 && factor.size < 3 && slice_to_uint(factor, 99, &number)) {
        cell_say(cell, "a code of fewer than 3 digits: if a spreadsheet cut leading zeros, format "
                       "the column as text and enter it again");
    }
    return factor;
}

static void read_numbers(struct registry_reading *reading, size_t row, struct signal *signal)
{
    const struct {
        double *number;
        size_t column;
        double least;
    } ROWS[] = {
        {&signal->rated, SIGNALS_RATED, 0},
        {&signal->idle, SIGNALS_IDLE, 0},
        {&signal->normal, SIGNALS_NORMAL, 0},
        {&signal->zero_noise, SIGNALS_ZERO_NOISE, 0},
        {&signal->detection_limit, SIGNALS_DETECTION_LIMIT, 0},
        {&signal->approved, SIGNALS_APPROVED, -(double)INFINITY},
        {&signal->range_min, SIGNALS_RANGE_MIN, -(double)INFINITY},
        {&signal->range_max, SIGNALS_RANGE_MAX, -(double)INFINITY},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct cell cell = cell_at(reading, REGISTRY_SIGNALS, row, ROWS[i].column);
        *ROWS[i].number = cell_number(cell);
        if (*ROWS[i].number < ROWS[i].least) {
            cell_say(cell, "cannot be below zero");
        }
    }
    if (signal->range_min >= signal->range_max) {
        cell_say(cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_RANGE_MAX),
            "the range's end is not above its beginning");
    }
    if (signal->idle >= signal->rated) {
        cell_say(cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_IDLE),
            "what it takes idle is not below what it is rated for");
    }
}

static void read_signal(struct registry_reading *reading, size_t row, struct signal *signal)
{
    struct registry *registry = reading->registry;
    struct cell unit = cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_UNIT);
    *signal = (struct signal){
        .factor = read_factor(cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_FACTOR)),
        .field = cell_code(cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_FIELD)),
        .quantity = cell_word(cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_QUANTITY)),
        .unit = cell_text(unit),
    };
    signal->device = cell_reference(cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_MN),
        &registry->device_by_mn, "MN in devices.csv");
    signal->cn = (int32_t)cell_int(
        cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_CN), 2000, 3999, SIGNAL_CN_USUAL);
    signal->equipment = cell_reference(cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_EQUIPMENT),
        &registry->equipment_by_id, "equipment in equipment.csv");
    signal->code = signal->factor;
    if (unit_find(signal->unit) == NULL) {
        cell_say(unit, "no such unit: see docs/registry.md for the units there are");
    }
    read_numbers(reading, row, signal);
}

/* One reading feeds one signal. */
struct slice signal_key(const struct signal *signal, struct text *key)
{
    text_add_int(key, signal->device);
    text_add_byte(key, ' ');
    text_add_int(key, signal->cn);
    text_add_byte(key, ' ');
    text_add_slice(key, signal->factor);
    text_add_byte(key, ' ');
    text_add_slice(key, signal->field);
    return text_slice(key);
}

static void check_repeated(
    struct registry_reading *reading, size_t row, const struct signal *signal, struct table *seen)
{
    char space[256];
    struct text key = text_in(space, sizeof space);
    struct slice name = signal_key(signal, &key);
    struct cell cell = cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_FACTOR);
    if (signal->device == NONE || key.truncated) {
        return; /* there is a finding already */
    }
    uint32_t first = table_add(seen, arena_copy(&reading->registry->arena, name), (uint32_t)row);
    if (first != row) {
        cell_say(cell, "stands twice: line %u names the same MN, CN, factor and field",
            reading->tables[REGISTRY_SIGNALS].rows[first].line);
    }
}

static int by_place(const void *a, const void *b)
{
    const struct signal *left = a, *right = b;
    if (left->device != right->device) {
        return left->device < right->device ? -1 : 1;
    }
    if (left->cn != right->cn) {
        return left->cn < right->cn ? -1 : 1;
    }
    int order = slice_compare(left->factor, right->factor);
    return order != 0 ? order : slice_compare(left->field, right->field);
}

static void index_signals(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    registry->device_signal_first =
        arena_take(&registry->arena, registry->device_count + 1, sizeof(uint32_t));
    uint32_t next = 0;
    for (uint32_t device = 0; device <= registry->device_count; device++) {
        while (next < registry->signal_count && registry->signals[next].device < device) {
            next += 1;
        }
        registry->device_signal_first[device] = next;
    }
}

enum { WORDS_SHARED = 4096 };

/* Factors, quantities and units are few: each stands once, so that the words which a message is compared with
 * are those that the message before was. */
static void share_words(struct registry *registry)
{
    struct arena scratch = {0};
    struct table words = table_new(&scratch, WORDS_SHARED);
    struct slice *list = arena_take(&scratch, WORDS_SHARED, sizeof *list);
    uint32_t count = 0;
    for (uint32_t i = 0; i < registry->signal_count; i++) {
        struct signal *signal = &registry->signals[i];
        struct slice *names[] = {
            &signal->factor, &signal->field, &signal->code, &signal->quantity, &signal->unit};
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
            if (count < WORDS_SHARED && table_add(&words, *names[k], count) == count) {
                list[count++] = *names[k];
            }
            const uint32_t known = table_find(&words, *names[k]);
            *names[k] = known == TABLE_NONE ? *names[k] : list[known];
        }
    }
    arena_free(&scratch);
}

/* What stands in signals.csv, and what the devices' profiles tell beside it. */
void registry_read_signals(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_SIGNALS].row_count;
    size_t capacity = count + registry_profile_signals(reading);
    registry->signals = arena_take(&registry->arena, capacity, sizeof *registry->signals);
    registry->signal_count = (uint32_t)count;
    struct table seen = table_new(&registry->arena, count);
    for (size_t i = 0; i < count; i++) {
        read_signal(reading, i, &registry->signals[i]);
        check_repeated(reading, i, &registry->signals[i], &seen);
    }
    registry_read_profiles(reading, &seen);
    assert(registry->signal_count <= capacity);
    if (registry->signal_count > 0) {
        qsort(registry->signals, registry->signal_count, sizeof *registry->signals, by_place);
    }
    index_signals(reading);
    share_words(registry);
}
