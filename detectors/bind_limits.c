#include <math.h>

#include "detectors/binder.h"

/* What limits a period's values, the best first. A minute or a real-time value is compared with the limit of the
 * hour where none is shorter: it foretells, and is no exceedance yet. */
static const struct {
    int cn;
    const char *averaging[4];
} PERIODS[] = {
    {2011, {"minute", "10min", "hour", "day"}},
    {2051, {"minute", "10min", "hour"}},
    {2061, {"hour"}},
    {2031, {"day"}},
};

/* How well the averaging of a limit suits: 0 best; SIZE_MAX: not at all. */
static size_t suits(int cn, struct slice averaging)
{
    for (size_t i = 0; i < sizeof PERIODS / sizeof PERIODS[0]; i++) {
        const char *const *words = PERIODS[i].averaging;
        for (size_t k = 0; PERIODS[i].cn == cn && k < 4 && words[k] != NULL; k++) {
            if (slice_is(averaging, words[k])) {
                return k;
            }
        }
    }
    return SIZE_MAX;
}

double bind_limit(const struct binder *binder, uint32_t signal)
{
    const struct registry *registry = binder->registry;
    const struct signal *of = &registry->signals[signal];
    const struct pair_index *index = &binder->places.outlet_limits;
    uint32_t outlet = registry->devices[of->device].outlet;
    const struct limit *found = NULL;
    size_t best = SIZE_MAX;
    for (uint32_t i = outlet == NONE ? 0 : index->first[outlet];
         outlet != NONE && i < index->first[outlet + 1]; i++) {
        const struct limit *limit = &registry->limits[index->list[i]];
        size_t suited = suits(of->cn, limit->averaging);
        if (slice_equal(limit->factor, of->code) && slice_is(limit->tier, "legal") &&
            suited < best) {
            found = limit;
            best = suited;
        }
    }
    return found == NULL ? (double)NAN : found->value * unit_find(found->unit)->scale;
}
