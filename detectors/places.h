/* places -- what stands where in a registry: found once, so that binding a rule looks at its own only.
 *
 * Shape    registry -> indexes; each list in the order of the registry's rows.
 * Memory   the arena's.
 * Errors   none.
 * Threads  pure; not for the step.
 */
#ifndef DETECTORS_PLACES_H
#define DETECTORS_PLACES_H

#include "detectors/pairs.h"
#include "schemas/registry.h"

struct places {
    struct pair_index equipment_signals;
    struct pair_index
        outlet_signals; /* of the outlet's devices, those that belong to no equipment */
    struct pair_index outlet_limits;
    struct pair_index outlet_linkages, equipment_linkages;
    struct pair_index enterprise_linkages, enterprise_signals;
};

struct places places_find(const struct registry *registry, struct arena *arena);

/* The first linkage that the outlet or the equipment stands in; either may be NONE. */
uint32_t places_linkage(const struct places *places, uint32_t outlet, uint32_t equipment);

#endif
