/* keeps -- what a window of a function keeps.
 *
 * Source   the column of functions.def.
 * Shape    plain data.
 */
#ifndef DETECTORS_KEEPS_H
#define DETECTORS_KEEPS_H

enum keeps {
#define KEEPS(id, cells) KEEPS_##id,
#include "detectors/keeps.def"
#undef KEEPS
    KEEPS_COUNT_OF
};

#endif
