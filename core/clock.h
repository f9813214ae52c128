/* clock -- the only place that reads the machine's clocks; nothing of `step` includes it.
 *
 * Units    ms, us where it says so; wall: since 1970; mono: CLOCK_BOOTTIME, which also runs while the machine sleeps.
 * Errors   none: both clocks always exist on Linux.
 * Threads  any thread.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include "core/time.h"

struct event_time clock_wall(void);
struct mono_time clock_mono(void);
int64_t clock_mono_us(void);   /* for what takes less than some ms */
bool clock_synchronised(void); /* the kernel says that NTP disciplines the wall clock */

#endif
