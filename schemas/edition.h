/* edition -- which text of HJ 212 a frame follows.
 *
 * Source   editions.def.
 * Errors   EDITION_UNKNOWN where no row fits; what the tables then ask is answered as for 2017.
 * Threads  pure.
 */
#ifndef SCHEMAS_EDITION_H
#define SCHEMAS_EDITION_H

#include "core/slice.h"

enum edition {
    EDITION_UNKNOWN,
#define EDITION(id, letter, version, name, title, in_force, clause, sureness) id,
#include "schemas/editions.def"
#undef EDITION
    EDITION_COUNT
};

const char *edition_name(enum edition edition); /* "2017"; "" when unknown */
bool edition_from(struct slice name, enum edition *edition);

/* Of Flag's version bits. */
enum edition edition_of_version(int version);

/* Does a row's column of editions ("79") name this one? */
bool edition_in(const char *editions, enum edition edition);

#endif
