/* backoff -- how long to wait before the next try at a server that is away.
 *
 * Source   design: "The bus" (own reconnect with jittered back-off, at most 30 s).
 * Shape    failures in a row and a number by chance -> a wait: a step that doubles from 250 ms to 30 s, of
 *          which chance takes up to half, so that many hubs do not come back as one.
 * Units    ms.
 * Memory   none.
 * Errors   none.
 * Threads  pure.
 */
#ifndef CORE_BACKOFF_H
#define CORE_BACKOFF_H

#include <stdint.h>

enum { BACKOFF_MIN_MS = 250, BACKOFF_MAX_MS = 30000 };

int64_t backoff_ms(uint32_t failures, uint64_t chance);

#endif
