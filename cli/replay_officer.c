#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/replay.h"
#include "cli/told.h"

enum { ID_SIZE = 33, MORNING_HOUR = 9, PAYLOAD_SIZE = 256, TOPIC_SIZE = 64 };

/* An alarm on the officer's list, and what comes next of it. */
struct duty {
    char alarm[ID_SIZE];
    bool unseen;    /* to be acknowledged; else to be closed */
    int64_t due_ms; /* 0: not planned yet */
};

struct officer {
    struct duty *duties;
    size_t count, capacity;
    uint64_t commands;
    char payload[PAYLOAD_SIZE], topic[TOPIC_SIZE];
};

struct officer *officer_new(void)
{
    struct officer *officer = calloc(1, sizeof *officer);
    assert(officer != NULL);
    return officer;
}

void officer_free(struct officer *officer)
{
    if (officer != NULL) {
        free(officer->duties);
        free(officer);
    }
}

static int64_t next_morning(int64_t now_ms)
{
    int64_t since_nine_ms = now_ms + CST_OFFSET_MS - MORNING_HOUR * (int64_t)HOUR_MS;
    return now_ms + DAY_MS - since_nine_ms % DAY_MS;
}

/* Half of the time that is allowed; where none is said, or it has passed, the next morning. */
static int64_t due_of(const json_t *data, const char *deadline, int64_t now_ms)
{
    struct event_time by;
    bool said = event_time_from_rfc3339(slice_of(told_word(data, deadline)), &by);
    return said && by.ms > now_ms ? now_ms + (by.ms - now_ms) / 2 : next_morning(now_ms);
}

static struct duty *duty_of(struct officer *officer, const char *alarm)
{
    for (size_t i = 0; i < officer->count; i++) {
        if (strcmp(officer->duties[i].alarm, alarm) == 0) {
            return &officer->duties[i];
        }
    }
    return NULL;
}

static struct duty *duty_new(struct officer *officer, const char *alarm)
{
    if (officer->count == officer->capacity) {
        officer->capacity = officer->capacity * 2 + 64;
        officer->duties = realloc(officer->duties, officer->capacity * sizeof *officer->duties);
        assert(officer->duties != NULL);
    }
    struct duty *duty = &officer->duties[officer->count++];
    *duty = (struct duty){0};
    snprintf(duty->alarm, sizeof duty->alarm, "%s", alarm);
    return duty;
}

void officer_hear(struct officer *officer, const struct effect *effect, struct event_time now)
{
    json_t *data = effect->kind == EFFECT_TRANSITION ? told_data(effect->payload) : NULL;
    const char *alarm = told_word(data, "alarm"), *to = told_word(data, "to");
    struct duty *duty = data == NULL ? NULL : duty_of(officer, alarm);
    if (data != NULL && effect->open) {
        duty = duty != NULL ? duty : duty_new(officer, alarm);
    } else if (duty != NULL) {
        *duty = officer->duties[--officer->count];
        duty = NULL;
    }
    if (duty != NULL) {
        bool unseen = strstr(to, "-unack") != NULL;
        int64_t due_ms = due_of(data, unseen ? "acknowledge_by" : "verify_by", now.ms);
        bool planned = duty->due_ms != 0 && duty->unseen == unseen && duty->due_ms < due_ms;
        duty->due_ms = planned ? duty->due_ms : due_ms; /* news puts nothing off */
        duty->unseen = unseen;
    }
    json_decref(data);
}

/* The one that has waited longest; of several the least id. */
static struct duty *next_due(struct officer *officer, int64_t now_ms)
{
    struct duty *next = NULL;
    for (size_t i = 0; i < officer->count; i++) {
        struct duty *duty = &officer->duties[i];
        bool sooner = next == NULL || duty->due_ms < next->due_ms ||
                      (duty->due_ms == next->due_ms && strcmp(duty->alarm, next->alarm) < 0);
        next = duty->due_ms <= now_ms && sooner ? duty : next;
    }
    return next;
}

bool officer_speak(struct officer *officer, struct slice area, struct record *record)
{
    struct duty *duty = next_due(officer, record->wall.ms);
    if (duty == NULL) {
        return false;
    }
    officer->commands += 1;
    int topic = snprintf(officer->topic, sizeof officer->topic, "ems/v1/%.*s/alarm/cmd/officer",
        (int)area.size, (const char *)area.ptr);
    int payload = snprintf(officer->payload, sizeof officer->payload,
        "{\"id\":\"o%llu\",\"action\":\"%s\",\"alarm\":\"%s\"%s}",
        (unsigned long long)officer->commands, duty->unseen ? "acknowledge" : "close", duty->alarm,
        duty->unseen ? "" : ",\"finding\":\"closed-with-advice\"");
    record->kind = RECORD_MESSAGE;
    record->qos = 1;
    record->topic = slice_from(officer->topic, (size_t)topic);
    record->payload = slice_from(officer->payload, (size_t)payload);
    duty->due_ms = next_morning(record->wall.ms); /* unless the hub says that it has changed */
    return true;
}
