/* tables -- the county's registry, as the hub's CSV tables.
 *
 * Source   docs/registry.md.
 * Errors   STATUS_IO: the folder or a file cannot be written.
 */
#ifndef SIMULATOR_TABLES_H
#define SIMULATOR_TABLES_H

#include "core/status.h"
#include "simulator/county.h"

MUST_USE enum status tables_write(const struct county *county, const char *directory);

/* The keys of those that encrypt, as the hub's keyring; mode 600. */
MUST_USE enum status keys_write(const struct county *county, const char *path);

#endif
