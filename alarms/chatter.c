#include <string.h>

#include "alarms/slot.h"

/* In tenths of a second, and no longer: they are compared within minutes only. */
enum { TICK_MS = 100 };

static const struct {
    uint32_t count;
    uint32_t ticks;
} ROWS[] = {
#define CHATTER(count, within_ms, source) {count, within_ms / TICK_MS},
#include "alarms/chatter.def"
#undef CHATTER
};

void chatter_note(struct slot *slot)
{
    uint32_t now = (uint32_t)(slot->hub_ms / TICK_MS);
    memmove(slot->raises + 1, slot->raises, (RAISES_KEPT - 1) * sizeof slot->raises[0]);
    slot->raises[0] = now;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        uint32_t first = slot->raises[ROWS[i].count - 1];
        slot->chatters |= first != 0 && now - first <= ROWS[i].ticks;
    }
}

int64_t chatter_clear_after(const struct slot *slot, const struct instance *rule)
{
    int64_t longer_ms = 2 * rule->clear_after_ms;
    int64_t quiet_ms = term_ms(TERM_QUIET);
    if (!slot->chatters) {
        return rule->clear_after_ms;
    }
    return longer_ms > quiet_ms ? longer_ms : quiet_ms;
}
