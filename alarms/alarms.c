#include "alarms/alarms.h"

#include <assert.h>

#include "alarms/slot.h"

static struct slice key_of(const struct instance *instance)
{
    return slice_from(&instance->fingerprint, sizeof instance->fingerprint);
}

struct alarm_table alarm_table_new(
    const struct instance *const *instances, uint32_t count, struct slice area, struct arena *arena)
{
    struct alarm_table table = {instances, count, area, table_new(arena, count), false};
    for (uint32_t i = 0; i < count; i++) {
        table_add(&table.by_fingerprint, key_of(instances[i]), i);
    }
    return table;
}

uint32_t alarms_find(const struct alarm_table *table, const struct instance *instance)
{
    uint32_t found = table_find(&table->by_fingerprint, key_of(instance));
    return found == TABLE_NONE ? NONE : found;
}

size_t alarms_state_size(uint32_t count)
{
    return count * sizeof(struct slot) + timers_size(count);
}

/* A run begins at a yes, goes on through unknown, and ends at a no. */
static void take_vote(struct slot *slot, const struct alarm_vote *vote)
{
    if (vote->when == TRI_YES) {
        bool stands = vote->severity_unsure && slot->runs;
        slot->voted_severity = stands ? slot->voted_severity : (uint8_t)vote->severity;
        slot->clear_held_ms = 0;
    }
    if (vote->when == TRI_YES && !slot->runs) {
        slot->runs = 1;
        slot->run_begun_ms = vote->event.ms;
        slot->run_record = vote->record;
        slot->run_held_ms = 0;
        slot->run_lasted_ms = 0;
    }
    if (vote->when == TRI_NO) {
        slot->runs = 0;
    }
    if (vote->clear == TRI_NO) {
        slot->clear_held_ms = 0;
    }
    slot->when = (uint8_t)vote->when;
    slot->clear = (uint8_t)vote->clear;
    slot->voted = 1;
}

/* While the condition holds, the alarm is as severe as the votes say; once it does not, as severe as
 * it was (voted_severity stands still then). */
static void grade(struct alarm_job *job)
{
    struct slot *slot = job->slot;
    if (slot->severity != slot->voted_severity && slot_may(slot, EVENT_GRADE) && !slot->over) {
        slot_change(job, EVENT_GRADE, NULL);
    }
}

void alarms_vote(const struct alarm_table *table, void *state, const struct alarm_vote *vote,
    transition_sink *emit, void *context)
{
    struct alarm_job job = job_of(table, state, vote->instance, emit, context);
    if (table->late) {
        slot_rewind(job.slot, vote->hub_ms, vote->local_ms);
    } else {
        slot_advance(job.slot, vote->hub_ms, vote->local_ms);
    }
    slot_settle(&job); /* what the votes before have earned by now */
    job.slot->covered = vote->covered;
    take_vote(job.slot, vote);
    slot_settle(&job);
    grade(&job);
}

int64_t alarms_due(const struct alarm_table *table, const void *state)
{
    return timers_next((const struct slot *)state + table->count, table->count);
}

void alarms_time(const struct alarm_table *table, void *state, int64_t hub_ms,
    transition_sink *emit, void *context)
{
    uint32_t instance;
    int64_t due_ms;
    void *timers = (struct slot *)state + table->count;
    while (timers_take(timers, table->count, hub_ms, &instance, &due_ms)) {
        struct alarm_job job = job_of(table, state, instance, emit, context);
        due_ms = due_ms > job.slot->hub_ms ? due_ms : job.slot->hub_ms;
        int64_t passed_ms = table->late ? 0 : due_ms - job.slot->hub_ms;
        slot_advance(job.slot, due_ms, job.slot->local_ms + passed_ms);
        slot_settle(&job);
    }
}

struct alarm_view alarms_view(const struct alarm_table *table, const void *state, uint32_t instance)
{
    assert(instance < table->count);
    const struct slot *slot = (const struct slot *)state + instance;
    struct alarm_view view = {
        .state = (enum alarm_state)slot->state,
        .severity =
            (enum severity)(slot->state == ALARM_PENDING ? slot->voted_severity : slot->severity),
        .number = slot->number,
        .onset = {slot->onset_ms},
        .shelved_until = {slot->shelved_ms},
        .onset_record = slot->onset_record,
    };
    slot_write_id(slot->id, view.alarm);
    return view;
}

static void close_removed(struct alarm_job *job, int64_t hub_ms)
{
    struct slot *slot = job->slot;
    struct alarm_command removed = {.by = slice_of("hub"), .reason = slice_of("rule-removed")};
    if (slot_may(slot, EVENT_REMOVED)) {
        int64_t passed_ms = hub_ms > slot->hub_ms ? hub_ms - slot->hub_ms : 0;
        slot_advance(slot, slot->hub_ms + passed_ms, slot->local_ms + passed_ms);
        slot_change(job, EVENT_REMOVED, &removed);
    }
}

void alarms_carry(const struct alarm_table *from, void *from_state, const struct alarm_table *to,
    void *to_state, int64_t hub_ms, transition_sink *emit, void *context)
{
    for (uint32_t i = 0; i < from->count; i++) {
        struct alarm_job old = job_of(from, from_state, i, emit, context);
        if (!old.slot->voted) {
            continue;
        }
        uint32_t at = table_find(&to->by_fingerprint, key_of(old.rule));
        if (at == TABLE_NONE) {
            close_removed(&old, hub_ms);
            continue;
        }
        struct alarm_job fresh = job_of(to, to_state, at, emit, context);
        *fresh.slot = *old.slot;
        slot_set_timer(&fresh);
    }
}
