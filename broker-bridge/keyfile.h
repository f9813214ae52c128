/* keyfile -- the keyring in its file, which nobody but its owner may read.
 *
 * Source   house; the rows: validators/keyring.h.
 * Memory   the keyring is the caller's to free; the bytes of the file are cleared before this returns.
 * Errors   STATUS_IO: not there, no file, or not owned by whoever runs this; STATUS_INVALID: others may read it, or
 *          its rows are not in order. Each with a finding, none of which quotes a key.
 * Threads  any.
 */
#ifndef BROKER_BRIDGE_KEYFILE_H
#define BROKER_BRIDGE_KEYFILE_H

#include "core/report.h"
#include "core/status.h"

struct keyring;

enum { KEYFILE_SIZE_MAX = 16 * 1024 * 1024 };

MUST_USE enum status keyfile_read(
    const char *path, struct keyring **keyring, struct report *report);

#endif
