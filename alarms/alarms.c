#include "alarms/alarms.h"

#include <assert.h>
#include <string.h>

#include "core/hash.h"
#include "core/text.h"

/* One instance's alarm. Zero is normal with votes of no and no. */
struct slot {
    int32_t state; /* enum alarm_state */
    int32_t severity;
    uint32_t number;
    uint8_t when, clear; /* enum tri: the last vote */
    uint8_t padding[2];
    int64_t hub_ms, local_ms; /* how far the two clocks below have been brought */
    int64_t raise_held_ms;    /* how long `when` has been yes, pauses left out */
    int64_t clear_held_ms;
    int64_t onset_ms;       /* event time at which `when` became yes */
    int64_t onset_local_ms; /* the same on the local clock */
    struct hash128 id;
};

static struct slot *slot_of(const struct alarm_table *table, void *state, uint32_t instance)
{
    assert(instance < table->count);
    return (struct slot *)state + instance;
}

static void *timers_of(const struct alarm_table *table, void *state)
{
    return (struct slot *)state + table->count;
}

size_t alarms_state_size(uint32_t count)
{
    return count * sizeof(struct slot) + timers_size(count);
}

static void write_id(struct hash128 id, char out[static ALARM_ID_SIZE + 1])
{
    struct text text = text_in(out, ALARM_ID_SIZE);
    text_add_hex(&text, id.high, 16);
    text_add_hex(&text, id.low, 16);
    out[ALARM_ID_SIZE] = '\0';
}

/* design, "Effects, once": an alarm's identity is its cause. */
static struct hash128 make_id(
    const struct alarm_table *table, const struct instance *instance, int64_t onset_ms)
{
    char space[512];
    struct text text = text_in(space, sizeof space);
    text_add_slice(&text, table->area);
    text_add_byte(&text, '|');
    text_add_slice(&text, instance->rule);
    text_add_byte(&text, '|');
    text_add_slice(&text, instance->subject);
    text_add_byte(&text, '|');
    text_add_int(&text, onset_ms);
    assert(!text.truncated);
    return hash128(text_slice(&text));
}

/* What every step works on. */
struct job {
    const struct alarm_table *table;
    void *state;
    uint32_t instance;
    const struct instance *rule;
    struct slot *slot;
    transition_sink *emit;
    void *context;
};

static struct job job_of(const struct alarm_table *table, void *state, uint32_t instance,
    transition_sink *emit, void *context)
{
    return (struct job){table, state, instance, table->instances[instance],
        slot_of(table, state, instance), emit, context};
}

static void change(struct job *job, enum alarm_state to, const struct alarm_command *command)
{
    struct slot *slot = job->slot;
    struct transition transition = {
        .instance = job->instance,
        .from = (enum alarm_state)slot->state,
        .to = to,
        .severity = (enum severity)slot->severity,
        .number = ++slot->number,
        .hub_ms = slot->hub_ms,
        .onset = {slot->onset_ms},
        .lasted_ms = slot->local_ms - slot->onset_local_ms,
    };
    if (command != NULL) {
        transition.hub_ms = command->hub_ms;
        transition.by = command->by;
        transition.reason = command->reason;
        transition.finding = command->finding;
        transition.assignee = command->assignee;
    }
    write_id(slot->id, transition.alarm);
    slot->state = (int32_t)to;
    job->emit(job->context, &transition);
}

static bool is_active(const struct slot *slot)
{
    return slot->state == ALARM_ACTIVE_UNACK || slot->state == ALARM_ACTIVE_ACK;
}

static bool is_cleared(const struct slot *slot)
{
    return slot->state == ALARM_CLEARED_UNACK || slot->state == ALARM_CLEARED_ACK;
}

static bool may_raise(const struct slot *slot)
{
    return slot->when == TRI_YES && (slot->state == ALARM_PENDING || is_cleared(slot));
}

static bool may_clear(const struct slot *slot)
{
    return slot->clear == TRI_YES && is_active(slot);
}

/* Bring both clocks to this instant: what is held is held longer, unknown pauses. */
static void advance(struct slot *slot, int64_t hub_ms, int64_t local_ms)
{
    int64_t passed_ms = local_ms > slot->local_ms ? local_ms - slot->local_ms : 0;
    slot->raise_held_ms += slot->when == TRI_YES ? passed_ms : 0;
    slot->clear_held_ms += slot->clear == TRI_YES ? passed_ms : 0;
    slot->local_ms += passed_ms;
    slot->hub_ms = hub_ms;
}

static void fire(struct job *job)
{
    struct slot *slot = job->slot;
    if (may_raise(slot) && slot->raise_held_ms >= job->rule->raise_after_ms) {
        if (slot->state == ALARM_PENDING) {
            slot->id = make_id(job->table, job->rule, slot->onset_ms);
            slot->number = 0;
        }
        slot->clear_held_ms = 0;
        change(job, ALARM_ACTIVE_UNACK, NULL);
    }
    if (may_clear(slot) && slot->clear_held_ms >= job->rule->clear_after_ms) {
        change(
            job, slot->state == ALARM_ACTIVE_ACK ? ALARM_CLEARED_ACK : ALARM_CLEARED_UNACK, NULL);
        slot->raise_held_ms = 0;
    }
}

static void set_timer(struct job *job)
{
    const struct slot *slot = job->slot;
    int64_t due_ms = TIMER_NEVER;
    if (may_raise(slot)) {
        due_ms = slot->hub_ms + job->rule->raise_after_ms - slot->raise_held_ms;
    } else if (may_clear(slot)) {
        due_ms = slot->hub_ms + job->rule->clear_after_ms - slot->clear_held_ms;
    }
    timers_set(timers_of(job->table, job->state), job->table->count, job->instance, due_ms);
}

static void take_vote(struct slot *slot, const struct alarm_vote *vote)
{
    bool begins = vote->when == TRI_YES && slot->raise_held_ms == 0 && slot->when != TRI_YES;
    if (begins && (slot->state == ALARM_NORMAL || slot->state == ALARM_CLOSED)) {
        slot->state = ALARM_PENDING;
        slot->severity = (int32_t)vote->severity;
    }
    if (begins && !is_active(slot)) {
        slot->onset_ms = vote->event.ms;
        slot->onset_local_ms = vote->local_ms;
    }
    if (vote->when == TRI_NO) {
        slot->raise_held_ms = 0;
        slot->state = slot->state == ALARM_PENDING ? ALARM_NORMAL : slot->state;
    }
    if (vote->clear == TRI_NO) {
        slot->clear_held_ms = 0;
    }
    slot->when = (uint8_t)vote->when;
    slot->clear = (uint8_t)vote->clear;
}

void alarms_vote(const struct alarm_table *table, void *state, const struct alarm_vote *vote,
    transition_sink *emit, void *context)
{
    struct job job = job_of(table, state, vote->instance, emit, context);
    struct slot *slot = job.slot;
    if (slot->hub_ms == 0) {
        slot->local_ms = vote->local_ms; /* the first vote of all sets the clock */
    }
    advance(slot, vote->hub_ms, vote->local_ms);
    fire(&job);
    take_vote(slot, vote);
    fire(&job);
    if (is_active(slot) && slot->severity != (int32_t)vote->severity) {
        slot->severity = (int32_t)vote->severity;
        change(&job, (enum alarm_state)slot->state, NULL);
    }
    slot->severity = slot->state == ALARM_PENDING ? (int32_t)vote->severity : slot->severity;
    set_timer(&job);
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
    while (timers_take(timers_of(table, state), table->count, hub_ms, &instance, &due_ms)) {
        struct job job = job_of(table, state, instance, emit, context);
        due_ms = due_ms > job.slot->hub_ms ? due_ms : job.slot->hub_ms;
        advance(job.slot, due_ms, job.slot->local_ms + (due_ms - job.slot->hub_ms));
        fire(&job);
        set_timer(&job);
    }
}

/* --- commands --- */

static uint32_t find_alarm(const struct alarm_table *table, void *state, struct slice alarm)
{
    char id[ALARM_ID_SIZE + 1];
    for (uint32_t i = 0; i < table->count; i++) {
        const struct slot *slot = slot_of(table, state, i);
        if (alarm_state_open((enum alarm_state)slot->state)) {
            write_id(slot->id, id);
            if (slice_is(alarm, id)) {
                return i;
            }
        }
    }
    return NONE;
}

/* The rows of the life cycle that a person moves: action, from, to. */
static const struct {
    enum alarm_action action;
    enum alarm_state from, to;
} MOVES[] = {
    {ALARM_ACKNOWLEDGE, ALARM_ACTIVE_UNACK, ALARM_ACTIVE_ACK},
    {ALARM_ACKNOWLEDGE, ALARM_CLEARED_UNACK, ALARM_CLEARED_ACK},
    {ALARM_ASSIGN, ALARM_ACTIVE_UNACK, ALARM_ACTIVE_UNACK},
    {ALARM_ASSIGN, ALARM_ACTIVE_ACK, ALARM_ACTIVE_ACK},
    {ALARM_ASSIGN, ALARM_CLEARED_UNACK, ALARM_CLEARED_UNACK},
    {ALARM_ASSIGN, ALARM_CLEARED_ACK, ALARM_CLEARED_ACK},
    {ALARM_CLOSE, ALARM_CLEARED_ACK, ALARM_CLOSED},
};

static bool find_move(enum alarm_action action, enum alarm_state from, enum alarm_state *to)
{
    for (size_t i = 0; i < sizeof MOVES / sizeof MOVES[0]; i++) {
        if (MOVES[i].action == action && MOVES[i].from == from) {
            *to = MOVES[i].to;
            return true;
        }
    }
    return false;
}

enum alarm_answer alarms_command(const struct alarm_table *table, void *state,
    const struct alarm_command *command, transition_sink *emit, void *context)
{
    uint32_t instance = find_alarm(table, state, command->alarm);
    enum alarm_state to;
    if (instance == NONE) {
        return ALARM_ANSWER_NO_SUCH_ALARM;
    }
    struct job job = job_of(table, state, instance, emit, context);
    if (command->seen_number >= 0 && command->seen_number != (int64_t)job.slot->number) {
        return ALARM_ANSWER_STALE;
    }
    if (!find_move(command->action, (enum alarm_state)job.slot->state, &to)) {
        return ALARM_ANSWER_WRONG_STATE;
    }
    if (command->action == ALARM_CLOSE && command->finding.size == 0) {
        return ALARM_ANSWER_NO_FINDING;
    }
    change(&job, to, command);
    set_timer(&job);
    return ALARM_ANSWER_DONE;
}

struct alarm_view alarms_view(const struct alarm_table *table, const void *state, uint32_t instance)
{
    assert(instance < table->count);
    const struct slot *slot = (const struct slot *)state + instance;
    struct alarm_view view = {
        .state = (enum alarm_state)slot->state,
        .severity = (enum severity)slot->severity,
        .number = slot->number,
        .onset = {slot->onset_ms},
    };
    write_id(slot->id, view.alarm);
    return view;
}

/* Reloads keep the order mostly: look behind the last find first. */
static uint32_t find_fingerprint(
    const struct alarm_table *table, uint64_t fingerprint, uint32_t hint)
{
    for (uint32_t i = 0; i < table->count; i++) {
        uint32_t at = (hint + i) % table->count;
        if (table->instances[at]->fingerprint == fingerprint) {
            return at;
        }
    }
    return NONE;
}

void alarms_carry(const struct alarm_table *from, void *from_state, const struct alarm_table *to,
    void *to_state, int64_t hub_ms, transition_sink *emit, void *context)
{
    uint32_t hint = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        struct job old = job_of(from, from_state, i, emit, context);
        if (old.slot->hub_ms == 0) {
            continue; /* never voted */
        }
        uint32_t at = find_fingerprint(to, old.rule->fingerprint, hint);
        if (at != NONE) {
            struct job fresh = job_of(to, to_state, at, emit, context);
            *fresh.slot = *old.slot;
            set_timer(&fresh);
            hint = at + 1;
        } else if (alarm_state_open((enum alarm_state)old.slot->state)) {
            struct alarm_command removed = {
                .by = slice_of("hub"), .reason = slice_of("rule-removed"), .hub_ms = hub_ms};
            change(&old, ALARM_CLOSED, &removed);
        }
    }
}
