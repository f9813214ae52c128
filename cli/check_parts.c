#include "cli/check_parts.h"

#include <stdlib.h>

static void tell(const struct past_device *device, const struct registry *registry, int join,
    joined_sink *emit, void *context)
{
    static struct joined joined; /* too large for a stack */
    struct slice mn = slice_from(device->mn, device->mn_size);
    uint32_t registered = registry == NULL ? NONE : registry_device(registry, mn);
    parts_join(device->parts, join, registry, registered, &joined);
    joined.message.mn = mn;
    emit(context, &joined);
}

void check_parts_take(struct past *past, const struct registry *registry,
    const struct message *message, joined_sink *emit, void *context)
{
    struct past_device *device =
        parts_has(message) ? past_device(past, registry, message->mn) : NULL;
    if (device != NULL && device->parts == NULL) {
        device->parts = calloc(1, parts_size());
    }
    if (device == NULL || device->parts == NULL) {
        return;
    }
    int crowded;
    while ((crowded = parts_in_the_way(device->parts, message)) != JOIN_NONE) {
        tell(device, registry, crowded, emit, context);
        parts_close(device->parts, crowded);
    }
    struct part_taken taken = parts_take(device->parts, message, 0);
    if (taken.fate == PART_COMPLETES || taken.tell) {
        tell(device, registry, taken.join, emit, context);
    }
    if (taken.fate == PART_COMPLETES) {
        parts_close(device->parts, taken.join);
    }
}

void check_parts_end(
    struct past *past, const struct registry *registry, joined_sink *emit, void *context)
{
    for (size_t i = 0; i < past->capacity; i++) {
        struct past_device *device = &past->devices[i];
        for (int join = 0; device->parts != NULL && join < JOINS_MAX; join++) {
            if (parts_time(device->parts, join).open) {
                tell(device, registry, join, emit, context);
                parts_close(device->parts, join);
            }
        }
    }
}
