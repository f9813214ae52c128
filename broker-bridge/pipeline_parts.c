#include "broker-bridge/pipeline_state.h"
#include "core/timers.h"

static void set_wait(struct pipeline *pipeline, uint32_t device)
{
    const struct revision *revision = pipeline->revision;
    int join;
    timers_set(revision_waits(revision), revision->registry.device_count, device,
        parts_due(revision_parts(revision, device), &join));
}

static void read_joined(struct pipeline *pipeline, uint32_t device, int join)
{
    struct message *message = &pipeline->joined.message;
    const struct registry *registry = &pipeline->revision->registry;
    parts_join(
        revision_parts(pipeline->revision, device), join, registry, device, &pipeline->joined);
    message->mn = registry->devices[device].mn;
}

/* The items of a message count once, together, and not after newer data of its kind unless as late. */
static void count_joined(struct pipeline *pipeline, uint32_t device, int join)
{
    const struct message *message = &pipeline->joined.message;
    const struct device_state *state = revision_device(pipeline->revision, device);
    enum data_kind kind = data_kind_of(message->cn_code);
    struct event_time event = message->data_time;
    bool counts = event.ms >= state->newest_ms[kind];
    bool late = late_is(pipeline, device, kind, event);
    if ((!counts && !late) || !parts_claim(revision_parts(pipeline->revision, device), join)) {
        return;
    }
    size_t count = gather_samples(pipeline, message, device);
    if (late) {
        late_feed(pipeline, device, kind, event, count);
    }
    if (counts) {
        feed_held(pipeline, device, event, count);
    }
}

static void tell(struct pipeline *pipeline, uint32_t device, int join)
{
    read_joined(pipeline, device, join);
    effect_joined(pipeline, &pipeline->joined);
    answer_joined(pipeline, &pipeline->joined);
}

static void settle(struct pipeline *pipeline, uint32_t device, int join)
{
    tell(pipeline, device, join);
    count_joined(pipeline, device, join);
    parts_close(revision_parts(pipeline->revision, device), join);
}

/* One that cannot be held counts by itself. */
static void count_alone(struct pipeline *pipeline, const struct message *message, uint32_t device,
    bool counts, bool late)
{
    struct event_time event = message->data_time;
    size_t count = counts || late ? gather_samples(pipeline, message, device) : 0;
    if (late) {
        late_feed(pipeline, device, data_kind_of(message->cn_code), event, count);
    }
    if (counts) {
        feed_held(pipeline, device, event, count);
    }
}

void take_part(struct pipeline *pipeline, const struct message *message, uint32_t device,
    bool counts, bool late)
{
    void *parts = revision_parts(pipeline->revision, device);
    int crowded;
    while ((crowded = parts_in_the_way(parts, message)) != JOIN_NONE) {
        settle(pipeline, device, crowded);
    }
    struct part_taken taken = parts_take(parts, message, revision_head(pipeline->revision)->hub_ms);
    if (!taken.held) {
        count_alone(pipeline, message, device, counts, late);
    }
    if (taken.fate == PART_COMPLETES) {
        settle(pipeline, device, taken.join);
    } else if (taken.tell) {
        tell(pipeline, device, taken.join);
    }
    set_wait(pipeline, device);
}

void release_parts(
    struct pipeline *pipeline, uint32_t device, enum data_kind kind, struct event_time newer)
{
    const void *parts = revision_parts(pipeline->revision, device);
    const struct device_state *state = revision_device(pipeline->revision, device);
    for (int join = 0; parts != NULL && join < JOINS_MAX; join++) {
        struct part_time held = parts_time(parts, join);
        if (held.open && data_kind_of(held.cn) == kind && held.time.ms < newer.ms &&
            held.time.ms >= state->newest_ms[kind]) {
            read_joined(pipeline, device, join);
            count_joined(pipeline, device, join);
        }
    }
}

int64_t parts_due_next(const struct pipeline *pipeline)
{
    return timers_next(
        revision_waits(pipeline->revision), pipeline->revision->registry.device_count);
}

void parts_time_out(struct pipeline *pipeline)
{
    const struct revision *revision = pipeline->revision;
    uint32_t device;
    int64_t due_ms;
    int join;
    if (!timers_take(revision_waits(revision), revision->registry.device_count,
            revision_head(revision)->hub_ms, &device, &due_ms)) {
        return;
    }
    parts_due(revision_parts(revision, device), &join);
    if (join != JOIN_NONE) {
        settle(pipeline, device, join);
    }
    set_wait(pipeline, device);
}
