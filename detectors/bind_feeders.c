#include "detectors/binder.h"

/* Real-time data: what device.quantity means. */
static bool measures(const struct registry *registry, uint32_t signal)
{
    return registry->signals[signal].cn == 2011;
}

bool feeder_begins(const struct registry *registry, uint32_t signal)
{
    const struct signal *of = &registry->signals[signal];
    uint32_t first = registry->device_signal_first[of->device];
    while (first < signal &&
           (!measures(registry, first) || registry->signals[first].equipment != of->equipment)) {
        first += 1;
    }
    return first == signal && measures(registry, signal);
}

/* Whether all that the device measures is of one piece of equipment, or of none. */
static bool is_only(const struct registry *registry, uint32_t device)
{
    uint32_t count = 0;
    for (uint32_t i = registry->device_signal_first[device];
         i < registry->device_signal_first[device + 1]; i++) {
        count += feeder_begins(registry, i) ? 1 : 0;
    }
    return count <= 1;
}

struct slice feeder_subject(struct binder *binder, const struct subject *subject)
{
    const struct registry *registry = binder->registry;
    char space[400];
    struct text text = text_in(space, sizeof space);
    const struct slice mn = registry->devices[subject->device].mn;
    if (subject->equipment == NONE || is_only(registry, subject->device)) {
        return mn;
    }
    text_add_slice(&text, mn);
    text_add_byte(&text, ':');
    text_add_slice(&text, registry->equipment[subject->equipment].id);
    return arena_copy(&binder->program->arena, text_slice(&text));
}
