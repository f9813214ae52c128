/* watch -- the hub under observation: its counters, its vitals, and the server that shows them.
 *
 * Shape    the hub's thread writes counters and vitals in passing; everything else happens on the
 *          server's threads.
 * Memory   the caller's struct; it must outlive the server: watch_stop before anything it shows goes.
 * Errors   watch_start: STATUS_IO when an address or the control socket cannot be used; logged.
 * Threads  start and stop: the hub's. counters and vitals: any. control: the control socket's thread; it
 *          may wait for the hub's, but not for ever: nobody else is served on that socket meanwhile.
 */
#ifndef BROKER_BRIDGE_WATCH_H
#define BROKER_BRIDGE_WATCH_H

#include "broker-bridge/config.h"
#include "broker-bridge/counters.h"
#include "broker-bridge/http.h"
#include "broker-bridge/vitals.h"

struct watch {
    struct counters counters;
    struct vitals vitals;
    struct http *http; /* NULL: not started */
    void *context;
    enum http_status (*control)(
        void *context, struct slice verb, struct slice body, struct text *answer);
};

void watch_init(struct watch *watch);

/* Set `control` and `context` before; NULL: nothing can be commanded. */
MUST_USE enum status watch_start(struct watch *watch, const struct config *config);
void watch_stop(struct watch *watch);

#endif
