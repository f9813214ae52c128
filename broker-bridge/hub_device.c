#include "broker-bridge/hub_state.h"
#include "core/flat_json.h"
#include "core/log.h"

enum { COMMAND_SIZE = 8 * 1024 };

/* Whoever may open the control socket names himself; no MQTT user can have such a name. */
static bool write_head(struct slice line, struct text *command)
{
    struct flat_json json;
    char space[80];
    struct text by = text_in(space, sizeof space);
    if (!flat_json_read(&json, line) || !name_valid(flat_json_string(&json, "by"))) {
        return false;
    }
    text_add(&by, "local:");
    text_add_slice(&by, flat_json_string(&json, "by"));
    text_add_byte(command, '{');
    text_add_field(command, "command", slice_of("device"));
    text_add_field(command, "by", text_slice(&by));
    text_add(command, "}\n");
    return true;
}

/* Taken is not judged: its step follows in this turn or the next, and the journal says what comes of it. */
enum http_status hub_device(struct hub *hub, struct slice body, struct text *answer)
{
    char space[COMMAND_SIZE];
    struct text command = text_in(space, sizeof space);
    struct slice rest = body;
    bool named = write_head(slice_cut(&rest, '\n'), &command);
    uint64_t said = journal_appended(hub->journal, STREAM_SAID);
    text_add_slice(&command, rest);
    text_add_byte(answer, '{');
    if (!named || command.truncated) {
        text_add(
            answer, "\"error\":\"a line {\\\"by\\\": USER}, then the command as one object\"}\n");
        return HTTP_BAD_REQUEST;
    }
    if (hub->journal_full || hub_append(hub, RECORD_COMMAND, text_slice(&command)) != STATUS_OK) {
        text_add(answer, "\"error\":\"the journal has no room\"}\n");
        return HTTP_UNAVAILABLE;
    }
    text_add_field(answer, "result", slice_of("taken"));
    text_add_field_int(answer, "said", (int64_t)said);
    text_add(answer, "}\n");
    return HTTP_OK;
}
