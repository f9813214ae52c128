/* registry_csv -- an area's CSV tables -> a whole registry, or the list of what is wrong.
 *
 * Source   design: "Registry"; columns in schemas/registry-*.schema.json and docs/registry.md.
 * Shape    bundle: the tables one after another, each `--- name.csv size` LF and its bytes LF, in
 *          the order of the names; UTF-8 without BOM, LF line ends: the canonical form that the
 *          journal keeps and whose bytes are the registry's identity.
 * Memory   the registry owns a copy of what it keeps.
 * Errors   STATUS_INVALID and findings (file, line, column, what to do); nothing half-loaded.
 * Threads  pure.
 */
#ifndef VALIDATORS_REGISTRY_CSV_H
#define VALIDATORS_REGISTRY_CSV_H

#include "core/report.h"
#include "core/status.h"
#include "schemas/registry.h"

/* One table as it stands in a file (UTF-8 with or without BOM, or GB18030; CR LF or LF), made
 * canonical. The result lives in the arena. */
MUST_USE enum status registry_table_canonical(struct arena *arena, struct slice name,
    struct slice bytes, struct slice *canonical, struct report *report);

MUST_USE enum status registry_parse(
    struct slice bundle, struct registry *registry, struct report *report);

#endif
