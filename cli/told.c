#include "cli/told.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *told_word(const json_t *data, const char *key)
{
    const char *value = json_string_value(json_object_get(data, key));
    return value == NULL ? "" : value;
}

json_t *told_data(struct slice payload)
{
    json_t *event = json_loadb((const char *)payload.ptr, payload.size, 0, NULL);
    json_t *data = json_incref(json_object_get(event, "data"));
    json_decref(event);
    return data;
}

static int64_t onset_ms(const json_t *data)
{
    struct event_time onset = {0};
    event_time_from_rfc3339(slice_of(told_word(data, "onset")), &onset);
    return onset.ms;
}

static struct told *told_begin(struct told_list *list, json_t *data, uint64_t onset_record)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity * 2 + 64;
        list->alarms = realloc(list->alarms, list->capacity * sizeof *list->alarms);
        assert(list->alarms != NULL);
    }
    if (list->places == NULL) {
        list->places = json_object();
    }
    json_object_set_new(
        list->places, told_word(data, "alarm"), json_integer((json_int_t)list->count));
    struct told *told = &list->alarms[list->count++];
    *told = (struct told){.raised = json_incref(data),
        .rule = told_word(data, "rule"),
        .subject = told_word(data, "subject"),
        .severity = "S9",
        .from_ms = onset_ms(data),
        .onset_record = onset_record};
    return told;
}

static bool is_active(const char *state)
{
    return strncmp(state, "active-", 7) == 0;
}

void told_take(struct told_list *list, const struct effect *effect, uint64_t record)
{
    if (effect->kind != EFFECT_TRANSITION) {
        return;
    }
    json_t *event = json_loadb((const char *)effect->payload.ptr, effect->payload.size, 0, NULL);
    json_t *data = json_object_get(event, "data");
    const json_t *place = json_object_get(list->places, told_word(data, "alarm"));
    struct told *told = place == NULL ? told_begin(list, data, effect->onset_record)
                                      : &list->alarms[json_integer_value(place)];
    told->raised_record = place == NULL ? record : told->raised_record;
    if (strcmp(told_word(data, "severity"), told->severity) < 0) {
        strncpy(told->severity, told_word(data, "severity"), sizeof told->severity - 1);
    }
    if (is_active(told_word(data, "to"))) {
        told->to_ms = TOLD_OPEN;
    } else if (told->to_ms == TOLD_OPEN) {
        told->to_ms = onset_ms(data) + json_integer_value(json_object_get(data, "lasted_ms"));
    }
    json_decref(event);
}

int told_compare_subject(const struct told *a, const struct told *b)
{
    int order = strcmp(a->rule, b->rule);
    return order != 0 ? order : strcmp(a->subject, b->subject);
}

static int by_subject(const void *a, const void *b)
{
    const struct told *left = a, *right = b;
    int order = told_compare_subject(left, right);
    return order != 0 ? order : (left->from_ms > right->from_ms) - (left->from_ms < right->from_ms);
}

void told_sort(struct told_list *list)
{
    if (list->count > 1) {
        qsort(list->alarms, list->count, sizeof *list->alarms, by_subject);
    }
    json_decref(list->places); /* they are there no more */
    list->places = NULL;
}

void told_free(struct told_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        json_decref(list->alarms[i].raised);
    }
    json_decref(list->places);
    free(list->alarms);
}
