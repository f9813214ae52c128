/* data_flags -- what a reading's -Flag says about it.
 *
 * Source   data_flags.def.
 * Errors   an unknown flag is not usable: who invents flags does not get his values believed.
 * Threads  pure.
 */
#ifndef SCHEMAS_DATA_FLAGS_H
#define SCHEMAS_DATA_FLAGS_H

#include "schemas/message.h"

bool flag_usable(struct slice flag); /* no flag at all: usable */
bool flag_known(struct slice flag, enum edition edition);

#endif
