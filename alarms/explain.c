#include "alarms/slot.h"
#include "core/text.h"

/* As of now: a slot is brought up to date by its next vote or timer, so a copy of it is. */
static struct slot slot_now(
    const struct alarm_table *table, const void *state, uint32_t instance, int64_t hub_ms)
{
    struct slot slot = slot_seen(table, state, instance);
    if (!table->late && slot.voted && hub_ms > slot.hub_ms) {
        slot_advance(&slot, hub_ms, slot.local_ms + (hub_ms - slot.hub_ms));
    }
    slot.voted = instance_voted(table, state, instance);
    return slot;
}

enum why {
#define WHY(id, applies, zh, en) WHY_##id,
#include "alarms/why.def"
#undef WHY
};

static enum why find_why(const struct slot *slot)
{
    const bool open = alarm_state_open((enum alarm_state)slot->state), on = slot_is_on(slot);
#define WHY(id, applies, zh, en)                                                                   \
    if (applies) {                                                                                 \
        return WHY_##id;                                                                           \
    }
#include "alarms/why.def"
#undef WHY
}

static void add_why(const struct slot *slot, struct text *out)
{
    static const struct {
        const char *id, *zh, *en;
    } ROWS[] = {
#define WHY(id, applies, zh, en) {#id, zh, en},
#include "alarms/why.def"
#undef WHY
    };
    enum why why = find_why(slot);
    text_add_key(out, "because");
    text_add_byte(out, '{');
    text_add_field(out, "id", slice_of(ROWS[why].id));
    text_add_field(out, "zh", slice_of(ROWS[why].zh));
    text_add_field(out, "en", slice_of(ROWS[why].en));
    text_add_byte(out, '}');
}

/* What keeps it from officers, and until when. */
static void add_aside(const struct alarm_table *table, const struct slot *slot,
    const struct instance *rule, struct text *out)
{
    const struct {
        const char *name;
        int64_t ms; /* 0: it does not */
    } ends[] = {
        {"shadow_until", slot->aside & ASIDE_SHADOW ? terms_shadow(slot, rule) : 0},
        {"shelved_until", slot->shelved_due_ms != 0 ? slot->shelved_ms : 0},
        {"out_of_service_until", slot->out_ms},
    };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (ends[i].ms != 0 && ends[i].ms != INT64_MAX) { /* that one has no end */
            text_add_field_time(out, ends[i].name, (struct event_time){ends[i].ms});
        }
    }
    if (slot->aside & ASIDE_SUPPRESSED && slot->parent != 0) {
        const struct instance *parent = table->instances[slot->parent - 1];
        text_add_field(out, "parent_rule", parent->rule);
        text_add_field(out, "parent_subject", parent->subject);
    }
}

void alarms_explain(const struct alarm_table *table, const void *state, uint32_t instance,
    int64_t hub_ms, struct text *out)
{
    static const char *const TRUTHS[] = {
        [TRI_NO] = "no", [TRI_YES] = "yes", [TRI_UNKNOWN] = "unknown"};
    const struct slot now = slot_now(table, state, instance, hub_ms), *slot = &now;
    const struct instance *rule = table->instances[instance];
    struct alarm_view view = alarms_view(table, state, instance);
    add_why(slot, out);
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
    text_add_field_int(out, "clear_after_ms", chatter_clear_after(slot, rule));
    add_aside(table, slot, rule, out);
    text_add_key(out, "covered");
    text_add(out, slot->covered ? "true" : "false");
}
