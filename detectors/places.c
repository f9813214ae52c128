#include "detectors/places.h"

static void find_signals(
    const struct registry *registry, struct arena *arena, struct places *places)
{
    struct pairs equipment = {.arena = arena}, outlets = {.arena = arena},
                 enterprises = {.arena = arena};
    for (uint32_t i = 0; i < registry->signal_count; i++) {
        const struct signal *signal = &registry->signals[i];
        pairs_add(&enterprises, registry->devices[signal->device].enterprise, i);
        uint32_t outlet = registry->devices[signal->device].outlet;
        if (signal->equipment != NONE) {
            pairs_add(&equipment, signal->equipment, i);
        } else if (outlet != NONE) {
            pairs_add(&outlets, outlet, i);
        }
    }
    places->equipment_signals = pairs_index(&equipment, registry->equipment_count);
    places->outlet_signals = pairs_index(&outlets, registry->outlet_count);
    places->enterprise_signals = pairs_index(&enterprises, registry->enterprise_count);
}

static void find_linkages(
    const struct registry *registry, struct arena *arena, struct places *places)
{
    struct pairs equipment = {.arena = arena}, outlets = {.arena = arena},
                 enterprises = {.arena = arena};
    for (uint32_t i = 0; i < registry->linkage_count; i++) {
        const struct linkage *linkage = &registry->linkages[i];
        pairs_add(&enterprises, linkage->enterprise, i);
        if (linkage->outlet != NONE) {
            pairs_add(&outlets, linkage->outlet, i);
        }
        for (uint32_t k = 0; k < linkage->member_count; k++) {
            pairs_add(&equipment, registry->members[linkage->member_first + k].equipment, i);
        }
    }
    places->equipment_linkages = pairs_index(&equipment, registry->equipment_count);
    places->outlet_linkages = pairs_index(&outlets, registry->outlet_count);
    places->enterprise_linkages = pairs_index(&enterprises, registry->enterprise_count);
}

struct places places_find(const struct registry *registry, struct arena *arena)
{
    struct places places = {0};
    struct pairs limits = {.arena = arena};
    for (uint32_t i = 0; i < registry->limit_count; i++) {
        pairs_add(&limits, registry->limits[i].outlet, i);
    }
    places.outlet_limits = pairs_index(&limits, registry->outlet_count);
    find_signals(registry, arena, &places);
    find_linkages(registry, arena, &places);
    return places;
}

uint32_t places_linkage(const struct places *places, uint32_t outlet, uint32_t equipment)
{
    uint32_t by_outlet = pairs_first(&places->outlet_linkages, outlet);
    uint32_t by_equipment = pairs_first(&places->equipment_linkages, equipment);
    return by_outlet < by_equipment ? by_outlet : by_equipment; /* NONE is the greatest */
}
