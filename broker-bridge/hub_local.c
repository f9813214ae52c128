#include "broker-bridge/hub_state.h"
#include "core/flat_json.h"
#include "core/log.h"

enum { COMMAND_SIZE = 8 * 1024 };

/* Whoever may open the control socket names himself; no MQTT user can have such a name. */
static bool write_head(struct slice line, const char *verb, struct text *command)
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
    text_add_field(command, "command", slice_of(verb));
    text_add_field(command, "by", text_slice(&by));
    text_add(command, "}\n");
    return true;
}

/* Taken is not judged: its step follows in this turn or the next, and the journal says what comes of it. */
enum http_status hub_local(
    struct hub *hub, const char *verb, struct slice body, struct text *answer)
{
    char space[COMMAND_SIZE];
    struct text command = text_in(space, sizeof space);
    struct slice rest = body;
    bool named = write_head(slice_cut(&rest, '\n'), verb, &command);
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

static void add_line(void *context, struct slice filing)
{
    text_add_slice(context, filing);
    text_add_byte(context, '\n');
}

enum http_status hub_filings(struct hub *hub, struct text *answer)
{
    pipeline_filings(hub->pipeline, add_line, answer);
    if (answer->truncated) {
        text_reset(answer);
        text_add(answer, "{\"error\":\"there are more than fit into one answer\"}\n");
        return HTTP_UNAVAILABLE;
    }
    return HTTP_OK;
}
