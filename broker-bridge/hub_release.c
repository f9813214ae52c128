#include <assert.h>
#include <stdlib.h>

#include "broker-bridge/hub_state.h"
#include "core/clock.h"
#include "core/flat_json.h"
#include "core/log.h"

static enum http_status refuse(struct text *answer, enum http_status status, const char *words)
{
    text_add_byte(answer, '{');
    text_add_field(answer, "result", slice_of("refused"));
    text_add_field(answer, "reason", slice_of(words));
    text_add(answer, "}\n");
    return status;
}

/* The record as it came, behind a line that names it and its first arrival. */
static enum status append_release(struct hub *hub, const struct record *came)
{
    enum { HEAD_SIZE = 160 };
    size_t room = came->payload.size + HEAD_SIZE;
    char *space = malloc(room);
    assert(space != NULL);
    struct text text = text_in(space, room);
    text_add_byte(&text, '{');
    text_add_field(&text, "command", slice_of("quarantine-release"));
    text_add_field_int(&text, "sequence", (int64_t)came->sequence);
    text_add_field_int(&text, "arrival_ms", came->wall.ms);
    text_add(&text, "}\n");
    text_add_slice(&text, came->payload);
    struct record record = {
        .kind = RECORD_COMMAND,
        .epoch = atomic_load(&hub->epoch),
        .wall = clock_wall(),
        .mono = clock_mono(),
        .session = session_state(hub->session),
        .topic = came->topic,
        .payload = text_slice(&text),
    };
    uint64_t sequence;
    enum status status = journal_append(hub->journal, STREAM_CAME, &record, &sequence);
    free(space);
    return status;
}

enum http_status hub_release(struct hub *hub, struct slice body, struct text *answer)
{
    struct flat_json json;
    struct journal_reader *reader;
    struct record record;
    int64_t sequence;
    if (!flat_json_read(&json, body) || !flat_json_int(&json, "sequence", &sequence) ||
        sequence < 1) {
        return refuse(answer, HTTP_BAD_REQUEST, "give {\"sequence\": N} of a quarantined record");
    }
    if (journal_reader_open(hub->config->journal.directory, STREAM_CAME, (uint64_t)sequence,
            &reader) != STATUS_OK) {
        return refuse(answer, HTTP_CONFLICT, "the journal cannot be read");
    }
    enum status status = journal_reader_next(reader, &record);
    bool found = status == STATUS_OK && record.sequence == (uint64_t)sequence &&
                 record.kind == RECORD_MESSAGE;
    status = found ? append_release(hub, &record) : STATUS_ABSENT;
    journal_reader_close(reader);
    if (status != STATUS_OK) {
        return refuse(answer, HTTP_NOT_FOUND, "no message came under this sequence");
    }
    log_event(LOG_INFO, "quarantine-released", "sequence=%lld", (long long)sequence);
    text_add(answer, "{\"result\":\"judged-again\"}\n");
    return HTTP_OK;
}
