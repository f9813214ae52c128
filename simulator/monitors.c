#include "simulator/monitors.h"

static const struct monitor MONITORS[MONITOR_COUNT] = {
#define MONITOR(id, planned, kind, prefix, format, st, zh, en, whose, whose_en)                    \
    [MONITOR_##id] = {planned, kind, prefix, format, st, zh, en, whose, whose_en},
#define ITEM(id, factor, equipment, role, rest, level, percent, grows, anew, decimals)
#include "simulator/monitors.def"
#undef MONITOR
#undef ITEM
};

static const struct monitor_item ITEMS[] = {
#define MONITOR(id, planned, kind, prefix, format, st, zh, en, whose, whose_en)
#define ITEM(id, factor, equipment, role, rest, level, percent, grows, anew, decimals)             \
    {MONITOR_##id, factor, equipment, role, rest, level, percent, grows, anew, decimals},
#include "simulator/monitors.def"
#undef MONITOR
#undef ITEM
};

const struct monitor *monitor_of(uint32_t other)
{
    return &MONITORS[other % MONITOR_COUNT];
}

enum {
    PLANNED = 0
#define MONITOR(id, planned, kind, prefix, format, st, zh, en, whose, whose_en) +planned
#define ITEM(id, factor, equipment, role, rest, level, percent, grows, anew, decimals)
#include "simulator/monitors.def"
#undef MONITOR
#undef ITEM
};

/* By the golden section: however many are asked for, each kind is met about as often as is planned. */
const struct monitor *monitor_planned(uint32_t other)
{
    uint64_t place = other * UINT64_C(2654435761) % PLANNED;
    uint32_t kind = 0;
    while (place >= MONITORS[kind].planned) {
        place -= MONITORS[kind++].planned;
    }
    return &MONITORS[kind];
}

size_t monitor_item_count(void)
{
    return sizeof ITEMS / sizeof ITEMS[0];
}

const struct monitor_item *monitor_item(size_t index)
{
    return &ITEMS[index];
}

/* Counters count from 2026 on. */
#define COUNTED_FROM_MS INT64_C(1767196800000)

double monitor_level(const struct monitor_item *item, int64_t at_ms)
{
    int64_t passed_ms = at_ms - COUNTED_FROM_MS;
    if (item->anew_h > 0) {
        passed_ms %= item->anew_h * HOUR_MS;
    }
    return item->level + item->grows * ((double)passed_ms / HOUR_MS);
}
