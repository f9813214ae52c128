#include "schemas/units.h"

#include <string.h>

static const struct unit UNITS[] = {
#define UNIT(name, scale, zh, m, l, t, k, p, a, v, pa)                                             \
    {name, {{m, l, t, k, p, a, v, pa}}, scale, zh},

#include "schemas/units.def"
#undef UNIT
};

const struct unit *unit_find(struct slice name)
{
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
        if (slice_is(name, UNITS[i].name)) {
            return &UNITS[i];
        }
    }
    return NULL;
}

const char *dimension_name(struct dimension dimension)
{
    const char *name = NULL;
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
        if (dimension_equal(UNITS[i].dimension, dimension) &&
            (name == NULL || UNITS[i].scale == 1.0)) {
            name = UNITS[i].name;
            if (UNITS[i].scale == 1.0) {
                break;
            }
        }
    }
    return name == NULL ? "something else" : name[0] == '\0' ? "a plain number" : name;
}

struct slice dimension_unit(struct dimension dimension)
{
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
        if (dimension_equal(UNITS[i].dimension, dimension) && UNITS[i].scale == 1.0) {
            return slice_of(UNITS[i].name);
        }
    }
    return (struct slice){0};
}

/* K has the dimension and the scale of degrees Celsius and another zero. */
static bool is_kelvin(const struct unit *unit)
{
    return strcmp(unit->name, "K") == 0;
}

bool unit_same(struct slice a, struct slice b)
{
    const struct unit *one = unit_find(a), *other = unit_find(b);
    if (one == NULL || other == NULL) {
        return slice_equal(a, b);
    }
    return dimension_equal(one->dimension, other->dimension) && one->scale == other->scale &&
           is_kelvin(one) == is_kelvin(other);
}

bool dimension_equal(struct dimension a, struct dimension b)
{
    return memcmp(a.exponents, b.exponents, sizeof a.exponents) == 0;
}

struct dimension dimension_multiply(struct dimension a, struct dimension b, int sign)
{
    for (int i = 0; i < DIMENSION_COUNT; i++) {
        a.exponents[i] = (int8_t)(a.exponents[i] + sign * b.exponents[i]);
    }
    return a;
}
