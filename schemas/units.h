/* units -- which numbers may be compared with which, and by what factor.
 *
 * Source   house: rows of units.def.
 * Errors   NULL: no such unit.
 * Threads  pure.
 */
#ifndef SCHEMAS_UNITS_H
#define SCHEMAS_UNITS_H

#include "core/slice.h"

enum { DIMENSION_COUNT = 8 };

struct dimension {
    int8_t exponents[DIMENSION_COUNT];
};

struct unit {
    const char *name;
    struct dimension dimension;
    double scale;
    const char *zh;
};

const struct unit *unit_find(struct slice name);
/* A unit to name the dimension by: "kW"; "a plain number"; "something else" for what no row measures. */
const char *dimension_name(struct dimension dimension);

/* The unit in which numbers of the base are written; empty: a plain number, or no unit measures it. */
struct slice dimension_unit(struct dimension dimension);

/* Is it one unit, under the same name or another (degC, Cel)? Then numbers need no conversion. */
bool unit_same(struct slice a, struct slice b);
bool dimension_equal(struct dimension a, struct dimension b);
struct dimension dimension_multiply(
    struct dimension a, struct dimension b, int sign); /* sign -1: a / b */

#endif
