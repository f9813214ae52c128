/* profiles -- what is known of makers' own names for fume and electricity, as a table of the registry.
 *
 * Source   profiles.def, each row with its own.
 * Shape    profiles.csv, its first line the columns' names.
 * Memory   the caller's text.
 * Errors   text.truncated.
 * Threads  pure.
 */
#ifndef SCHEMAS_PROFILES_H
#define SCHEMAS_PROFILES_H

#include "core/text.h"

enum { PROFILES_CSV_SIZE = 32 * 1024 };

void profiles_csv(struct text *out);

#endif
