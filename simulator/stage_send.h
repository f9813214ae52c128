/* stage_send -- a scripted county as lines for `hjhub replay`: what comes to the hub, in the order of arrival.
 *
 * Source   HJ 212-2017 ch. 6 and 8.1 (real-time, minute, hour and day data of a period); simulator/stage.h.
 * Shape    real-time data each interval; devices of FORM_PERIODS also say, half a minute after each ten minutes,
 *          hour and day, the least, mean and greatest of what they showed with flag N (converted too). What is held
 *          or lags waits in a queue of its device.
 * Memory   queues grow with what waits.
 * Errors   false: the stream could not be written.
 * Threads  one thread.
 */
#ifndef SIMULATOR_STAGE_SEND_H
#define SIMULATOR_STAGE_SEND_H

#include <stdio.h>

#include "simulator/stage.h"

bool stage_send(struct stage *stage, FILE *out);

/* What really happens, one JSON object a line. */
bool stage_truths(const struct stage *stage, FILE *out);

/* The registry's tables. */
bool stage_tables(const struct stage *stage, const char *directory);

#endif
