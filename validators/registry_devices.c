#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/units.h"
#include "validators/registry_parse.h"

enum {
    INTERVAL_MAX_S = 86400,
    MINUTE_INTERVAL_MAX = 30,
    MINUTE_INTERVAL_USUAL = 10,
    CN_REALTIME = 2011
};

static void read_profile(struct registry_reading *reading, size_t row, struct device *device)
{
    struct cell cell = cell_at(reading, REGISTRY_DEVICES, row, DEVICES_FORMAT);
    if (!format_from(cell_text(cell), &device->format)) {
        cell_say(cell, "the format is hj212 or senml");
    }
    cell.column = DEVICES_EDITION;
    if (!edition_from(cell_text(cell), &device->edition)) {
        cell_say(cell, "the edition is 2005, 2017, 2025 or empty (each frame says)");
    }
    cell.column = DEVICES_CRC;
    if (cell_text(cell).size > 0 && !crc_kind_from(cell_text(cell), &device->crc)) {
        cell_say(cell, "the CRC is standard, modbus, modbus-swapped or empty (standard)");
    }
    cell.column = DEVICES_LENGTH;
    if (cell_text(cell).size > 0 && !length_unit_from(cell_text(cell), &device->length)) {
        cell_say(cell, "the length counts bytes, characters or is empty (bytes)");
    }
    cell.column = DEVICES_CHARSET;
    if (cell_text(cell).size > 0 && !charset_from(cell_text(cell), &device->charset)) {
        cell_say(cell, "the text is utf-8, gbk or empty (utf-8)");
    }
    cell.column = DEVICES_VERDICT;
    struct slice verdict = cell_text(cell);
    device->verdict_always = slice_is(verdict, "always");
    if (verdict.size > 0 && !device->verdict_always && !slice_is(verdict, "faults")) {
        cell_say(cell, "verdicts are sent always or for faults (empty: faults)");
    }
}

/* What the hub asks of a device by itself: nothing, unless its row says so. */
static void read_asking(struct registry_reading *reading, size_t row, struct device *device)
{
    struct cell cell = cell_at(reading, REGISTRY_DEVICES, row, DEVICES_FIRST_CONTACT);
    struct slice text = cell_text(cell);
    device->first_contact = slice_is(text, "set");
    if (text.size > 0 && !device->first_contact && !slice_is(text, "leave")) {
        cell_say(cell,
            "at first contact the device is set or left as it is: set, leave or empty (leave)");
    }
    cell.column = DEVICES_LOST_DATA;
    text = cell_text(cell);
    device->lost_data = slice_is(text, "ask");
    if (text.size > 0 && !device->lost_data && !slice_is(text, "leave")) {
        cell_say(cell, "lost data is asked for or left: ask, leave or empty (leave)");
    }
}

/* What a spreadsheet does to a number typed without its zeros: an MN of 14 digits becomes one of 10 to
 * 13 (longer ones it rounds, which is seen elsewhere), a password of 6 one of fewer. */
static void suspect_lost_zeros(struct registry_reading *reading, size_t row, struct device *device)
{
    enum { MN_LEAST = 10, MN_DIGITS = 14, PW_DIGITS = 6 };
    uint64_t number;
    if (device->edition != EDITION_UNKNOWN && device->mn.size >= MN_LEAST &&
        device->mn.size < MN_DIGITS && slice_to_uint(device->mn, UINT64_MAX, &number)) {
        cell_say(cell_at(reading, REGISTRY_DEVICES, row, DEVICES_MN),
            "has %zu digits where an MN has 14 or 24 characters: if a spreadsheet cut leading "
            "zeros, "
            "format the column as text and enter it again; else leave the edition empty",
            device->mn.size);
    }
    if (device->format == FORMAT_HJ212 && device->pw.size > 0 && device->pw.size < PW_DIGITS &&
        slice_to_uint(device->pw, UINT64_MAX, &number)) {
        cell_say(cell_at(reading, REGISTRY_DEVICES, row, DEVICES_PW),
            "has %zu digits where PW has 6 characters: if a spreadsheet cut leading zeros, format "
            "the column as text and enter it again",
            device->pw.size);
    }
}

/* MinInterval, HJ 212-2017 table 8: 1 2 3 4 5 6 10 12 15 20 30, which is what divides an hour. */
static int32_t read_minute_interval(struct registry_reading *reading, size_t row)
{
    struct cell cell = cell_at(reading, REGISTRY_DEVICES, row, DEVICES_MINUTE_INTERVAL);
    int32_t minutes = (int32_t)cell_int(cell, 1, MINUTE_INTERVAL_MAX, MINUTE_INTERVAL_USUAL);
    if (60 % minutes != 0) {
        cell_say(cell, "minute data comes each 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30 minutes");
        return MINUTE_INTERVAL_USUAL;
    }
    return minutes;
}

static void read_device(struct registry_reading *reading, size_t row, struct device *device)
{
    struct registry *registry = reading->registry;
    const struct slice *cells = reading->tables[REGISTRY_DEVICES].rows[row].cells;
    struct cell key = cell_at(reading, REGISTRY_DEVICES, row, DEVICES_MN);
    *device = (struct device){
        .mn = cell_name(key),
        .name = cells[DEVICES_NAME],
        .name_en = cells[DEVICES_NAME_EN],
        .pw = cell_digits(cell_at(reading, REGISTRY_DEVICES, row, DEVICES_PW)),
        .kind = cells[DEVICES_KIND],
    };
    device->sender = cell_name(cell_at(reading, REGISTRY_DEVICES, row, DEVICES_SENDER));
    device->enterprise = cell_reference(cell_at(reading, REGISTRY_DEVICES, row, DEVICES_ENTERPRISE),
        &registry->enterprise_by_id, "enterprise in enterprises.csv");
    struct cell outlet = cell_at(reading, REGISTRY_DEVICES, row, DEVICES_OUTLET);
    device->outlet = cell_reference(outlet, &registry->outlet_by_id, "outlet in outlets.csv");
    cell_check_outlet(outlet, device->outlet, device->enterprise);
    device->interval_s = (int32_t)cell_int(
        cell_at(reading, REGISTRY_DEVICES, row, DEVICES_INTERVAL_S), 1, INTERVAL_MAX_S, 60);
    device->minute_interval = read_minute_interval(reading, row);
    device->has_minute_interval = cells[DEVICES_MINUTE_INTERVAL].size > 0;
    device->has_in_service_since =
        cell_time(cell_at(reading, REGISTRY_DEVICES, row, DEVICES_IN_SERVICE_SINCE),
            &device->in_service_since);
    read_profile(reading, row, device);
    read_asking(reading, row, device);
    suspect_lost_zeros(reading, row, device);
    if (device->mn.size > 0 && slice_is(device->mn, "new")) {
        cell_say(key, "'new' is a word of the topic tree: choose another MN");
    }
}

static void read_devices(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_DEVICES].row_count;
    registry->devices = arena_take(&registry->arena, count, sizeof *registry->devices);
    registry->device_by_mn = table_new(&registry->arena, count);
    registry->device_count = (uint32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        read_device(reading, i, &registry->devices[i]);
        struct slice mn = registry->devices[i].mn;
        if (mn.size > 0 && table_add(&registry->device_by_mn, mn, i) != i) {
            cell_say(cell_at(reading, REGISTRY_DEVICES, i, DEVICES_MN),
                "stands twice: an MN names one device (line %u has it)",
                reading->tables[REGISTRY_DEVICES]
                    .rows[table_find(&registry->device_by_mn, mn)]
                    .line);
        }
    }
}

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
        cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_CN), 2000, 2999, CN_REALTIME);
    signal->equipment = cell_reference(cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_EQUIPMENT),
        &registry->equipment_by_id, "equipment in equipment.csv");
    if (unit_find(signal->unit) == NULL) {
        cell_say(unit, "no such unit: see docs/registry.md for the units there are");
    }
    read_numbers(reading, row, signal);
}

/* One reading feeds one signal. */
static void check_repeated(
    struct registry_reading *reading, size_t row, const struct signal *signal, struct table *seen)
{
    char space[256];
    struct text key = text_in(space, sizeof space);
    struct cell cell = cell_at(reading, REGISTRY_SIGNALS, row, SIGNALS_FACTOR);
    text_add_int(&key, signal->device);
    text_add_byte(&key, ' ');
    text_add_int(&key, signal->cn);
    text_add_byte(&key, ' ');
    text_add_slice(&key, signal->factor);
    text_add_byte(&key, ' ');
    text_add_slice(&key, signal->field);
    if (signal->device == NONE || key.truncated) {
        return; /* there is a finding already */
    }
    uint32_t first =
        table_add(seen, arena_copy(&reading->registry->arena, text_slice(&key)), (uint32_t)row);
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

void registry_read_devices(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    read_devices(reading);
    size_t count = reading->tables[REGISTRY_SIGNALS].row_count;
    registry->signals = arena_take(&registry->arena, count, sizeof *registry->signals);
    registry->signal_count = (uint32_t)count;
    struct table seen = table_new(&registry->arena, count);
    for (size_t i = 0; i < count; i++) {
        read_signal(reading, i, &registry->signals[i]);
        check_repeated(reading, i, &registry->signals[i], &seen);
    }
    if (count > 0) {
        qsort(registry->signals, count, sizeof *registry->signals, by_place);
    }
    index_signals(reading);
}
