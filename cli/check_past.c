#include "cli/check_past.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

enum { CAPACITY_FIRST = 16 };

static const struct pace PACE_UNKNOWN = {.realtime_s = 60, .minute_min = 1};

static struct past_device *place_of(const struct past *past, struct slice mn)
{
    size_t at = hash64(mn) & (past->capacity - 1);
    for (;; at = (at + 1) & (past->capacity - 1)) {
        struct past_device *device = &past->devices[at];
        if (device->mn == NULL || slice_equal(slice_from(device->mn, device->mn_size), mn)) {
            return device;
        }
    }
}

static bool grow(struct past *past)
{
    struct past larger = {.capacity = past->capacity == 0 ? CAPACITY_FIRST : past->capacity * 2,
        .count = past->count};
    larger.devices = calloc(larger.capacity, sizeof *larger.devices);
    if (larger.devices == NULL) {
        return false;
    }
    for (size_t i = 0; i < past->capacity; i++) {
        const struct past_device *device = &past->devices[i];
        if (device->mn != NULL) {
            *place_of(&larger, slice_from(device->mn, device->mn_size)) = *device;
        }
    }
    free(past->devices);
    *past = larger;
    return true;
}

static struct pace pace_in(const struct registry *registry, struct slice mn)
{
    uint32_t device = registry == NULL ? NONE : registry_device(registry, mn);
    return device == NONE ? PACE_UNKNOWN : pace_of(&registry->devices[device]);
}

static bool device_make(struct past_device *device, struct slice mn, struct pace pace)
{
    char *name = malloc(mn.size + 1);
    void *ring = calloc(1, duplicates_size(pace));
    if (name == NULL || ring == NULL) {
        free(name);
        free(ring);
        return false;
    }
    if (mn.size > 0) {
        memcpy(name, mn.ptr, mn.size);
    }
    *device = (struct past_device){.mn = name, .ring = ring, .mn_size = mn.size, .pace = pace};
    return true;
}

struct past_device *past_device(struct past *past, const struct registry *registry, struct slice mn)
{
    if (past->count * 2 >= past->capacity && !grow(past)) {
        return NULL;
    }
    struct past_device *device = place_of(past, mn);
    if (device->mn != NULL) {
        return device;
    }
    if (past->count == PAST_DEVICES_MAX || !device_make(device, mn, pace_in(registry, mn))) {
        return NULL;
    }
    past->count += 1;
    return device;
}

bool past_judge(struct past *past, const struct registry *registry, struct message *message)
{
    if (message->verdict.kind != VERDICT_ACCEPTED) {
        return false;
    }
    struct past_device *device = past_device(past, registry, message->mn);
    if (device == NULL) {
        return true;
    }
    switch (duplicates_check(device->ring, device->pace, message)) {
    case SAME_FRESH:
        return true;
    case SAME_DUPLICATE:
        message->verdict.kind = VERDICT_DUPLICATE;
        return false;
    case SAME_CONFLICT:
        message_break(message, RULE_KEY_REUSED, message->qn);
        return true;
    case SAME_REUSED:
        message_break(message, RULE_QN_REUSED, message->qn);
        return true;
    case SAME_LATE:
        message_break(message, RULE_LATE, message->datatime);
        return false;
    }
    return true;
}

void past_forget(struct past *past)
{
    for (size_t i = 0; i < past->capacity; i++) {
        free(past->devices[i].mn);
        free(past->devices[i].ring);
        free(past->devices[i].parts);
    }
    free(past->devices);
    *past = (struct past){0};
}
