#include <assert.h>

#include "alarms/slot.h"

enum need { NEEDS_NOTHING, NEEDS_REASON, NEEDS_FINDING, NEEDS_ASSIGNEE, NEEDS_ANSWER, NEEDS_ORDER };

static const struct {
    enum alarm_event event;
    enum need needs;
} ACTIONS[ALARM_ACTION_COUNT] = {
#define ALARM_ACTION(id, name, event, needs, zh, en) [ALARM_##id] = {EVENT_##event, NEEDS_##needs},
#include "alarms/actions.def"
#undef ALARM_ACTION
};

static const int64_t SHELVED_MS_MAX[] = {
#define SHELVING(severity, ms_max, source) [severity] = ms_max,
#include "alarms/shelving.def"
#undef SHELVING
};

static bool read_hex(struct slice digits, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < digits.size; i++) {
        uint8_t byte = digits.ptr[i];
        bool decimal = byte >= '0' && byte <= '9';
        if (!decimal && (byte < 'a' || byte > 'f')) {
            return false;
        }
        *value = *value << 4 | (uint64_t)(decimal ? byte - '0' : byte - 'a' + 10);
    }
    return true;
}

static uint32_t find_alarm(const struct alarm_table *table, void *state, struct slice alarm)
{
    struct hash128 id;
    if (alarm.size != ALARM_ID_SIZE || !read_hex(slice_head(alarm, 16), &id.high) ||
        !read_hex(slice_tail(alarm, 16), &id.low)) {
        return NONE;
    }
    for (uint32_t i = 0; i < table->count; i++) {
        const struct slot *slot = slot_of(table, state, i);
        if (alarm_state_open((enum alarm_state)slot->state)) {
            struct hash128 own = slot_id(table, slot, i);
            if (own.high == id.high && own.low == id.low) {
                return i;
            }
        }
    }
    return NONE;
}

bool alarms_has(const struct alarm_table *table, void *state, struct slice alarm)
{
    return find_alarm(table, state, alarm) != NONE;
}

static uint32_t find_instance(
    const struct alarm_table *table, struct slice rule, struct slice subject)
{
    for (uint32_t i = 0; i < table->count; i++) {
        if (slice_equal(table->instances[i]->rule, rule) &&
            slice_equal(table->instances[i]->subject, subject)) {
            return i;
        }
    }
    return NONE;
}

static uint32_t find(
    const struct alarm_table *table, void *state, const struct alarm_command *command)
{
    enum alarm_event event = ACTIONS[command->action].event;
    bool by_name = command->alarm.size == 0 && (event == EVENT_OUT || event == EVENT_BACK);
    return by_name ? find_instance(table, command->rule, command->subject)
                   : find_alarm(table, state, command->alarm);
}

static enum alarm_answer shelve(struct slot *slot, const struct alarm_command *command)
{
    assert(slot->severity < sizeof SHELVED_MS_MAX / sizeof SHELVED_MS_MAX[0]);
    int64_t for_ms = command->until.ms - command->wall.ms;
    if (for_ms <= 0 || for_ms > SHELVED_MS_MAX[slot->severity]) {
        return ALARM_ANSWER_NOT_SHELVABLE;
    }
    slot->shelved_due_ms = command->hub_ms + for_ms;
    slot->shelved_ms = command->until.ms;
    return ALARM_ANSWER_DONE;
}

/* An end may be left out. */
static enum alarm_answer take_out(struct slot *slot, const struct alarm_command *command)
{
    int64_t for_ms = command->until.ms - command->wall.ms;
    if (command->until.ms != 0 && for_ms <= 0) {
        return ALARM_ANSWER_BAD_COMMAND;
    }
    slot->out_due_ms = command->until.ms == 0 ? INT64_MAX : command->hub_ms + for_ms;
    slot->out_ms = command->until.ms;
    return ALARM_ANSWER_DONE;
}

static enum alarm_event event_of(const struct slot *slot, const struct alarm_command *command)
{
    bool unlatches = command->action == ALARM_CLOSE && slot->over;
    return unlatches ? EVENT_UNLATCH : ACTIONS[command->action].event;
}

/* There is something to undo, where an action undoes. */
static bool applies(const struct slot *slot, enum alarm_event event)
{
    return (event != EVENT_UNSHELVE || slot->shelved_due_ms != 0) &&
           (event != EVENT_BACK || slot->out_due_ms != 0);
}

static enum alarm_answer judge_needs(const struct alarm_command *command)
{
    bool listed;
    switch (ACTIONS[command->action].needs) {
    case NEEDS_NOTHING:
        return ALARM_ANSWER_DONE;
    case NEEDS_REASON:
        return command->reason.size > 0 ? ALARM_ANSWER_DONE : ALARM_ANSWER_NO_REASON;
    case NEEDS_FINDING:
        listed = officer_finding(command->finding) != NULL;
        return listed ? ALARM_ANSWER_DONE : ALARM_ANSWER_NO_FINDING;
    case NEEDS_ANSWER:
        listed = plant_answer_known(command->answer);
        return listed ? ALARM_ANSWER_DONE : ALARM_ANSWER_BAD_COMMAND;
    case NEEDS_ASSIGNEE:
        return command->assignee.size > 0 ? ALARM_ANSWER_DONE : ALARM_ANSWER_BAD_COMMAND;
    case NEEDS_ORDER:
        return command->order.size > 0 ? ALARM_ANSWER_DONE : ALARM_ANSWER_NO_ORDER;
    }
    assert(!"a need is one of six");
    return ALARM_ANSWER_BAD_COMMAND;
}

static enum alarm_answer judge(const struct slot *slot, const struct alarm_command *command)
{
    enum alarm_event event = event_of(slot, command);
    if (command->seen_number >= 0 && command->seen_number != (int64_t)slot->number) {
        return ALARM_ANSWER_STALE;
    }
    if (!slot_may(slot, event) || !applies(slot, event)) {
        return ALARM_ANSWER_WRONG_STATE;
    }
    return judge_needs(command);
}

static enum alarm_answer obey(struct alarm_job *job, const struct alarm_command *command)
{
    struct slot *slot = job->slot;
    bool headed = family_heads(slot);
    enum alarm_answer answer = judge(slot, command);
    if (answer == ALARM_ANSWER_DONE && command->action == ALARM_SHELVE) {
        answer = shelve(slot, command);
    }
    if (answer == ALARM_ANSWER_DONE && command->action == ALARM_OUT_OF_SERVICE) {
        answer = take_out(slot, command);
    }
    if (answer != ALARM_ANSWER_DONE) {
        return answer;
    }
    slot_advance_to(job, command->hub_ms);
    slot_change(job, event_of(slot, command), command);
    slot_settle(job);
    family_follow(job, headed);
    return ALARM_ANSWER_DONE;
}

enum alarm_answer alarms_command(const struct alarm_table *table, void *state,
    const struct alarm_command *command, transition_sink *emit, void *context)
{
    uint32_t instance = find(table, state, command);
    if (instance == NONE) {
        return ALARM_ANSWER_NO_SUCH_ALARM;
    }
    struct alarm_job job = job_of(table, state, instance, emit, context);
    enum alarm_answer answer = obey(&job, command);
    job_end(&job);
    return answer;
}
