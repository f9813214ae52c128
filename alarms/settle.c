#include "alarms/slot.h"

/* The event that a condition which holds earns, or one that is over; EVENT_COUNT: none. An alarm does not
 * clear while its condition holds, whatever clear_when says: a rule whose two conditions overlap would
 * else raise and clear for ever. */
static enum alarm_event raising(const struct slot *slot)
{
    enum alarm_event event = slot->over ? EVENT_AGAIN : EVENT_HELD;
    return slot->when == TRI_YES && !slot->covered && slot_may(slot, event) ? event : EVENT_COUNT;
}

static enum alarm_event clearing(const struct alarm_job *job)
{
    const struct slot *slot = job->slot;
    bool latched = job->rule->latched && (slot->aside & ASIDE_SHADOW) == 0;
    enum alarm_event event = latched ? EVENT_OVER : EVENT_CLEAR;
    bool over = slot->clear == TRI_YES && slot->when != TRI_YES && !slot->over;
    return over && slot_may(slot, event) ? event : EVENT_COUNT;
}

void slot_set_timer(struct alarm_job *job)
{
    const struct slot *slot = job->slot;
    int64_t due_ms = TIMER_NEVER, term_due_ms;
    if (job->table->late) {
        due_ms = TIMER_NEVER; /* the hub's time moves no condition here */
    } else if (raising(slot) != EVENT_COUNT) {
        due_ms = slot->hub_ms + job->rule->raise_after_ms - slot->run_held_ms;
    } else if (clearing(job) != EVENT_COUNT) {
        due_ms = slot->hub_ms + chatter_clear_after(slot, job->rule) - slot->clear_held_ms;
    }
    if (terms_next(slot, job->rule, &term_due_ms) != EVENT_COUNT && term_due_ms < due_ms) {
        due_ms = term_due_ms;
    }
    timers_set(slot_timers(job->table, job->state), job->table->count, job->instance, due_ms);
}

/* Deadlines and terms that have passed; each ends its own. */
static void settle_terms(struct alarm_job *job)
{
    int64_t due_ms;
    for (int i = 0; i < EVENT_COUNT; i++) {
        enum alarm_event event = terms_next(job->slot, job->rule, &due_ms);
        if (event == EVENT_COUNT || due_ms > job->slot->hub_ms) {
            return;
        }
        slot_change(job, event, NULL);
    }
}

/* What went over before anybody heard of it needs nobody. */
static void settle_lapse(struct alarm_job *job)
{
    struct slot *slot = job->slot;
    bool waits = (slot->aside & (ASIDE_SUPPRESSED | ASIDE_OUT)) != 0;
    if (slot_is_cleared(slot) && !slot->announced && !waits) {
        slot_change(job, EVENT_LAPSE, NULL);
    }
}

/* Old data that is sent once more, when nobody remembers it any more, raises nothing that was closed. */
static bool closed_once(const struct alarm_job *job)
{
    if (!job->table->late || job->slot->state != ALARM_PENDING) {
        return false;
    }
    return job->slot->run_begun_ms == job->slot->born_ms;
}

void slot_settle(struct alarm_job *job)
{
    struct slot *slot = job->slot;
    settle_terms(job);
    if (slot->when == TRI_YES && slot_may(slot, EVENT_BEGINS)) {
        slot_change(job, EVENT_BEGINS, NULL);
    }
    if (!slot->runs && slot_may(slot, EVENT_STOPS)) {
        slot_change(job, EVENT_STOPS, NULL);
    }
    if (raising(slot) != EVENT_COUNT && slot->run_held_ms >= job->rule->raise_after_ms &&
        !closed_once(job)) {
        slot_change(job, raising(slot), NULL);
    } else if (clearing(job) != EVENT_COUNT &&
               slot->clear_held_ms >= chatter_clear_after(slot, job->rule)) {
        slot_change(job, clearing(job), NULL);
        slot->runs = 0; /* what held unknown until now is over: a new yes is a new run */
    }
    settle_lapse(job);
    slot_set_timer(job);
}
