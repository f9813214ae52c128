#include "alarms/alarms.h"

#include <assert.h>

#include "alarms/slot.h"

/* Rule and subject, which a changed rule still has. */
static struct slice name_of(const struct instance *instance)
{
    return slice_from(&instance->name_hash, sizeof instance->name_hash);
}

static struct slice key_of(const struct instance *instance)
{
    return slice_from(&instance->fingerprint, sizeof instance->fingerprint);
}

/* Of each instance, those that name it as a parent, in the order of the instances. */
static void index_children(struct alarm_table *table, struct arena *arena)
{
    uint32_t *first = arena_take(arena, table->count + 2, sizeof *first);
    for (uint32_t i = 0; i < table->count; i++) {
        for (uint32_t k = 0; k < table->instances[i]->parent_count; k++) {
            first[table->instances[i]->parents[k] + 2] += 1;
        }
    }
    for (uint32_t i = 2; i < table->count + 2; i++) {
        first[i] += first[i - 1];
    }
    uint32_t *children = arena_take(arena, first[table->count + 1] + 1, sizeof *children);
    for (uint32_t i = 0; i < table->count; i++) {
        for (uint32_t k = 0; k < table->instances[i]->parent_count; k++) {
            children[first[table->instances[i]->parents[k] + 1]++] = i;
        }
    }
    table->child_first = first;
    table->children = children;
}

struct alarm_table alarm_table_new(
    const struct instance *const *instances, uint32_t count, struct slice area, struct arena *arena)
{
    struct alarm_table table = {.instances = instances, .count = count, .area = area};
    table.by_fingerprint = table_new(arena, count);
    table.by_name = table_new(arena, count);
    for (uint32_t i = 0; i < count; i++) {
        table_add(&table.by_fingerprint, key_of(instances[i]), i);
        table_add(&table.by_name, name_of(instances[i]), i);
    }
    index_children(&table, arena);
    return table;
}

uint32_t alarms_find(const struct alarm_table *table, const struct instance *instance)
{
    uint32_t found = table_find(&table->by_fingerprint, key_of(instance));
    return found == TABLE_NONE ? NONE : found;
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
    const struct slot *slot = job->slot;
    if (slot->graded != slot->voted_severity && slot_may(slot, EVENT_GRADE) && !slot->over) {
        slot_change(job, EVENT_GRADE, NULL);
        slot_set_timer(job);
    }
}

static void come_to(
    const struct alarm_table *table, struct slot *slot, const struct alarm_vote *vote)
{
    if (table->late) {
        slot_rewind(slot, vote->hub_ms, vote->local_ms);
    } else {
        slot_advance(slot, vote->hub_ms, vote->local_ms);
    }
}

/* A vote of no, or of not known, on what rests: so it goes on to rest, and nothing of it is due. */
static bool stays_at_rest(
    const struct alarm_table *table, void *state, const struct alarm_vote *vote)
{
    struct seat *seat = seat_of(table, state, vote->instance);
    if (seat->slot != 0) {
        return false;
    }
    seat->when = (uint8_t)vote->when;
    seat->clear = (uint8_t)vote->clear;
    seat->covered = vote->covered;
    seat->voted = 1;
    return true;
}

void alarms_vote(const struct alarm_table *table, void *state, const struct alarm_vote *vote,
    transition_sink *emit, void *context)
{
    if (vote->when != TRI_YES && stays_at_rest(table, state, vote)) {
        return;
    }
    struct alarm_job job = job_of(table, state, vote->instance, emit, context);
    struct slot *slot = job.slot;
    if (vote->when != TRI_YES && slot_rests(slot)) { /* it rests on, beside what it remembers */
        come_to(table, slot, vote);
        slot->covered = vote->covered;
        take_vote(slot, vote);
        return;
    }
    bool headed = family_heads(slot);
    come_to(table, slot, vote);
    slot_settle(&job); /* what the votes before have earned by now */
    slot->covered = vote->covered;
    take_vote(slot, vote);
    slot_settle(&job);
    grade(&job);
    family_follow(&job, headed);
    job_end(&job);
}

int64_t alarms_due(const struct alarm_table *table, void *state)
{
    return timers_next(slot_timers(table, state), table->count);
}

void alarms_time(const struct alarm_table *table, void *state, int64_t hub_ms,
    transition_sink *emit, void *context)
{
    uint32_t instance;
    int64_t due_ms;
    void *timers = slot_timers(table, state);
    while (timers_take(timers, table->count, hub_ms, &instance, &due_ms)) {
        struct alarm_job job = job_of(table, state, instance, emit, context);
        bool headed = family_heads(job.slot);
        slot_advance_to(&job, due_ms);
        slot_settle(&job);
        family_follow(&job, headed);
        job_end(&job);
    }
}

struct alarm_view alarms_view(const struct alarm_table *table, const void *state, uint32_t instance)
{
    const struct slot *slot = slot_of(table, state, instance);
    struct alarm_view view = {
        .state = (enum alarm_state)slot->state,
        .severity =
            (enum severity)(slot->state == ALARM_PENDING ? slot->voted_severity : slot->severity),
        .graded =
            (enum severity)(slot->state == ALARM_PENDING ? slot->voted_severity : slot->graded),
        .held_back = slot->aside != 0,
        .number = slot->number,
        .onset = {slot->onset_ms},
        .shelved_until = {slot->shelved_ms},
        .onset_record = slot->onset_record,
    };
    slot_write_id(table, slot, instance, view.alarm);
    return view;
}

static void close_removed(struct alarm_job *job, int64_t hub_ms)
{
    if (slot_may(job->slot, EVENT_REMOVED)) {
        slot_advance_to(job, hub_ms);
        slot_change(job, EVENT_REMOVED, NULL);
    }
}

/* The same parent in the new table; 0: it is gone. */
static uint32_t carry_parent(
    const struct alarm_table *from, const struct alarm_table *to, uint32_t parent)
{
    uint32_t at = TABLE_NONE;
    if (parent != 0) {
        at = table_find(&to->by_fingerprint, key_of(from->instances[parent - 1]));
    }
    return at == TABLE_NONE ? 0 : at + 1;
}

/* What is commissioned anew goes through the shadow again: the same rule and subject, another linkage. */
static void carry_shadows(const struct alarm_table *from, void *from_state,
    const struct alarm_table *to, void *to_state, int64_t hub_ms)
{
    for (uint32_t i = 0; i < to->count; i++) {
        uint32_t at = table_find(&from->by_name, name_of(to->instances[i]));
        if (at == TABLE_NONE) {
            continue;
        }
        bool anew = from->instances[at]->linkage_hash != to->instances[i]->linkage_hash;
        int64_t changed_ms = anew ? hub_ms : slot_of(from, from_state, at)->changed_ms;
        if (changed_ms != 0) {
            slot_lent(to, to_state, i)->changed_ms = changed_ms;
        }
    }
}

/* Into the slot and the seat of the same instance. */
static void carry_one(const struct alarm_table *from, void *from_state, uint32_t instance,
    const struct alarm_table *to, void *to_state, uint32_t at)
{
    struct seat *into = seat_of(to, to_state, at);
    *into = *seat_of(from, from_state, instance);
    into->slot = 0;
    if (alarms_lent(from, from_state, instance)) {
        struct slot *slot = slot_lent(to, to_state, at);
        *slot = *slot_of(from, from_state, instance);
        slot->parent = carry_parent(from, to, slot->parent);
    }
}

void alarms_carry(const struct alarm_table *from, void *from_state, const struct alarm_table *to,
    void *to_state, int64_t hub_ms, transition_sink *emit, void *context)
{
    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t at = table_find(&to->by_fingerprint, key_of(from->instances[i]));
        if (at != TABLE_NONE) {
            carry_one(from, from_state, i, to, to_state, at);
        } else if (alarms_lent(from, from_state, i)) {
            struct alarm_job old = job_of(from, from_state, i, emit, context);
            close_removed(&old, hub_ms);
        }
    }
    carry_shadows(from, from_state, to, to_state, hub_ms);
}

void alarms_carried(const struct alarm_table *table, void *state, int64_t hub_ms,
    transition_sink *emit, void *context)
{
    for (uint32_t i = 0; i < table->count; i++) {
        if (!alarms_lent(table, state, i)) {
            continue;
        }
        struct alarm_job job = job_of(table, state, i, emit, context);
        if (job.slot->aside & ASIDE_SUPPRESSED) {
            slot_advance_to(&job, hub_ms); /* its parent may be gone */
            family_settle(&job);
        }
        slot_set_timer(&job);
    }
}
