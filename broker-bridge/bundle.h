/* bundle -- a folder of tables or rules as one run of bytes in canonical form.
 *
 *   --- name size LF bytes LF --- name size LF bytes LF ...     in the order of the names
 *
 * Source   design: "Registry" (its canonical form goes into the journal).
 * Memory   the caller's arena.
 * Errors   findings. STATUS_IO: no such folder, nothing of its kind in it, a file that cannot be
 *          read. STATUS_INVALID: a file that is no text, or one whose name only looks like ours.
 * Threads  any; it reads files.
 */
#ifndef BROKER_BRIDGE_BUNDLE_H
#define BROKER_BRIDGE_BUNDLE_H

#include "core/report.h"
#include "core/status.h"

MUST_USE enum status registry_dir_read(
    const char *directory, struct arena *arena, struct slice *bundle, struct report *report);
MUST_USE enum status rules_dir_read(
    const char *directory, struct arena *arena, struct slice *bundle, struct report *report);

#endif
