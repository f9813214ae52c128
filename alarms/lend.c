#include <assert.h>
#include <string.h>

#include "alarms/slot.h"

/* Slots are taken from the first on; those given back are taken before, the last one first: each has the next in
 * its number. Numbers are plus one; 0: none. */
struct lending {
    uint32_t taken; /* from the first on, whether in use or given back */
    uint32_t given_back;
};

size_t alarms_rest_size(uint32_t count)
{
    return sizeof(struct lending) + count * sizeof(struct seat) + timers_size(count);
}

size_t alarms_state_size(uint32_t count)
{
    return alarms_rest_size(count) + count * sizeof(struct slot);
}

static const struct seat *seat_seen(
    const struct alarm_table *table, const void *state, uint32_t instance)
{
    assert(instance < table->count);
    const struct seat *seats = (const void *)((const struct lending *)state + 1);
    return seats + instance;
}

struct seat *seat_of(const struct alarm_table *table, void *state, uint32_t instance)
{
    assert(instance < table->count);
    struct seat *seats = (void *)((struct lending *)state + 1);
    return seats + instance;
}

void *slot_timers(const struct alarm_table *table, void *state)
{
    return (uint8_t *)state + sizeof(struct lending) + table->count * sizeof(struct seat);
}

bool alarms_lent(const struct alarm_table *table, const void *state, uint32_t instance)
{
    return seat_seen(table, state, instance)->slot != 0;
}

const struct slot *slot_of(const struct alarm_table *table, const void *state, uint32_t instance)
{
    static const struct slot RESTING;
    const struct seat *seat = seat_seen(table, state, instance);
    const uint8_t *slots = (const uint8_t *)state + alarms_rest_size(table->count);
    return seat->slot == 0 ? &RESTING : (const struct slot *)(const void *)slots + (seat->slot - 1);
}

struct slot slot_seen(const struct alarm_table *table, const void *state, uint32_t instance)
{
    const struct seat *seat = seat_seen(table, state, instance);
    struct slot slot = *slot_of(table, state, instance);
    if (seat->slot == 0) {
        slot.when = seat->when;
        slot.clear = seat->clear;
        slot.covered = seat->covered;
    }
    return slot;
}

bool instance_voted(const struct alarm_table *table, const void *state, uint32_t instance)
{
    return seat_seen(table, state, instance)->voted != 0;
}

/* --- lending --- */

/* By its number plus one. */
static struct slot *slot_numbered(const struct alarm_table *table, void *state, uint32_t number)
{
    uint8_t *slots = (uint8_t *)state + alarms_rest_size(table->count);
    return (struct slot *)(void *)slots + (number - 1);
}

/* The number of one that is free, plus one. */
static uint32_t take(const struct alarm_table *table, void *state)
{
    struct lending *lending = state;
    const uint32_t number = lending->given_back;
    if (number == 0) {
        assert(lending->taken < table->count);
        return ++lending->taken;
    }
    struct slot *slot = slot_numbered(table, state, number);
    lending->given_back = slot->number;
    slot->number = 0;
    return number;
}

struct slot *slot_lent(const struct alarm_table *table, void *state, uint32_t instance)
{
    struct seat *seat = seat_of(table, state, instance);
    if (seat->slot != 0) {
        return slot_numbered(table, state, seat->slot);
    }
    seat->slot = take(table, state);
    struct slot *slot = slot_numbered(table, state, seat->slot);
    slot->when = seat->when;
    slot->clear = seat->clear;
    slot->covered = seat->covered;
    return slot;
}

bool slot_rests(const struct slot *slot)
{
    bool closed = slot->state == ALARM_NORMAL || slot->state == ALARM_CLOSED;
    return closed && slot->when != TRI_YES && !slot->runs && slot->aside == 0 &&
           slot->out_due_ms == 0;
}

/* Its last alarm, when others began, that it was commissioned anew. */
static bool remembers(const struct slot *slot)
{
    return slot->born_ms != 0 || slot->onset_ms != 0 || slot->raised != 0 || slot->changed_ms != 0;
}

struct alarm_job job_of(const struct alarm_table *table, void *state, uint32_t instance,
    transition_sink *emit, void *context)
{
    return (struct alarm_job){table, state, instance, table->instances[instance],
        slot_lent(table, state, instance), emit, context};
}

struct alarm_job job_beside(const struct alarm_job *job, uint32_t instance)
{
    return job_of(job->table, job->state, instance, job->emit, job->context);
}

void job_end(const struct alarm_job *job)
{
    struct seat *seat = seat_of(job->table, job->state, job->instance);
    struct slot *slot = job->slot;
    seat->when = slot->when;
    seat->clear = slot->clear;
    seat->covered = slot->covered;
    seat->voted |= slot->voted;
    if (slot_rests(slot) && !remembers(slot)) {
        struct lending *lending = job->state;
        memset(slot, 0, sizeof *slot);
        slot->number = lending->given_back;
        lending->given_back = seat->slot;
        seat->slot = 0;
    }
}
