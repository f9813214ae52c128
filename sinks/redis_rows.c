#include "sinks/redis_rows.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "schemas/alarm.h"

/* A closed alarm stays readable for a year's comparison. An excerpt of what came may hold a NUL, which jansson takes only when told so. */
enum { CLOSED_KEPT_DAYS = 400, PARSE_FLAGS = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL };

enum when { ALWAYS = 0, ON_RAISE = 1, ON_ACKNOWLEDGE = 2, ON_CLEAR = 4, ON_CLOSE = 8, OR_EMPTY };

static const struct {
    const char *field, *member;
    enum when when;
} FIELDS[] = {
#define REDIS_FIELD(field, member, when) {field, member, when},
#include "sinks/redis_fields.def"
#undef REDIS_FIELD
};

struct slice redis_key(char space[static REDIS_KEY_SIZE], struct slice area, const char *name)
{
    struct text text = text_in(space, REDIS_KEY_SIZE);
    text_add(&text, "ems:{");
    text_add_slice(&text, area);
    text_add(&text, "}:");
    text_add(&text, name);
    assert(!text.truncated);
    return text_slice(&text);
}

/* A member, or one inside another: "title.zh". */
static const json_t *member(const json_t *object, const char *path)
{
    char head[32];
    const char *dot = strchr(path, '.');
    if (dot == NULL) {
        return json_object_get(object, path);
    }
    size_t size = (size_t)(dot - path);
    assert(size < sizeof head);
    memcpy(head, path, size);
    head[size] = '\0';
    return json_object_get(json_object_get(object, head), dot + 1);
}

static struct slice string_of(const json_t *value)
{
    return json_is_string(value) ? slice_from(json_string_value(value), json_string_length(value))
                                 : (struct slice){0};
}

static void add_value(struct redis_batch *batch, const json_t *value)
{
    if (json_is_string(value)) {
        redis_batch_add(batch, string_of(value));
        return;
    }
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    assert(text != NULL);
    redis_batch_add_text(batch, text);
    free(text);
}

bool redis_rows_members(struct redis_batch *batch, struct slice json)
{
    const char *name;
    json_t *value;
    json_t *object = json_loadb((const char *)json.ptr, json.size, PARSE_FLAGS, NULL);
    bool read = json_is_object(object);
    json_object_foreach(object, name, value)
    {
        redis_batch_add_text(batch, name);
        add_value(batch, value);
    }
    json_decref(object);
    return read;
}

/* --- transitions --- */

struct step {
    struct slice alarm;
    enum alarm_state from, to;
    enum severity severity;
    struct event_time at;
};

static bool severity_from(struct slice name, enum severity *severity)
{
    for (int i = SEVERITY_S1; i <= SEVERITY_S4; i++) {
        if (slice_is(name, severity_name((enum severity)i))) {
            *severity = (enum severity)i;
            return true;
        }
    }
    return false;
}

static bool read_step(const json_t *data, struct step *step)
{
    step->alarm = string_of(json_object_get(data, "alarm"));
    return step->alarm.size == ALARM_ID_SIZE &&
           alarm_state_from(string_of(json_object_get(data, "from")), &step->from) &&
           alarm_state_from(string_of(json_object_get(data, "to")), &step->to) &&
           severity_from(string_of(json_object_get(data, "severity")), &step->severity) &&
           event_time_from_rfc3339(string_of(json_object_get(data, "at")), &step->at);
}

static bool is_unacknowledged(enum alarm_state state)
{
    return state == ALARM_ACTIVE_UNACK || state == ALARM_CLEARED_UNACK;
}

static bool is_acknowledged(enum alarm_state state)
{
    return state == ALARM_ACTIVE_ACK || state == ALARM_CLEARED_ACK;
}

static unsigned occasions(const struct step *step)
{
    bool was_active = step->from == ALARM_ACTIVE_UNACK || step->from == ALARM_ACTIVE_ACK;
    bool clears = step->to == ALARM_CLEARED_UNACK || step->to == ALARM_CLEARED_ACK;
    unsigned mask = 0;
    mask |= step->to == ALARM_ACTIVE_UNACK && step->from != step->to ? ON_RAISE : 0;
    mask |= is_unacknowledged(step->from) && is_acknowledged(step->to) ? ON_ACKNOWLEDGE : 0;
    mask |= was_active && clears ? ON_CLEAR : 0;
    mask |= step->to == ALARM_CLOSED ? ON_CLOSE : 0;
    return mask;
}

/* When it is due: to be acknowledged, else to be verified; a journal of an older hub says neither. */
static struct event_time deadline_of(const json_t *data, const struct step *step)
{
    static const char *const MEMBERS[] = {"shelved_until", "acknowledge_by", "verify_by"};
    struct event_time deadline = step->at;
    for (size_t i = 0; i < sizeof MEMBERS / sizeof MEMBERS[0]; i++) {
        if (event_time_from_rfc3339(string_of(json_object_get(data, MEMBERS[i])), &deadline)) {
            break;
        }
    }
    return deadline;
}

static void add_hash(struct redis_batch *batch, struct slice area, const json_t *data,
    const struct step *step, const json_t *event)
{
    char key[REDIS_KEY_SIZE], name[16 + ALARM_ID_SIZE];
    struct text text = text_in(name, sizeof name - 1);
    text_add(&text, "alarm:");
    text_add_slice(&text, step->alarm);
    name[text.size] = '\0';
    redis_batch_command(batch, "HSET", redis_key(key, area, name));
    redis_batch_add_text(batch, "event");
    add_value(batch, json_object_get(event, "id"));
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        const json_t *value = member(data, FIELDS[i].member);
        bool always = FIELDS[i].when == ALWAYS || FIELDS[i].when == OR_EMPTY;
        bool now = always || (FIELDS[i].when & occasions(step)) != 0;
        if (value != NULL && now) {
            redis_batch_add_text(batch, FIELDS[i].field);
            add_value(batch, value);
        } else if (FIELDS[i].when == OR_EMPTY) {
            redis_batch_add_text(batch, FIELDS[i].field);
            redis_batch_add_text(batch, "");
        }
    }
    redis_batch_add_text(batch, "deadline");
    redis_batch_add_time(batch, deadline_of(data, step));
    if (step->to == ALARM_CLOSED) {
        redis_batch_command(batch, "PEXPIREAT", redis_key(key, area, name));
        redis_batch_add_int(batch, step->at.ms + (int64_t)CLOSED_KEPT_DAYS * DAY_MS);
    }
}

/* What is open is either work, by its deadline, or held back, by its last change. */
static void add_open(
    struct redis_batch *batch, struct slice area, const json_t *data, const struct step *step)
{
    static const char *const SETS[] = {"alarms:open", "alarms:held"};
    char key[REDIS_KEY_SIZE];
    bool held = json_is_true(json_object_get(data, "held_back"));
    const char *in = step->to == ALARM_CLOSED ? NULL : SETS[held];
    for (size_t i = 0; i < 2; i++) {
        if (SETS[i] == in) {
            redis_batch_command(batch, "ZADD", redis_key(key, area, SETS[i]));
            redis_batch_add_int(batch, held ? step->at.ms : deadline_of(data, step).ms);
        } else {
            redis_batch_command(batch, "ZREM", redis_key(key, area, SETS[i]));
        }
        redis_batch_add(batch, step->alarm);
    }
}

/* XADD key MAXLEN ~ kept <sequence>-<index>; fields follow. */
static void begin_entry(
    struct redis_batch *batch, struct slice key, int64_t kept, const struct record *said)
{
    char space[48];
    struct text id = text_in(space, sizeof space);
    redis_batch_command(batch, "XADD", key);
    redis_batch_add_text(batch, "MAXLEN");
    redis_batch_add_text(batch, "~");
    redis_batch_add_int(batch, kept);
    text_add_int(&id, (int64_t)said->sequence);
    text_add_byte(&id, '-');
    text_add_int(&id, said->index);
    redis_batch_add(batch, text_slice(&id));
}

static void add_stream(struct redis_batch *batch, struct slice area, const struct record *said,
    const struct step *step, const json_t *data)
{
    static const char *const MEMBERS[] = {"from", "to", "severity", "rule", "subject"};
    char key[REDIS_KEY_SIZE];
    begin_entry(batch, redis_key(key, area, "alarms:transitions"), TRANSITIONS_KEPT, said);
    redis_batch_add_text(batch, "alarm");
    redis_batch_add(batch, step->alarm);
    for (size_t i = 0; i < sizeof MEMBERS / sizeof MEMBERS[0]; i++) {
        redis_batch_add_text(batch, MEMBERS[i]);
        redis_batch_add(batch, string_of(json_object_get(data, MEMBERS[i])));
    }
    redis_batch_add_text(batch, "event");
    redis_batch_add(batch, said->payload); /* as it was said, to the byte */
}

static bool add_transition(struct redis_batch *batch, struct slice area, const struct record *said)
{
    struct step step;
    json_t *event =
        json_loadb((const char *)said->payload.ptr, said->payload.size, PARSE_FLAGS, NULL);
    const json_t *data = json_object_get(event, "data");
    bool read = json_is_string(json_object_get(event, "id")) && read_step(data, &step);
    if (read) {
        add_hash(batch, area, data, &step, event);
        add_open(batch, area, data, &step);
        add_stream(batch, area, said, &step, data);
    }
    json_decref(event);
    return read;
}

static bool add_quarantined(struct redis_batch *batch, struct slice area, const struct record *said)
{
    char key[REDIS_KEY_SIZE];
    json_t *object =
        json_loadb((const char *)said->payload.ptr, said->payload.size, PARSE_FLAGS, NULL);
    bool read = json_is_object(object) && json_object_size(object) > 0;
    json_decref(object);
    if (read) {
        begin_entry(batch, redis_key(key, area, "quarantine"), QUARANTINE_KEPT, said);
        read = redis_rows_members(batch, said->payload);
    }
    return read;
}

bool redis_rows_add(struct redis_batch *batch, struct slice area, const struct record *said)
{
    if (said->kind == RECORD_TRANSITION) {
        return add_transition(batch, area, said);
    }
    if (said->kind == RECORD_QUARANTINE) {
        return add_quarantined(batch, area, said);
    }
    return true;
}
