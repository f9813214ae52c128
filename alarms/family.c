#include "alarms/slot.h"

bool family_heads(const struct slot *slot)
{
    return slot_is_on(slot) && (slot->aside & (ASIDE_SHADOW | ASIDE_OUT)) == 0;
}

/* What began with the parent or after it. */
static bool explains(const struct slot *parent, int64_t begun_ms)
{
    return family_heads(parent) && begun_ms >= parent->onset_ms - term_ms(TERM_SIBLING);
}

uint32_t family_cover(const struct alarm_job *job, int64_t begun_ms)
{
    for (uint32_t i = 0; i < job->rule->parent_count; i++) {
        uint32_t parent = job->rule->parents[i];
        if (explains(slot_of(job->table, job->state, parent), begun_ms)) {
            return parent + 1;
        }
    }
    return 0;
}

/* The parent is over. Its child is released if its own condition still holds, as far as is known; one that
 * is about to clear is waited for. */
static void let_go(struct alarm_job *job)
{
    struct slot *slot = job->slot;
    if (slot_is_cleared(slot)) {
        slot_change(job, EVENT_LAPSE, NULL);
    } else if (slot->when != TRI_NO || slot->over) {
        slot_change(job, EVENT_RELEASE, NULL);
    }
}

void family_settle(struct alarm_job *job)
{
    struct slot *slot = job->slot;
    bool suppressed = (slot->aside & ASIDE_SUPPRESSED) != 0;
    if (!alarm_state_open((enum alarm_state)slot->state)) {
        return;
    }
    uint32_t cover = family_cover(job, slot->onset_ms);
    if (suppressed && cover == 0) {
        let_go(job);
    } else if (suppressed) {
        slot->parent = cover;
    } else if (cover != 0 && !slot->over && slot_may(slot, EVENT_SUPPRESS)) {
        slot->parent = cover;
        slot_change(job, EVENT_SUPPRESS, NULL);
    }
    slot_set_timer(job);
}

static void take_child(const struct alarm_job *job, uint32_t instance)
{
    if (!alarms_lent(job->table, job->state, instance)) {
        return;
    }
    struct alarm_job child = job_beside(job, instance);
    slot_advance_to(&child, job->slot->hub_ms);
    family_settle(&child);
    job_end(&child);
}

/* The message that ended the parent may end the child too, which has not voted yet: it is looked at again at its own
 * vote, else when the hub's time is looked at next. */
static void wake_child(const struct alarm_job *job, uint32_t instance)
{
    const struct slot *child = slot_of(job->table, job->state, instance);
    if ((child->aside & ASIDE_SUPPRESSED) != 0) {
        timers_set(
            slot_timers(job->table, job->state), job->table->count, instance, job->slot->hub_ms);
    }
}

static void tell_children(const struct alarm_job *job)
{
    const struct alarm_table *table = job->table;
    if (table->child_first == NULL) {
        return;
    }
    const bool heads = family_heads(job->slot);
    for (uint32_t i = table->child_first[job->instance]; i < table->child_first[job->instance + 1];
         i++) {
        if (heads) {
            take_child(job, table->children[i]);
        } else {
            wake_child(job, table->children[i]);
        }
    }
}

void family_follow(struct alarm_job *job, bool headed)
{
    family_settle(job);
    if (family_heads(job->slot) != headed) {
        tell_children(job);
    }
}
