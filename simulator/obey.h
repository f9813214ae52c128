/* obey -- what a device of the county does when the host asks it for something.
 *
 * Source   HJ 212-2017 6.5: 9011, what was asked for, 9012; 9013 to a notice. scenes.def: unheard, refused, failed.
 * Shape    the request's data segment -> frames, one behind the other; none: it is silent.
 * Memory   the caller's buffer.
 * Errors   none: what is no request is not answered.
 * Threads  pure.
 * Limits   a device answers as if it obeyed; what it sends by itself does not change, and it encrypts no answer. Of history it has at most
 *          OBEY_PERIODS_MAX periods a request.
 */
#ifndef SIMULATOR_OBEY_H
#define SIMULATOR_OBEY_H

#include "simulator/county.h"

enum { OBEY_PERIODS_MAX = 60, OBEY_SIZE = 40 * 1024 };

void obey(const struct county *county, uint32_t index, struct slice request, int64_t now_ms,
    struct text *frames);

#endif
