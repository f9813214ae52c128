#include "alarms/slot.h"
#include "core/text.h"

/* As of now: a slot is brought up to date by its next vote or timer, so a copy of it is. */
static struct slot slot_now(
    const struct alarm_table *table, const void *state, uint32_t instance, int64_t hub_ms)
{
    struct slot slot = ((const struct slot *)state)[instance];
    if (!table->late && slot.voted && hub_ms > slot.hub_ms) {
        slot_advance(&slot, hub_ms, slot.local_ms + (hub_ms - slot.hub_ms));
    }
    return slot;
}

void alarms_explain(const struct alarm_table *table, const void *state, uint32_t instance,
    int64_t hub_ms, struct text *out)
{
    static const char *const TRUTHS[] = {
        [TRI_NO] = "no", [TRI_YES] = "yes", [TRI_UNKNOWN] = "unknown"};
    const struct slot now = slot_now(table, state, instance, hub_ms), *slot = &now;
    const struct instance *rule = table->instances[instance];
    struct alarm_view view = alarms_view(table, state, instance);
    text_add_field(out, "state", slice_of(alarm_state_name(view.state)));
    if (alarm_state_open(view.state)) {
        text_add_field(out, "alarm", slice_of(view.alarm));
        text_add_field(out, "severity", slice_of(severity_name(view.severity)));
        text_add_field_int(out, "transition", view.number);
        text_add_field_time(out, "onset", view.onset);
    }
    text_add_field(out, "last_vote", slice_of(slot->voted ? TRUTHS[slot->when] : "none"));
    if (slot->runs) {
        text_add_field_time(out, "holds_since", (struct event_time){slot->run_begun_ms});
    }
    text_add_field_int(out, "held_ms", slot->runs ? slot->run_held_ms : 0);
    text_add_field_int(out, "raise_after_ms", rule->raise_after_ms);
    text_add_field_int(
        out, "clear_held_ms", alarm_state_open(view.state) ? slot->clear_held_ms : 0);
    text_add_field_int(out, "clear_after_ms", rule->clear_after_ms);
    text_add_key(out, "covered");
    text_add(out, slot->covered ? "true" : "false");
}
