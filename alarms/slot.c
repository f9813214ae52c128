#include "alarms/slot.h"

#include <assert.h>

#include "core/text.h"

/* From a state by an event to the next state, plus one; 0: it does not happen. */
static const uint8_t NEXT[ALARM_STATE_COUNT][EVENT_COUNT] = {
#define TRANSITION(from, event, to, what) [ALARM_##from][EVENT_##event] = ALARM_##to + 1,
#define STAY(state, event)                [ALARM_##state][EVENT_##event] = ALARM_##state + 1
#define STAYS(event, what)                                                                         \
    STAY(ACTIVE_UNACK, event), STAY(ACTIVE_ACK, event), STAY(CLEARED_UNACK, event),                \
        STAY(CLEARED_ACK, event),
#define ALWAYS(event, what)                                                                        \
    STAYS(event, what) STAY(NORMAL, event), STAY(PENDING, event), STAY(CLOSED, event),
#include "alarms/transitions.def"
#undef TRANSITION
#undef STAYS
#undef ALWAYS
#undef STAY
};

static const char *const REASONS[EVENT_COUNT] = {
#define ALARM_EVENT(id, cause, reason, what) [EVENT_##id] = reason,
#include "alarms/events.def"
#undef ALARM_EVENT
};

bool slot_is_on(const struct slot *slot)
{
    return (slot->state == ALARM_ACTIVE_UNACK || slot->state == ALARM_ACTIVE_ACK) && !slot->over;
}

bool slot_is_cleared(const struct slot *slot)
{
    return slot->state == ALARM_CLEARED_UNACK || slot->state == ALARM_CLEARED_ACK;
}

void slot_advance(struct slot *slot, int64_t hub_ms, int64_t local_ms)
{
    /* A clock that goes back is another clock, or the same better known: it is taken over, and what passed
     * since the last vote is what passed on the hub's. */
    int64_t passed_ms =
        local_ms >= slot->local_ms ? local_ms - slot->local_ms : hub_ms - slot->hub_ms;
    if (passed_ms < 0 || !slot->voted) {
        passed_ms = 0;
    }
    if (slot->when == TRI_YES) {
        slot->run_held_ms += passed_ms;
    } else if (slot->clear == TRI_YES) {
        slot->clear_held_ms += passed_ms;
    }
    if (slot->runs) {
        slot->run_lasted_ms += passed_ms;
    }
    if (slot_is_on(slot)) {
        slot->lasted_ms += passed_ms;
    }
    slot->local_ms = local_ms;
    slot->hub_ms = hub_ms;
}

void slot_advance_to(struct alarm_job *job, int64_t hub_ms)
{
    struct slot *slot = job->slot;
    int64_t passed_ms = hub_ms > slot->hub_ms ? hub_ms - slot->hub_ms : 0;
    slot_advance(
        slot, slot->hub_ms + passed_ms, slot->local_ms + (job->table->late ? 0 : passed_ms));
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
struct hash128 slot_id(const struct alarm_table *table, const struct slot *slot, uint32_t instance)
{
    char space[512];
    struct text text = text_in(space, sizeof space);
    if (slot->born_ms == 0) {
        return (struct hash128){0};
    }
    text_add_slice(&text, table->area);
    text_add_byte(&text, '|');
    text_add_slice(&text, table->instances[instance]->rule);
    text_add_byte(&text, '|');
    text_add_slice(&text, table->instances[instance]->subject);
    text_add_byte(&text, '|');
    text_add_int(&text, slot->born_ms);
    assert(!text.truncated);
    return hash128(text_slice(&text));
}

static void set_aside(struct slot *slot, uint8_t why, bool is_aside)
{
    slot->aside = is_aside ? (uint8_t)(slot->aside | why) : (uint8_t)(slot->aside & ~why);
}

static void unshelve(struct slot *slot)
{
    slot->shelved_due_ms = 0;
    slot->shelved_ms = 0;
}

static void raise(const struct alarm_job *job)
{
    struct slot *slot = job->slot;
    if (slot->state == ALARM_PENDING) {
        slot->born_ms = slot->run_begun_ms;
        slot->number = 0;
        slot->announced = 0;
        slot->onset_record = slot->run_record;
        set_aside(slot, ASIDE_SHADOW, slot->local_ms < terms_shadow(slot, job->rule));
    }
    chatter_note(slot);
    slot->over = 0;
    slot->onset_ms = slot->run_begun_ms;
    slot->lasted_ms = slot->run_lasted_ms;
    slot->parent = family_cover(job, slot->run_begun_ms);
    set_aside(slot, ASIDE_SUPPRESSED, slot->parent != 0);
}

/* What an event does beside the state it leads to. */
static void take_event(const struct alarm_job *job, enum alarm_event event)
{
    struct slot *slot = job->slot;
    if (event == EVENT_HELD || event == EVENT_AGAIN) {
        raise(job);
    }
    if (event == EVENT_HELD || event == EVENT_AGAIN || event == EVENT_GRADE) {
        slot->graded = slot->voted_severity;
    }
    if (event == EVENT_SUPPRESS || event == EVENT_RELEASE) {
        set_aside(slot, ASIDE_SUPPRESSED, event == EVENT_SUPPRESS);
    }
    if (event == EVENT_BACK || event == EVENT_RETURNED) {
        slot->out_due_ms = 0;
        slot->out_ms = 0;
    }
    set_aside(slot, ASIDE_OUT, slot->out_due_ms != 0);
    if (event == EVENT_EMERGE) {
        set_aside(slot, ASIDE_SHADOW, false);
    }
    if (event == EVENT_UNSHELVE || event == EVENT_EXPIRED) {
        unshelve(slot);
    }
    slot->over = event == EVENT_OVER || slot->over;
    if (event == EVENT_CLEAR || event == EVENT_OVER) {
        slot->chatters = 0;
    }
}

/* What was set aside was less severe than this: it comes back. */
static void regrade(struct slot *slot)
{
    enum severity severity = terms_severity(slot);
    if (severity < slot->severity) {
        unshelve(slot);
    }
    slot->severity = (uint8_t)severity;
}

/* A closed alarm is nobody's any more; what is out of service stays so. */
static void forget(struct slot *slot)
{
    unshelve(slot);
    slot->over = 0;
    slot->parent = 0;
    slot->overdue = 0;
    slot->aside &= ASIDE_OUT;
}

void slot_write_id(const struct alarm_table *table, const struct slot *slot, uint32_t instance,
    char out[static ALARM_ID_SIZE + 1])
{
    struct hash128 id = slot_id(table, slot, instance);
    struct text text = text_in(out, ALARM_ID_SIZE);
    text_add_hex(&text, id.high, 16);
    text_add_hex(&text, id.low, 16);
    out[ALARM_ID_SIZE] = '\0';
}

bool slot_may(const struct slot *slot, enum alarm_event event)
{
    return NEXT[slot->state][event] != 0;
}

static void add_words(
    struct transition *transition, enum alarm_event event, const struct alarm_command *command)
{
    if (command != NULL) {
        transition->by = command->by;
        transition->reason = command->reason;
        transition->finding = command->finding;
        transition->assignee = command->assignee;
        transition->answer = command->answer;
        transition->order = command->order;
    } else if (REASONS[event][0] != '\0') {
        transition->by = slice_of("hub");
        transition->reason = slice_of(REASONS[event]);
    }
}

static void tell(struct alarm_job *job, enum alarm_state from, enum alarm_event event,
    const struct alarm_command *command)
{
    struct slot *slot = job->slot;
    bool active = slot->state == ALARM_ACTIVE_UNACK || slot->state == ALARM_ACTIVE_ACK;
    slot->announced |= active && slot->aside == 0;
    struct transition transition = {
        .instance = job->instance,
        .from = from,
        .to = (enum alarm_state)slot->state,
        .over = !slot_is_on(slot),
        .severity = (enum severity)slot->severity,
        .graded = (enum severity)slot->graded,
        .number = ++slot->number,
        .hub_ms = slot->hub_ms,
        .onset = {slot->onset_ms},
        .onset_record = slot->onset_record,
        .lasted_ms = slot->lasted_ms,
        .shelved_until = {slot->shelved_ms},
        .suppressed = (slot->aside & ASIDE_SUPPRESSED) != 0,
        .shadow = (slot->aside & ASIDE_SHADOW) != 0,
        .out_of_service = (slot->aside & ASIDE_OUT) != 0,
        .out_until = {slot->out_ms},
        .announced = slot->announced != 0,
        .chattering = slot->chatters != 0,
        .acknowledge_due_ms = slot->acknowledge_due_ms,
        .verify_due_ms = slot->verify_due_ms,
    };
    add_words(&transition, event, command);
    slot_write_id(job->table, slot, job->instance, transition.alarm);
    if (slot->parent != 0) {
        const uint32_t parent = slot->parent - 1;
        slot_write_id(
            job->table, slot_of(job->table, job->state, parent), parent, transition.parent);
    }
    job->emit(job->context, &transition);
}

void slot_change(struct alarm_job *job, enum alarm_event event, const struct alarm_command *command)
{
    struct slot *slot = job->slot;
    enum alarm_state from = (enum alarm_state)slot->state;
    assert(slot_may(slot, event));
    enum alarm_state to = (enum alarm_state)(NEXT[from][event] - 1);
    take_event(job, event);
    slot->state = (uint8_t)to;
    terms_take(slot, event);
    if (alarm_state_open(to)) {
        regrade(slot);
    }
    if (alarm_state_open(from) || alarm_state_open(to)) {
        tell(job, from, event, command); /* else it has no alarm, so nothing is said of it */
    }
    if (event == EVENT_RELEASE) {
        slot->parent = 0;
    }
    if (to == ALARM_CLOSED) {
        forget(slot);
    }
}
