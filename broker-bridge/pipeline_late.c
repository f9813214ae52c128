#include "broker-bridge/pipeline_state.h"

/* design, "Time": what comes later than this is late; one that reports seldom has three intervals, as live rules
 * hold its values for so long. */
#define LATENESS_MS (INT64_C(120) * SECOND_MS)

static int64_t lateness_ms(const struct device *device)
{
    int64_t three_ms = (int64_t)device->interval_s * 3 * SECOND_MS;
    return three_ms > LATENESS_MS ? three_ms : LATENESS_MS;
}

static int64_t period_ms(const struct device *device, enum data_kind kind)
{
    return kind == DATA_MINUTE ? (int64_t)device->minute_interval * MINUTE_MS
           : kind == DATA_HOUR ? HOUR_MS
           : kind == DATA_DAY  ? DAY_MS
                               : 0;
}

static int64_t local_ms(const struct pipeline *pipeline, uint32_t device, bool *heard)
{
    const struct revision *revision = pipeline->revision;
    int64_t local_ms;
    *heard = detectors_local(revision->program, revision_detectors(revision), device,
        revision_head(revision)->hub_ms, &local_ms);
    return local_ms;
}

/* Older than what came of its kind, or so old on its arrival that live rules hold it for stale. */
bool late_is(
    const struct pipeline *pipeline, uint32_t device, enum data_kind kind, struct event_time event)
{
    const struct device *of = &pipeline->revision->registry.devices[device];
    const struct device_state *state = revision_device(pipeline->revision, device);
    bool heard;
    if (kind > DATA_STATE) {
        return false; /* what is told of the device itself holds from when it is told */
    }
    int64_t age_ms = local_ms(pipeline, device, &heard) - (event.ms + period_ms(of, kind));
    return event.ms < state->newest_ms[kind] ||
           (heard && age_ms > lateness_ms(of) + period_ms(of, kind));
}

/* --- the gap --- */

void late_gap_left(struct pipeline *pipeline, uint32_t device, struct event_time event)
{
    struct device_state *state = revision_device(pipeline->revision, device);
    struct late_state *late = &state->late;
    int64_t newest_ms = state->newest_ms[DATA_REALTIME];
    if (newest_ms != 0 &&
        event.ms - newest_ms > lateness_ms(&pipeline->revision->registry.devices[device])) {
        late->gaps[late->next].from_ms = newest_ms;
        late->gaps[late->next].to_ms = event.ms;
        late->next = (late->next + 1) % GAPS_KEPT;
    }
}

/* Which gap it lies in: one that live data left, the time since the newest, or itself alone. */
static struct gap gap_of(const struct pipeline *pipeline, uint32_t device, int64_t at_ms)
{
    const struct device_state *state = revision_device(pipeline->revision, device);
    int64_t newest_ms = state->newest_ms[DATA_REALTIME];
    struct gap gap = {.from_ms = at_ms, .to_ms = at_ms, .device = device};
    bool heard;
    for (uint32_t i = 0; i < GAPS_KEPT; i++) {
        if (at_ms > state->late.gaps[i].from_ms && at_ms < state->late.gaps[i].to_ms) {
            gap.from_ms = state->late.gaps[i].from_ms;
            gap.to_ms = state->late.gaps[i].to_ms;
            return gap;
        }
    }
    if (newest_ms != 0 && at_ms > newest_ms) {
        gap.from_ms = newest_ms;
        gap.to_ms = local_ms(pipeline, device, &heard);
    }
    return gap;
}

void late_note(
    struct pipeline *pipeline, uint32_t device, enum data_kind kind, struct event_time event)
{
    const struct device *of = &pipeline->revision->registry.devices[device];
    struct device_state *state = revision_device(pipeline->revision, device);
    struct gap *gap = &state->late.gap;
    int64_t at_ms = event.ms + period_ms(of, kind);
    int64_t slack_ms = lateness_ms(of);
    bool goes_on =
        gap->count > 0 && at_ms >= gap->from_ms - slack_ms && at_ms <= gap->to_ms + slack_ms;
    pipeline->late_begins = false;
    if (!goes_on) {
        *gap = gap_of(pipeline, device, at_ms);
        gap->first_record = pipeline->record->sequence;
        pipeline->late_begins = kind == DATA_REALTIME && event.ms > state->newest_ms[kind];
    }
    gap->from_ms = at_ms < gap->from_ms ? at_ms : gap->from_ms;
    gap->to_ms = at_ms > gap->to_ms ? at_ms : gap->to_ms;
    gap->last_record = pipeline->record->sequence;
    gap->count += 1;
    state->late.hub_ms = revision_head(pipeline->revision)->hub_ms;
}

/* --- judging --- */

void late_transition(void *context, const struct transition *transition)
{
    struct pipeline *pipeline = context;
    struct state_head *head = revision_head(pipeline->revision);
    bool was = transition->from == ALARM_ACTIVE_UNACK || transition->from == ALARM_ACTIVE_ACK;
    bool is = transition->to == ALARM_ACTIVE_UNACK || transition->to == ALARM_ACTIVE_ACK;
    head->late_active += (is ? 1U : 0U) - (was ? 1U : 0U);
    if (pipeline->late_device != NONE) {
        *revision_late_gap(pipeline->revision, transition->instance) =
            revision_device(pipeline->revision, pipeline->late_device)->late.gap;
    }
    alarm_tallies_take(
        revision_tallies(pipeline->revision), &pipeline->revision->late_alarms, transition);
    pipeline->retrospective = true;
    effect_transition(pipeline, transition);
    pipeline->retrospective = false;
}

static void late_vote(void *context, const struct vote *vote)
{
    struct pipeline *pipeline = context;
    struct revision *revision = pipeline->revision;
    const struct alarm_table *live = &revision->alarms;
    void *alarms = revision_alarms(revision), *late = revision_late_alarms(revision);
    struct alarm_vote taken = alarm_vote_of(pipeline, vote);
    taken.hub_ms = revision_head(revision)->hub_ms;
    taken.covered = alarms_covers(live, alarms, vote->instance, vote->event.ms);
    if (pipeline->late_begins) {
        alarms_share(live, alarms, vote->instance, late, vote->local_ms);
    }
    alarms_vote(&revision->late_alarms, late, &taken, late_transition, pipeline);
    alarms_end_shared(live, alarms, vote->instance, late, transition_made, pipeline);
}

void late_feed(struct pipeline *pipeline, uint32_t device, enum data_kind kind,
    struct event_time event, size_t count)
{
    struct revision *revision = pipeline->revision;
    void *live = revision_detectors(revision), *late = revision_late_detectors(revision);
    int64_t at_ms = event.ms + period_ms(&revision->registry.devices[device], kind);
    struct moment moment = time_moment(pipeline);
    moment.hub_ms = at_ms;
    moment.wall.ms = at_ms;
    moment.listening = LISTENING_NO;
    moment.live = live;
    moment.recall = revision_recall(revision);
    struct heard heard = {
        .device = device, .time = event, .samples = pipeline->samples, .count = count};
    revision_head(revision)->late_count += 1;
    if (pipeline->late_begins) {
        detectors_late_begin(revision->program, late, live, device);
    }
    pipeline->late_device = device;
    detectors_late(revision->program, late, &moment, &heard, late_vote, pipeline);
    pipeline->late_device = NONE;
    pipeline->late_begins = false;
}

/* A back-fill that has come to its end leaves its active alarms to what comes live: it ends them, and is no alarm of
 * its own before. */
void late_follow(struct pipeline *pipeline, struct alarm_vote *vote)
{
    struct revision *revision = pipeline->revision;
    const struct state_head *head = revision_head(revision);
    void *late = revision_late_alarms(revision);
    if (head->late_active == 0 ||
        !alarms_covers(&revision->late_alarms, late, vote->instance, INT64_MAX)) {
        return;
    }
    const struct gap *gap = revision_late_gap(revision, vote->instance);
    if (head->hub_ms - revision_device(revision, gap->device)->late.hub_ms >= LATENESS_MS) {
        pipeline->followed = true;
        alarms_vote(&revision->late_alarms, late, vote, late_transition, pipeline);
        pipeline->followed = false;
    }
    vote->covered = alarms_covers(&revision->late_alarms, late, vote->instance, INT64_MAX);
}

int64_t late_due(const struct pipeline *pipeline)
{
    const struct revision *revision = pipeline->revision;
    return revision_head(revision)->late_count == 0
               ? TIMER_NEVER
               : alarms_due(&revision->late_alarms, revision_late_alarms(revision));
}

/* --- reload --- */

static void carry_gaps(const struct revision *from, const struct revision *to)
{
    for (uint32_t i = 0; i < from->late_alarms.count; i++) {
        const struct gap *gap = revision_late_gap(from, i);
        uint32_t at = gap->count == 0 ? NONE : alarms_find(&to->late_alarms, from->instances[i]);
        uint32_t device = gap->count == 0 ? NONE
                                          : registry_device(&to->registry,
                                                from->registry.devices[gap->device].mn);
        if (at != NONE && device != NONE) {
            *revision_late_gap(to, at) = *gap;
            revision_late_gap(to, at)->device = device;
        }
    }
}

void late_carry(struct pipeline *pipeline, struct revision *from, struct revision *to)
{
    struct state_head *head = revision_head(to);
    if (head->late_count == 0) {
        return;
    }
    detectors_carry(
        from->program, revision_late_detectors(from), to->program, revision_late_detectors(to));
    carry_gaps(from, to);
    alarms_carry(&from->late_alarms, revision_late_alarms(from), &to->late_alarms,
        revision_late_alarms(to), head->hub_ms, late_transition, pipeline);
    head->late_active = revision_head(from)->late_active;
}
