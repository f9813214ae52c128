#include "alarms/slot.h"

#include <assert.h>

#include "core/text.h"

/* From a state by an event to the next state, plus one; 0: it does not happen. */
static const uint8_t NEXT[ALARM_STATE_COUNT][EVENT_COUNT] = {
#define TRANSITION(from, event, to, what) [ALARM_##from][EVENT_##event] = ALARM_##to + 1,
#define STAYS(event, what)                                                                         \
    [ALARM_ACTIVE_UNACK][EVENT_##event] = ALARM_ACTIVE_UNACK + 1,                                  \
    [ALARM_ACTIVE_ACK][EVENT_##event] = ALARM_ACTIVE_ACK + 1,                                      \
    [ALARM_CLEARED_UNACK][EVENT_##event] = ALARM_CLEARED_UNACK + 1,                                \
    [ALARM_CLEARED_ACK][EVENT_##event] = ALARM_CLEARED_ACK + 1,
#include "alarms/transitions.def"
#undef TRANSITION
#undef STAYS
};

struct slot *slot_of(const struct alarm_table *table, void *state, uint32_t instance)
{
    assert(instance < table->count);
    return (struct slot *)state + instance;
}

struct alarm_job job_of(const struct alarm_table *table, void *state, uint32_t instance,
    transition_sink *emit, void *context)
{
    return (struct alarm_job){table, state, instance, table->instances[instance],
        slot_of(table, state, instance), emit, context};
}

static bool is_active(const struct slot *slot)
{
    return slot->state == ALARM_ACTIVE_UNACK || slot->state == ALARM_ACTIVE_ACK;
}

/* Its condition holds, as far as is known. */
static bool is_on(const struct slot *slot)
{
    return is_active(slot) && !slot->over;
}

void slot_advance(struct slot *slot, int64_t hub_ms, int64_t local_ms)
{
    /* A clock that goes back is another clock (a device heard for the first time): it is taken over,
     * and no time has passed. */
    int64_t passed_ms = local_ms > slot->local_ms && slot->voted ? local_ms - slot->local_ms : 0;
    slot->run_held_ms += slot->when == TRI_YES ? passed_ms : 0;
    slot->run_lasted_ms += slot->runs ? passed_ms : 0;
    slot->clear_held_ms += slot->clear == TRI_YES && slot->when != TRI_YES ? passed_ms : 0;
    slot->lasted_ms += is_on(slot) ? passed_ms : 0;
    slot->local_ms = local_ms;
    slot->hub_ms = hub_ms;
}

void slot_rewind(struct slot *slot, int64_t hub_ms, int64_t local_ms)
{
    /* Of two devices of one stretch one lags behind a little; that is no step back. */
    static const int64_t STRETCH_MS = INT64_C(15) * MINUTE_MS;
    if (local_ms < slot->local_ms - STRETCH_MS) {
        slot->runs = 0;
        slot->when = TRI_UNKNOWN;
        slot->clear = TRI_UNKNOWN;
        slot->clear_held_ms = 0;
        slot->local_ms = local_ms;
    }
    slot_advance(slot, hub_ms, local_ms > slot->local_ms ? local_ms : slot->local_ms);
}

/* design, "Effects, once": an alarm's identity is its cause. */
static struct hash128 make_id(const struct alarm_job *job)
{
    char space[512];
    struct text text = text_in(space, sizeof space);
    text_add_slice(&text, job->table->area);
    text_add_byte(&text, '|');
    text_add_slice(&text, job->rule->rule);
    text_add_byte(&text, '|');
    text_add_slice(&text, job->rule->subject);
    text_add_byte(&text, '|');
    text_add_int(&text, job->slot->run_begun_ms);
    assert(!text.truncated);
    return hash128(text_slice(&text));
}

void slot_unshelve(struct slot *slot)
{
    slot->shelved_hub_ms = 0;
    slot->shelved_ms = 0;
}

/* What was set aside was less severe than this: it comes back. */
static void grade(struct slot *slot)
{
    if (slot->voted_severity < slot->severity) {
        slot_unshelve(slot);
    }
    slot->severity = slot->voted_severity;
}

static void raise(struct alarm_job *job)
{
    struct slot *slot = job->slot;
    if (slot->state == ALARM_PENDING) {
        slot->id = make_id(job);
        slot->number = 0;
        slot->severity = slot->voted_severity;
        slot->onset_record = slot->run_record;
    }
    slot->over = 0;
    slot->onset_ms = slot->run_begun_ms;
    slot->lasted_ms = slot->run_lasted_ms;
}

void slot_write_id(struct hash128 id, char out[static ALARM_ID_SIZE + 1])
{
    struct text text = text_in(out, ALARM_ID_SIZE);
    text_add_hex(&text, id.high, 16);
    text_add_hex(&text, id.low, 16);
    out[ALARM_ID_SIZE] = '\0';
}

bool slot_may(const struct slot *slot, enum alarm_event event)
{
    return NEXT[slot->state][event] != 0;
}

void slot_change(struct alarm_job *job, enum alarm_event event, const struct alarm_command *command)
{
    struct slot *slot = job->slot;
    enum alarm_state from = (enum alarm_state)slot->state;
    assert(slot_may(slot, event));
    enum alarm_state to = (enum alarm_state)(NEXT[from][event] - 1);
    if (event == EVENT_HELD || event == EVENT_AGAIN) {
        raise(job);
    }
    if (event == EVENT_HELD || event == EVENT_AGAIN || event == EVENT_GRADE) {
        grade(slot);
    }
    if (to == ALARM_CLOSED) {
        slot_unshelve(slot);
    }
    slot->over = event == EVENT_OVER || (slot->over && to != ALARM_CLOSED);
    slot->state = (uint8_t)to;
    if (!alarm_state_open(from) && !alarm_state_open(to)) {
        return; /* it has no alarm, so nothing is said of it */
    }
    struct transition transition = {
        .instance = job->instance,
        .from = from,
        .to = to,
        .over = !is_on(slot),
        .severity = (enum severity)slot->severity,
        .number = ++slot->number,
        .hub_ms = slot->hub_ms,
        .onset = {slot->onset_ms},
        .onset_record = slot->onset_record,
        .lasted_ms = slot->lasted_ms,
        .shelved_until = {slot->shelved_ms},
    };
    if (command != NULL) {
        transition.by = command->by;
        transition.reason = command->reason;
        transition.finding = command->finding;
        transition.assignee = command->assignee;
    }
    slot_write_id(slot->id, transition.alarm);
    job->emit(job->context, &transition);
}

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
    enum alarm_event event = job->rule->latched ? EVENT_OVER : EVENT_CLEAR;
    bool over = slot->clear == TRI_YES && slot->when != TRI_YES && !slot->over;
    return over && slot_may(slot, event) ? event : EVENT_COUNT;
}

void slot_set_timer(struct alarm_job *job)
{
    const struct slot *slot = job->slot;
    int64_t due_ms = TIMER_NEVER;
    if (job->table->late) {
        due_ms = TIMER_NEVER; /* the hub's time moves nothing here */
    } else if (raising(slot) != EVENT_COUNT) {
        due_ms = slot->hub_ms + job->rule->raise_after_ms - slot->run_held_ms;
    } else if (clearing(job) != EVENT_COUNT) {
        due_ms = slot->hub_ms + job->rule->clear_after_ms - slot->clear_held_ms;
    }
    if (slot->shelved_hub_ms != 0 && slot->shelved_hub_ms < due_ms) {
        due_ms = slot->shelved_hub_ms;
    }
    void *timers = (struct slot *)job->state + job->table->count;
    timers_set(timers, job->table->count, job->instance, due_ms);
}

/* Old data that is sent once more, when nobody remembers it any more, raises nothing that was closed. */
static bool closed_once(const struct alarm_job *job)
{
    if (!job->table->late || job->slot->state != ALARM_PENDING) {
        return false;
    }
    struct hash128 id = make_id(job);
    return id.high == job->slot->id.high && id.low == job->slot->id.low;
}

void slot_settle(struct alarm_job *job)
{
    struct slot *slot = job->slot;
    if (slot->shelved_hub_ms != 0 && slot->hub_ms >= slot->shelved_hub_ms) {
        slot_unshelve(slot);
        slot_change(job, EVENT_EXPIRED, NULL);
    }
    if (slot->when == TRI_YES && slot_may(slot, EVENT_BEGINS)) {
        slot_change(job, EVENT_BEGINS, NULL);
    }
    if (!slot->runs && slot_may(slot, EVENT_STOPS)) {
        slot_change(job, EVENT_STOPS, NULL);
    }
    if (raising(slot) != EVENT_COUNT && slot->run_held_ms >= job->rule->raise_after_ms &&
        !closed_once(job)) {
        slot_change(job, raising(slot), NULL);
    } else if (clearing(job) != EVENT_COUNT && slot->clear_held_ms >= job->rule->clear_after_ms) {
        slot_change(job, clearing(job), NULL);
        slot->runs = 0; /* what held unknown until now is over: a new yes is a new run */
    }
    slot_set_timer(job);
}
