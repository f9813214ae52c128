/* command -- an officer's or system's words about an alarm, as JSON, obeyed and answered.
 *
 *   {"id": "c-17", "action": "acknowledge", "alarm": "...", "transition": 2, "reason": "..."}
 *
 * Source   design: "The bus" (alarm/cmd/<user> carries a command id and the transition number it saw).
 * Shape    payload -> transitions and one result line. A command id that was dealt with before is
 *          answered `repeated` and not obeyed again: the last RECENT_KEPT ids are remembered.
 * Units    until: RFC 3339.
 * Memory   commands_state_size() flat bytes, zeroed = none seen; nothing allocated.
 * Errors   what cannot be read is answered bad-command.
 * Threads  one thread.
 */
#ifndef ALARMS_COMMAND_H
#define ALARMS_COMMAND_H

#include "alarms/alarms.h"
#include "core/text.h"

size_t commands_state_size(void);

/* Who said it when; `by` is the topic's user. A retained command is not obeyed: it would come again. */
struct command_source {
    struct slice by;
    bool retained;
    int64_t hub_ms;
    struct event_time wall;
};

/* Obey the command and append its result, one JSON object, to `result`. */
enum alarm_answer command_obey(const struct alarm_table *table, void *alarms_state,
    void *commands_state, const struct command_source *source, struct slice payload,
    transition_sink *emit, void *context, struct text *result);

#endif
