/* standards -- what the standards allow a kind of source, where a registry's limits.csv says nothing.
 *
 * Source   schemas/standard_limits.def: each row with its standard, how sure it is, and on what basis.
 * Shape    rows, in the order of the table; a source is named by one of the words of an outlet's source_class.
 * Units    each row's own.
 * Memory   constants.
 * Errors   none.
 * Threads  pure.
 * Limits   rows bear no dates: a standard that changes is a new version, or a row of limits.csv.
 */
#ifndef SCHEMAS_STANDARDS_H
#define SCHEMAS_STANDARDS_H

#include "core/slice.h"

enum limit_layer {
    LIMIT_LEGAL,  /* to exceed it is an exceedance */
    LIMIT_POLICY, /* to come near it is a warning */
    LIMIT_LISTED, /* to be read, never compared */
};

struct standard_limit {
    const char *source, *region, *pollutant, *code, *averaging;
    double value;
    const char *unit, *o2;
    enum limit_layer layer;
    const char *tier, *standard, *sure, *basis, *note;
};

/* NULL: there are no more. */
const struct standard_limit *standard_limit_at(size_t index);

/* The row is of one of these sources, in force in this area, and of this factor. */
bool standard_limit_fits(
    const struct standard_limit *limit, struct slice sources, struct slice area, struct slice code);

#endif
