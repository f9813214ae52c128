#include <assert.h>

#include "alarms/slot.h"

static const struct {
    enum alarm_event event;
    bool needs_reason, needs_finding, needs_assignee;
} ACTIONS[] = {
    [ALARM_ACKNOWLEDGE] = {.event = EVENT_ACKNOWLEDGE},
    [ALARM_SHELVE] = {.event = EVENT_SHELVE, .needs_reason = true},
    [ALARM_UNSHELVE] = {.event = EVENT_UNSHELVE},
    [ALARM_ASSIGN] = {.event = EVENT_ASSIGN, .needs_assignee = true},
    [ALARM_CLOSE] = {.event = EVENT_CLOSE, .needs_finding = true},
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
        if (alarm_state_open((enum alarm_state)slot->state) && slot->id.high == id.high &&
            slot->id.low == id.low) {
            return i;
        }
    }
    return NONE;
}

bool alarms_has(const struct alarm_table *table, void *state, struct slice alarm)
{
    return find_alarm(table, state, alarm) != NONE;
}

static enum alarm_answer shelve(struct slot *slot, const struct alarm_command *command)
{
    assert(slot->severity < sizeof SHELVED_MS_MAX / sizeof SHELVED_MS_MAX[0]);
    int64_t for_ms = command->until.ms - command->wall.ms;
    if (for_ms <= 0 || for_ms > SHELVED_MS_MAX[slot->severity]) {
        return ALARM_ANSWER_NOT_SHELVABLE;
    }
    slot->shelved_hub_ms = command->hub_ms + for_ms;
    slot->shelved_ms = command->until.ms;
    return ALARM_ANSWER_DONE;
}

static enum alarm_event event_of(const struct slot *slot, const struct alarm_command *command)
{
    bool unlatches = command->action == ALARM_CLOSE && slot->over;
    return unlatches ? EVENT_UNLATCH : ACTIONS[command->action].event;
}

static enum alarm_answer judge(const struct slot *slot, const struct alarm_command *command)
{
    if (command->seen_number >= 0 && command->seen_number != (int64_t)slot->number) {
        return ALARM_ANSWER_STALE;
    }
    bool unshelves_nothing = command->action == ALARM_UNSHELVE && slot->shelved_ms == 0;
    if (!slot_may(slot, event_of(slot, command)) || unshelves_nothing) {
        return ALARM_ANSWER_WRONG_STATE;
    }
    if (ACTIONS[command->action].needs_finding && command->finding.size == 0) {
        return ALARM_ANSWER_NO_FINDING;
    }
    if (ACTIONS[command->action].needs_reason && command->reason.size == 0) {
        return ALARM_ANSWER_NO_REASON;
    }
    if (ACTIONS[command->action].needs_assignee && command->assignee.size == 0) {
        return ALARM_ANSWER_BAD_COMMAND;
    }
    return ALARM_ANSWER_DONE;
}

enum alarm_answer alarms_command(const struct alarm_table *table, void *state,
    const struct alarm_command *command, transition_sink *emit, void *context)
{
    uint32_t instance = find_alarm(table, state, command->alarm);
    if (instance == NONE) {
        return ALARM_ANSWER_NO_SUCH_ALARM;
    }
    struct alarm_job job = job_of(table, state, instance, emit, context);
    struct slot *slot = job.slot;
    enum alarm_answer answer = judge(slot, command);
    if (answer == ALARM_ANSWER_DONE && command->action == ALARM_SHELVE) {
        answer = shelve(slot, command);
    }
    if (answer != ALARM_ANSWER_DONE) {
        return answer;
    }
    if (command->action == ALARM_UNSHELVE) {
        slot_unshelve(slot);
    }
    int64_t passed_ms = command->hub_ms > slot->hub_ms ? command->hub_ms - slot->hub_ms : 0;
    slot_advance(slot, slot->hub_ms + passed_ms, slot->local_ms + (table->late ? 0 : passed_ms));
    slot_change(&job, event_of(slot, command), command);
    slot_settle(&job);
    return ALARM_ANSWER_DONE;
}
