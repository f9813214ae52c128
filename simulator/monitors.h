/* monitors -- the kinds of monitors that a county has beside stacks, meters, bypasses and restaurants.
 *
 * Source   monitors.def.
 * Shape    a kind, and the items that it shows; a county's n-th other monitor is of kind n modulo how many there are, or,
 *          where the county is planned, of a kind as often as is planned.
 * Memory   none.
 * Errors   none.
 * Threads  pure.
 */
#ifndef SIMULATOR_MONITORS_H
#define SIMULATOR_MONITORS_H

#include "schemas/message.h"

enum monitor_kind {
#define MONITOR(id, planned, kind, prefix, format, st, zh, en, whose, whose_en) MONITOR_##id,
#define ITEM(id, factor, equipment, role, rest, level, percent, grows, anew, decimals)
#include "simulator/monitors.def"
#undef MONITOR
#undef ITEM
    MONITOR_COUNT
};

struct monitor {
    uint32_t planned; /* of a county */
    const char *kind, *prefix;
    enum format format;
    int st;
    const char *zh, *en, *whose, *whose_en;
};

struct monitor_item {
    enum monitor_kind monitor;
    const char *factor, *equipment, *role, *rest;
    double level, percent, grows;
    int32_t anew_h;
    int decimals;
};

const struct monitor *monitor_of(uint32_t other);
const struct monitor *monitor_planned(uint32_t other);

/* The items of all kinds, one kind behind the other. */
size_t monitor_item_count(void);
const struct monitor_item *monitor_item(size_t index);

/* What it grows around: at this instant, before noise. */
double monitor_level(const struct monitor_item *item, int64_t at_ms);

#endif
