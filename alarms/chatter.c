#include "alarms/slot.h"

/* In tenths of a second, and no longer: they are compared within minutes only. Of the raises before the last is kept
 * what is left of 109 minutes since them. */
enum { TICK_MS = 100 };

static const struct {
    uint32_t count;
    uint32_t ticks;
} ROWS[] = {
#define CHATTER(count, within_ms, source) {count, within_ms / TICK_MS},
#include "alarms/chatter.def"
#undef CHATTER
};

static uint16_t left_after(uint32_t left, uint32_t passed)
{
    return left > passed ? (uint16_t)(left - passed) : 0;
}

void chatter_note(struct slot *slot)
{
    const uint32_t now = (uint32_t)(slot->hub_ms / TICK_MS), passed = now - slot->raised;
    uint16_t *before = slot->raised_before;
    for (size_t i = RAISES_KEPT - 2; i > 0; i--) {
        before[i] = left_after(before[i - 1], passed);
    }
    before[0] = slot->raised == 0 ? 0 : left_after(UINT16_MAX, passed);
    slot->raised = now;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const uint16_t left = before[ROWS[i].count - 2];
        slot->chatters |= left != 0 && UINT16_MAX - left <= (int64_t)ROWS[i].ticks;
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
