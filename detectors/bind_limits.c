#include <math.h>
#include <string.h>

#include "detectors/binder.h"
#include "schemas/standards.h"

/* What limits a period's values, the best first. A minute or a real-time value is compared with the limit of the
 * hour where none is shorter: it foretells, and is no exceedance yet. */
static const struct {
    int cn;
    const char *averaging[5];
} PERIODS[] = {
    {2011, {"once", "minute", "10min", "hour", "day"}},
    {2051, {"minute", "10min", "hour"}},
    {2061, {"hour"}},
    {2031, {"day"}},
};

enum { UNSUITED = 5 };

/* How well the averaging of a limit suits, 0 best. */
static size_t suits(int cn, struct slice averaging)
{
    for (size_t i = 0; i < sizeof PERIODS / sizeof PERIODS[0]; i++) {
        const char *const *words = PERIODS[i].averaging;
        for (size_t k = 0; PERIODS[i].cn == cn && k < UNSUITED && words[k] != NULL; k++) {
            if (slice_is(averaging, words[k])) {
                return k;
            }
        }
    }
    return UNSUITED;
}

/* What limits.csv says of the outlet. */
static double registered(
    const struct binder *binder, const struct signal *signal, uint32_t outlet, const char *tier)
{
    const struct registry *registry = binder->registry;
    const struct pair_index *index = &binder->places.outlet_limits;
    const struct limit *found = NULL;
    size_t best = UNSUITED;
    for (uint32_t i = index->first[outlet]; i < index->first[outlet + 1]; i++) {
        const struct limit *limit = &registry->limits[index->list[i]];
        size_t suited = suits(signal->cn, limit->averaging);
        if (slice_equal(limit->factor, signal->code) && slice_is(limit->tier, tier) &&
            suited < best) {
            found = limit;
            best = suited;
        }
    }
    return found == NULL ? (double)NAN : found->value * unit_find(found->unit)->scale;
}

/* What the standards say of its kind of source; the averaging that suits best, then the closest region. */
static double standard(const struct binder *binder, const struct signal *signal, uint32_t outlet,
    enum limit_layer layer)
{
    const struct registry *registry = binder->registry;
    const struct standard_limit *found = NULL, *limit;
    size_t best = UNSUITED;
    for (size_t i = 0; (limit = standard_limit_at(i)) != NULL; i++) {
        size_t suited = suits(signal->cn, slice_of(limit->averaging));
        bool closer =
            found != NULL && suited == best && strlen(limit->region) > strlen(found->region);
        if (limit->layer == layer && (suited < best || closer) &&
            standard_limit_fits(
                limit, registry->outlets[outlet].source_class, registry->area, signal->code)) {
            found = limit;
            best = suited;
        }
    }
    return found == NULL ? (double)NAN : found->value * unit_find(slice_of(found->unit))->scale;
}

double bind_limit(const struct binder *binder, uint32_t signal, enum limit_layer layer)
{
    const struct signal *of = &binder->registry->signals[signal];
    uint32_t outlet = binder->registry->devices[of->device].outlet;
    if (outlet == NONE) {
        return (double)NAN;
    }
    double own = registered(binder, of, outlet, layer == LIMIT_LEGAL ? "legal" : "policy");
    return isnan(own) ? standard(binder, of, outlet, layer) : own;
}

double bind_permit(const struct binder *binder, uint32_t signal)
{
    const struct registry *registry = binder->registry;
    const struct signal *of = &registry->signals[signal];
    uint32_t outlet = registry->devices[of->device].outlet;
    for (uint32_t i = 0; outlet != NONE && i < registry->limit_count; i++) {
        const struct limit *limit = &registry->limits[i];
        if (limit->outlet == outlet && slice_equal(limit->factor, of->code) &&
            slice_is(limit->tier, "permit")) {
            return limit->value * unit_find(limit->unit)->scale;
        }
    }
    return (double)NAN;
}
