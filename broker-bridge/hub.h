/* hub -- the daemon: one area's session, journal, pipeline and sinks, and the loop that joins them.
 *
 *   Paho's thread: message -> came stream -> wake      hub's thread: came -> step -> said -> commit
 *                                                      -> answers, outbox, Redis, checkpoints
 *
 * Source   design: ideas 1 to 3 and 6, "Journal", "Growing past one machine".
 * Shape    hub_run returns when it was told to stop, or cannot go on.
 * Errors   the exit status: 0 stopped, or another hub of this area has a higher epoch; 1 a sync
 *          failed or the world broke in a way that needs a restart; 2 it could not start.
 * Threads  hub_run is the hub's thread.
 */
#ifndef BROKER_BRIDGE_HUB_H
#define BROKER_BRIDGE_HUB_H

#include "broker-bridge/config.h"

int hub_run(const struct config *config);

#endif
