#include <math.h>

#include "core/decimal.h"
#include "validators/registry_parse.h"

enum { CORNERS_MIN = 3, CORNERS_MAX = 1024 };

static struct slice skip_blanks(struct slice text)
{
    while (text.size > 0 && text.ptr[0] == ' ') {
        text = slice_tail(text, 1);
    }
    return text;
}

static bool next_degrees(struct slice *rest, double most, double *degrees)
{
    struct decimal number;
    *rest = skip_blanks(*rest);
    if (!decimal_parse(slice_cut(rest, ' '), &number)) {
        return false;
    }
    *degrees = number.value;
    return number.value >= -most && number.value <= most;
}

/* "112.90 35.78; 112.95 35.78; ...": longitude and latitude of each corner. */
static bool read_corner(struct slice text, struct corner *corner)
{
    return next_degrees(&text, 180, &corner->longitude) &&
           next_degrees(&text, 90, &corner->latitude) && skip_blanks(text).size == 0;
}

static void read_polygon(struct cell cell, struct zone *zone)
{
    struct slice rest = cell_text(cell);
    struct corner *corners =
        arena_take(&cell.reading->registry->arena, CORNERS_MAX, sizeof *corners);
    zone->corners = corners;
    while (skip_blanks(rest).size > 0) {
        if (zone->corner_count == CORNERS_MAX) {
            cell_say(cell, "a zone has at most %d corners", CORNERS_MAX);
            return;
        }
        if (!read_corner(slice_cut(&rest, ';'), &corners[zone->corner_count++])) {
            cell_say(cell,
                "corner %u is no longitude and latitude in degrees, such as 112.92 35.79",
                zone->corner_count);
            return;
        }
    }
    if (zone->corner_count < CORNERS_MIN) {
        cell_say(cell, "a zone has at least %d corners, such as 112.9 35.7; 113 35.7; 113 35.8",
            CORNERS_MIN);
    }
}

void registry_read_zones(struct registry_reading *reading)
{
    struct registry *registry = reading->registry;
    size_t count = reading->tables[REGISTRY_ZONES].row_count;
    registry->zones = arena_take(&registry->arena, count, sizeof *registry->zones);
    registry->zone_count = (uint32_t)count;
    struct table seen = table_new(&registry->arena, count);
    for (size_t i = 0; i < count; i++) {
        struct zone *zone = &registry->zones[i];
        struct cell key = cell_at(reading, REGISTRY_ZONES, i, ZONES_ZONE);
        zone->id = cell_name(key);
        cell_check_new(key, &seen, zone->id, "stands twice");
        zone->name = reading->tables[REGISTRY_ZONES].rows[i].cells[ZONES_NAME];
        zone->kind = cell_name(cell_at(reading, REGISTRY_ZONES, i, ZONES_KIND));
        read_polygon(cell_at(reading, REGISTRY_ZONES, i, ZONES_POLYGON), zone);
    }
}
