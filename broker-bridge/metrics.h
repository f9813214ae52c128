/* metrics -- the counters as Prometheus reads them.
 *
 *   # HELP hjhub_verdicts_total What was received, ...
 *   # TYPE hjhub_verdicts_total counter
 *   hjhub_verdicts_total{verdict="accepted"} 12
 *
 * Source   Prometheus text exposition 0.0.4; OpenMetrics 1.0.0 for whoever asks for it.
 * Shape    counters -> text; hjhub_received_total is the sum of the verdicts read for this very page,
 *          and a histogram's count the sum of its buckets: a page never contradicts itself.
 * Memory   appends to the caller's text; METRICS_SIZE is enough for every page.
 * Errors   text->truncated.
 * Threads  any thread.
 */
#ifndef BROKER_BRIDGE_METRICS_H
#define BROKER_BRIDGE_METRICS_H

#include "broker-bridge/counters.h"
#include "core/text.h"

enum { METRICS_SIZE = 64 * 1024 };

enum metrics_format { METRICS_PROMETHEUS, METRICS_OPENMETRICS };

const char *metrics_content_type(enum metrics_format format);

void metrics_write(struct text *text, const struct counters *counters, enum metrics_format format);

#endif
