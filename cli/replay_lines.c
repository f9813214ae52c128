#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/replay.h"
#include "validators/keyring.h"
#include "version.h"

enum { PAYLOAD_SIZE_MAX = 1024 * 1024 };

/* What one line leaves behind for the next. */
struct feed {
    struct replay *replay;
    bool begun;
    int64_t wall_ms, mono_ms;
    enum session_state session;
    uint64_t sequence;
    uint8_t payload[PAYLOAD_SIZE_MAX];
};

/* UTF-8 text whose characters are bytes: U+0000 to U+00FF. */
static bool from_latin1(struct slice text, uint8_t *out, size_t *size)
{
    *size = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.ptr[i];
        if (byte >= 0x80) {
            if ((byte & 0xFC) != 0xC0 || i + 1 >= text.size) {
                return false;
            }
            byte = (uint8_t)((byte & 3) << 6 | (text.ptr[++i] & 0x3F));
        }
        out[(*size)++] = byte;
    }
    return true;
}

static bool from_base64(struct slice text, uint8_t *out, size_t *size)
{
    if (text.size % 4 != 0 || text.size > PAYLOAD_SIZE_MAX) {
        return false;
    }
    int decoded = EVP_DecodeBlock(out, text.ptr, (int)text.size);
    if (decoded < 0) {
        return false;
    }
    *size = (size_t)decoded;
    for (size_t i = text.size; i > 0 && text.ptr[i - 1] == '=' && *size > 0; i--) {
        *size -= 1;
    }
    return true;
}

static bool decode_payload(struct feed *feed, const json_t *object, struct slice *payload)
{
    const json_t *text = json_object_get(object, "payload");
    const json_t *named = json_object_get(object, "enc");
    const char *enc = named == NULL ? "utf-8" : json_string_value(named);
    struct slice bytes = slice_from(json_string_value(text), json_string_length(text));
    size_t size = bytes.size;
    if (!json_is_string(text) || enc == NULL || bytes.size > PAYLOAD_SIZE_MAX) {
        return false;
    }
    if (strcmp(enc, "utf-8") == 0) {
        *payload = bytes;
        return true;
    }
    bool fine = strcmp(enc, "latin-1") == 0  ? from_latin1(bytes, feed->payload, &size)
                : strcmp(enc, "base64") == 0 ? from_base64(bytes, feed->payload, &size)
                                             : false;
    *payload = slice_from(feed->payload, size);
    return fine;
}

static bool read_session(const json_t *object, enum session_state *session)
{
    static const char *const NAMES[] = {
        [SESSION_DOWN] = "down", [SESSION_DRAINING] = "draining", [SESSION_UP] = "up"};
    const json_t *value = json_object_get(object, "session");
    for (size_t i = 0; value != NULL && i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (json_is_string(value) && strcmp(json_string_value(value), NAMES[i]) == 0) {
            *session = (enum session_state)i;
            return true;
        }
    }
    return value == NULL;
}

static bool read_record(struct feed *feed, const json_t *object, struct record *record)
{
    const char *at = json_string_value(json_object_get(object, "at"));
    const json_t *topic = json_object_get(object, "topic");
    const json_t *elapsed = json_object_get(object, "elapsed_ms");
    *record = (struct record){.kind = RECORD_TICK, .sequence = feed->sequence};
    if (at == NULL || !event_time_from_rfc3339(slice_of(at), &record->wall) ||
        !read_session(object, &feed->session) || (elapsed != NULL && !json_is_integer(elapsed))) {
        return false;
    }
    int64_t elapsed_ms = feed->begun ? record->wall.ms - feed->wall_ms : 0;
    elapsed_ms = elapsed == NULL ? elapsed_ms : json_integer_value(elapsed);
    feed->mono_ms += elapsed_ms > 0 ? elapsed_ms : 0;
    feed->wall_ms = record->wall.ms;
    record->mono.ms = feed->mono_ms;
    record->session = feed->session;
    if (topic == NULL) {
        return json_object_get(object, "payload") == NULL; /* a tick brings nothing */
    }
    record->kind = RECORD_MESSAGE;
    record->qos = 1;
    record->topic = slice_from(json_string_value(topic), json_string_length(topic));
    return json_is_string(topic) && decode_payload(feed, object, &record->payload);
}

/* A journal tells its area and holds all that its records are judged by. It says that no hub wrote it. */
static enum status begin_journal(struct feed *feed, struct record record)
{
    struct replay *replay = feed->replay;
    char space[120];
    struct text start = text_in(space, sizeof space);
    text_add_byte(&start, '{');
    text_add_field(&start, "version", slice_of(HJHUB_VERSION));
    text_add_field(&start, "area", replay->area);
    text_add(&start, ",\"epoch\":1,\"replayed\":true}");
    record.kind = RECORD_START;
    record.payload = text_slice(&start);
    enum status status = replay_step(replay, &record);
    record.kind = RECORD_REGISTRY;
    record.payload = replay->registry_bundle;
    return status == STATUS_OK ? replay_step(replay, &record) : status;
}

/* Registry and rules hold from just before the first line; one record brings both. */
static enum status begin(struct feed *feed, const struct record *first)
{
    struct record record = {
        .kind = RECORD_RULES, .wall = first->wall, .mono = first->mono, .session = SESSION_UP};
    enum status status = STATUS_OK;
    if (feed->replay->keeper != NULL) {
        status = begin_journal(feed, record);
        record.payload = feed->replay->rules_bundle;
    }
    if (status == STATUS_OK) {
        status = replay_step(feed->replay, &record);
    }
    feed->begun = true;
    if (status == STATUS_OK && feed->replay->secrets != NULL) {
        record.kind = RECORD_KEYS;
        record.payload = keyring_record(feed->replay->secrets, &feed->replay->arena);
        status = replay_step(feed->replay, &record);
    }
    return status;
}

static enum status take_line(struct feed *feed, const char *line, size_t size)
{
    struct record record;
    json_t *object = json_loadb(line, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    enum status status = STATUS_INVALID;
    feed->sequence += 1;
    if (object != NULL && read_record(feed, object, &record)) {
        status = feed->begun ? STATUS_OK : begin(feed, &record);
        if (status == STATUS_OK) {
            status = replay_step(feed->replay, &record);
        }
    }
    json_decref(object);
    return status;
}

enum status replay_lines(struct replay *replay, const char *path, size_t *line)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    struct feed *feed = calloc(1, sizeof *feed);
    char *text = NULL;
    size_t capacity = 0;
    ssize_t size;
    enum status status = STATUS_OK;
    if (file == NULL || feed == NULL) {
        free(feed);
        return STATUS_ABSENT;
    }
    replay->pipeline = pipeline_new(replay->area);
    feed->replay = replay;
    feed->session = SESSION_UP;
    *line = 0;
    while (status == STATUS_OK && (size = getline(&text, &capacity, file)) > 0) {
        *line += 1;
        if (strspn(text, " \t\r\n") < (size_t)size) {
            status = take_line(feed, text, (size_t)size);
        }
    }
    if (status == STATUS_OK && !feed->begun) {
        status = begin(feed, &(struct record){0}); /* no line at all: rules are judged even so */
    }
    free(text);
    free(feed);
    if (file != stdin) {
        fclose(file);
    }
    return status;
}
