#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/units.h"
#include "validators/registry_parse.h"

enum { INTERVAL_MAX_S = 86400, CN_REALTIME = 2011 };

static struct cell at(
    struct registry_reading *reading, enum registry_table table, size_t row, size_t column)
{
    return (struct cell){reading, table, row, column};
}

static void read_profile(struct registry_reading *reading, size_t row, struct device *device)
{
    struct cell cell = at(reading, REGISTRY_DEVICES, row, DEVICES_FORMAT);
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
    cell.column = DEVICES_VERDICT;
    struct slice verdict = cell_text(cell);
    device->verdict_always = slice_is(verdict, "always");
    if (verdict.size > 0 && !device->verdict_always && !slice_is(verdict, "faults")) {
        cell_say(cell, "verdicts are sent always or for faults (empty: faults)");
    }
}

/* A 2005 MN has 14 characters, a 2017 one 24; digits alone that are fewer have lost zeros in front. */
static void suspect_lost_zeros(struct cell cell, const struct device *device)
{
    uint64_t number;
    size_t want = device->edition == EDITION_2005 ? 14 : device->edition == EDITION_2017 ? 24 : 0;
    if (want > 0 && device->mn.size < want && slice_to_uint(device->mn, UINT64_MAX, &number)) {
        cell_say(cell,
            "has %zu digits where this edition's MN has %zu characters; if a spreadsheet cut "
            "leading "
            "zeros, format the column as text; else leave the edition empty",
            device->mn.size, want);
    }
}

static void read_device(struct registry_reading *reading, size_t row, struct device *device)
{
    struct registry *registry = reading->registry;
    const struct slice *cells = reading->tables[REGISTRY_DEVICES].rows[row].cells;
    struct cell key = at(reading, REGISTRY_DEVICES, row, DEVICES_MN);
    *device = (struct device){
        .mn = cell_name(key),
        .name = cells[DEVICES_NAME],
        .name_en = cells[DEVICES_NAME_EN],
        .pw = cells[DEVICES_PW],
        .kind = cells[DEVICES_KIND],
    };
    device->sender = cell_name(at(reading, REGISTRY_DEVICES, row, DEVICES_SENDER));
    device->enterprise = cell_reference(at(reading, REGISTRY_DEVICES, row, DEVICES_ENTERPRISE),
        &registry->enterprise_by_id, "enterprise in enterprises.csv");
    device->outlet = cell_reference(at(reading, REGISTRY_DEVICES, row, DEVICES_OUTLET),
        &registry->outlet_by_id, "outlet in outlets.csv");
    device->interval_s = (int32_t)cell_int(
        at(reading, REGISTRY_DEVICES, row, DEVICES_INTERVAL_S), 1, INTERVAL_MAX_S, 60);
    device->has_in_service_since = cell_time(
        at(reading, REGISTRY_DEVICES, row, DEVICES_IN_SERVICE_SINCE), &device->in_service_since);
    read_profile(reading, row, device);
    suspect_lost_zeros(key, device);
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
            cell_say(at(reading, REGISTRY_DEVICES, i, DEVICES_MN),
                "stands twice: an MN names one device");
        }
    }
}

static void read_signal(struct registry_reading *reading, size_t row, struct signal *signal)
{
    struct registry *registry = reading->registry;
    const struct slice *cells = reading->tables[REGISTRY_SIGNALS].rows[row].cells;
    *signal = (struct signal){
        .factor = cells[SIGNALS_FACTOR],
        .field = cells[SIGNALS_FIELD],
        .quantity = cells[SIGNALS_QUANTITY],
        .unit = cells[SIGNALS_UNIT],
    };
    signal->device = cell_reference(at(reading, REGISTRY_SIGNALS, row, SIGNALS_MN),
        &registry->device_by_mn, "MN in devices.csv");
    signal->cn =
        (int32_t)cell_int(at(reading, REGISTRY_SIGNALS, row, SIGNALS_CN), 2000, 2999, CN_REALTIME);
    signal->equipment = cell_reference(at(reading, REGISTRY_SIGNALS, row, SIGNALS_EQUIPMENT),
        &registry->equipment_by_id, "equipment in equipment.csv");
    struct cell unit = at(reading, REGISTRY_SIGNALS, row, SIGNALS_UNIT);
    if (unit_find(signal->unit) == NULL) {
        cell_say(unit, "no such unit: see docs/registry.md for the units there are");
    }
    signal->rated = cell_number(at(reading, REGISTRY_SIGNALS, row, SIGNALS_RATED));
    signal->idle = cell_number(at(reading, REGISTRY_SIGNALS, row, SIGNALS_IDLE));
    signal->normal = cell_number(at(reading, REGISTRY_SIGNALS, row, SIGNALS_NORMAL));
    signal->zero_noise = cell_number(at(reading, REGISTRY_SIGNALS, row, SIGNALS_ZERO_NOISE));
    signal->range_min = cell_number(at(reading, REGISTRY_SIGNALS, row, SIGNALS_RANGE_MIN));
    signal->range_max = cell_number(at(reading, REGISTRY_SIGNALS, row, SIGNALS_RANGE_MAX));
    if (signal->range_min >= signal->range_max) {
        cell_say(at(reading, REGISTRY_SIGNALS, row, SIGNALS_RANGE_MAX),
            "the range's end is not above its beginning");
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
    for (uint32_t i = 1; i < registry->signal_count; i++) {
        const struct signal *signal = &registry->signals[i];
        if (signal->device != NONE && by_place(signal - 1, signal) == 0) {
            report_say(reading->report, slice_of("signals.csv"), 0, 0,
                "MN %.*s, CN %d, %.*s-%.*s stands twice: one reading feeds one signal",
                (int)registry->devices[signal->device].mn.size,
                (const char *)registry->devices[signal->device].mn.ptr, signal->cn,
                (int)signal->factor.size, (const char *)signal->factor.ptr, (int)signal->field.size,
                (const char *)signal->field.ptr);
        }
    }
}

void registry_read_devices(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    read_devices(reading);
    size_t count = reading->tables[REGISTRY_SIGNALS].row_count;
    registry->signals = arena_take(&registry->arena, count, sizeof *registry->signals);
    registry->signal_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        read_signal(reading, i, &registry->signals[i]);
    }
    if (count > 0) {
        qsort(registry->signals, count, sizeof *registry->signals, by_place);
    }
    index_signals(reading);
}
