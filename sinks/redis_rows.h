/* redis_rows -- what was said, as commands to Redis.
 *
 * Source   docs/redis.md (the published layout); redis_fields.def.
 * Shape    a said record -> zero or more commands; the same record always gives the same ones, and
 *          doing them twice changes nothing.
 * Units    scores of the open set are ms since 1970.
 * Memory   appends to the batch, which copies.
 * Errors   false: the payload is not the JSON it should be; nothing was added.
 * Threads  one thread.
 */
#ifndef SINKS_REDIS_ROWS_H
#define SINKS_REDIS_ROWS_H

#include "schemas/record.h"
#include "sinks/redis_batch.h"

enum { REDIS_KEY_SIZE = 160, QUARANTINE_KEPT = 10000, TRANSITIONS_KEPT = 1000000 };

/* ems:{<area>}:<name> */
struct slice redis_key(char space[static REDIS_KEY_SIZE], struct slice area, const char *name);

bool redis_rows_add(struct redis_batch *batch, struct slice area, const struct record *said);

/* The members of a JSON object as fields: strings and numbers as they stand, the rest as JSON. Adds
 * pairs of words to the last command. */
MUST_USE bool redis_rows_members(struct redis_batch *batch, struct slice json);

#endif
