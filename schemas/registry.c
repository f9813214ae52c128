#include "schemas/registry.h"

uint32_t registry_device(const struct registry *registry, struct slice mn)
{
    return table_find(&registry->device_by_mn, mn);
}

uint32_t registry_signal(const struct registry *registry, uint32_t device, int cn,
    struct slice factor, struct slice field)
{
    assert(device < registry->device_count);
    /* A device has a handful of signals: a walk beats a search. */
    for (uint32_t i = registry->device_signal_first[device];
         i < registry->device_signal_first[device + 1]; i++) {
        const struct signal *signal = &registry->signals[i];
        if (signal->cn == cn && slice_equal(signal->factor, factor) &&
            slice_equal(signal->field, field)) {
            return i;
        }
    }
    return NONE;
}

void registry_free(struct registry *registry)
{
    arena_free(&registry->arena);
    *registry = (struct registry){0};
}

/* A ray to the east crosses the border an odd number of times. A border's lower end belongs to it, its upper one
 * does not: a ray through a corner crosses once. */
bool zone_holds(const struct zone *zone, double longitude, double latitude)
{
    bool inside = false;
    for (uint32_t i = 0; i < zone->corner_count; i++) {
        struct corner a = zone->corners[i], b = zone->corners[(i + 1) % zone->corner_count];
        if ((a.latitude > latitude) != (b.latitude > latitude)) {
            double share = (latitude - a.latitude) / (b.latitude - a.latitude);
            inside ^= longitude < a.longitude + share * (b.longitude - a.longitude);
        }
    }
    return inside;
}
