#include "alarms/slot.h"

bool alarms_covers(
    const struct alarm_table *table, const void *state, uint32_t instance, int64_t event_ms)
{
    const struct slot *slot = slot_of(table, state, instance);
    bool active = slot->state == ALARM_ACTIVE_UNACK || slot->state == ALARM_ACTIVE_ACK;
    bool goes_on = active && !slot->over;
    return slot->onset_ms <= event_ms &&
           (goes_on || event_ms <= slot->onset_ms + slot->lasted_ms); /* closed or not */
}

void alarms_share(const struct alarm_table *table, const void *state, uint32_t instance, void *late,
    int64_t local_ms)
{
    const struct slot *from = slot_of(table, state, instance);
    const struct slot *was = slot_of(table, late, instance);
    bool free = was->state == ALARM_NORMAL || was->state == ALARM_CLOSED;
    if (from->state == ALARM_PENDING && free) {
        struct slot *to = slot_lent(table, late, instance);
        const int64_t born_ms = to->born_ms;
        *to = *from;
        to->born_ms = born_ms; /* its own last alarm */
        to->when = TRI_UNKNOWN;
        to->clear = TRI_UNKNOWN;
        to->local_ms = from->run_begun_ms;
        to->run_lasted_ms = 0; /* it lasts from there to this instant */
        int64_t held_ms = local_ms - from->run_begun_ms;
        to->run_held_ms = held_ms < from->run_held_ms ? held_ms : from->run_held_ms;
        to->covered = false;
    }
}

void alarms_end_shared(const struct alarm_table *table, void *state, uint32_t instance,
    const void *late, transition_sink *emit, void *context)
{
    const struct slot *slot = slot_of(table, state, instance);
    const struct slot *other = slot_of(table, late, instance);
    if (slot->state == ALARM_PENDING && slot->runs && slot->when == TRI_UNKNOWN && !other->runs &&
        slot->run_begun_ms == other->run_begun_ms) {
        struct alarm_job job = job_of(table, state, instance, emit, context);
        job.slot->runs = 0;
        slot_settle(&job);
        job_end(&job);
    }
}
