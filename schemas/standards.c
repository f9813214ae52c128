#include "schemas/standards.h"

#include <string.h>

static const struct standard_limit LIMITS[] = {
#define STANDARD_LIMIT(source, region, pollutant, code, averaging, value, unit, o2, layer, tier,   \
    standard, sure, basis, note)                                                                   \
    {source, region, pollutant, code, averaging, value, unit, o2, LIMIT_##layer, #tier, standard,  \
        sure, basis, note},
#include "schemas/standard_limits.def"
#undef STANDARD_LIMIT
};

const struct standard_limit *standard_limit_at(size_t index)
{
    return index < sizeof LIMITS / sizeof LIMITS[0] ? &LIMITS[index] : NULL;
}

static bool names(struct slice sources, const char *source)
{
    while (sources.size > 0) {
        if (slice_is(slice_cut(&sources, ' '), source)) {
            return true;
        }
    }
    return false;
}

bool standard_limit_fits(
    const struct standard_limit *limit, struct slice sources, struct slice area, struct slice code)
{
    return slice_is(code, limit->code) && slice_starts(area, limit->region) &&
           names(sources, limit->source);
}
