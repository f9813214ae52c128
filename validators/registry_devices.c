#include <string.h>

#include "validators/registry_parse.h"

enum { INTERVAL_MAX_S = 86400, MINUTE_INTERVAL_MAX = 30, MINUTE_INTERVAL_USUAL = 10 };

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
        .profile = cell_name(cell_at(reading, REGISTRY_DEVICES, row, DEVICES_PROFILE)),
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

void registry_read_devices(struct registry_reading *reading)
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
