#include "alarms/command.h"

#include <assert.h>
#include <string.h>

#include "core/flat_json.h"
#include "core/recent.h"

size_t commands_state_size(void)
{
    return sizeof(struct recent);
}

static const struct {
    const char *name;
    enum alarm_action action;
} ACTIONS[] = {
#define ALARM_ACTION(id, name, event, needs, zh, en) {name, ALARM_##id},
#include "alarms/actions.def"
#undef ALARM_ACTION
};

static bool read_action(struct slice name, enum alarm_action *action)
{
    for (size_t i = 0; i < sizeof ACTIONS / sizeof ACTIONS[0]; i++) {
        if (slice_is(name, ACTIONS[i].name)) {
            *action = ACTIONS[i].action;
            return true;
        }
    }
    return false;
}

static bool read_command(const struct flat_json *json, const struct command_source *source,
    struct alarm_command *command)
{
    int64_t number;
    *command = (struct alarm_command){
        .alarm = flat_json_string(json, "alarm"),
        .rule = flat_json_string(json, "rule"),
        .subject = flat_json_string(json, "subject"),
        .seen_number = flat_json_int(json, "transition", &number) ? number : -1,
        .by = source->by,
        .reason = flat_json_string(json, "reason"),
        .finding = flat_json_string(json, "finding"),
        .assignee = flat_json_string(json, "assignee"),
        .answer = flat_json_string(json, "answer"),
        .order = flat_json_string(json, "order"),
        .hub_ms = source->hub_ms,
        .wall = source->wall,
    };
    struct slice until = flat_json_string(json, "until");
    return read_action(flat_json_string(json, "action"), &command->action) &&
           (command->alarm.size > 0 || command->subject.size > 0) &&
           flat_json_string(json, "id").size > 0 &&
           (until.size == 0 || event_time_from_rfc3339(until, &command->until));
}

static void write_result(
    struct text *result, struct slice id, struct slice alarm, enum alarm_answer answer)
{
    static const struct {
        const char *name, *zh, *en;
    } ANSWERS[ALARM_ANSWER_COUNT] = {
#define ALARM_ANSWER(id, name, zh, en) [ALARM_ANSWER_##id] = {name, zh, en},
#include "schemas/alarm_answers.def"
#undef ALARM_ANSWER
    };
    assert(answer < ALARM_ANSWER_COUNT);
    text_add_byte(result, '{');
    text_add_field(result, "id", slice_head(id, 128));
    text_add_field(result, "alarm", slice_head(alarm, 64));
    text_add_field(result, "result", slice_of(ANSWERS[answer].name));
    text_add_key(result, "message");
    text_add_byte(result, '{');
    text_add_field(result, "zh", slice_of(ANSWERS[answer].zh));
    text_add_field(result, "en", slice_of(ANSWERS[answer].en));
    text_add(result, "}}");
}

enum alarm_answer command_obey(const struct alarm_table *table, void *alarms_state,
    void *commands_state, const struct command_source *source, struct slice payload,
    transition_sink *emit, void *context, struct text *result)
{
    struct flat_json json;
    struct alarm_command command = {0};
    struct slice id = {0};
    enum alarm_answer answer = ALARM_ANSWER_BAD_COMMAND;
    if (flat_json_read(&json, payload)) {
        id = flat_json_string(&json, "id");
        if (source->retained) {
            answer = ALARM_ANSWER_RETAINED;
        } else if (read_command(&json, source, &command)) {
            answer = recent_seen(commands_state, source->by, id)
                         ? ALARM_ANSWER_REPEATED
                         : alarms_command(table, alarms_state, &command, emit, context);
        }
    }
    write_result(result, id, command.alarm, answer);
    return answer;
}
