#include <assert.h>

#include "broker-bridge/pipeline_state.h"

struct event_time wall_at(const struct pipeline *pipeline, int64_t hub_ms)
{
    return (struct event_time){pipeline->record->wall.ms - (pipeline->step_hub_ms - hub_ms)};
}

/* The clock at the head's hub_ms. Listening follows hub time one to one while the session is up. */
struct moment time_moment(const struct pipeline *pipeline)
{
    const struct state_head *head = revision_head(pipeline->revision);
    return (struct moment){
        .hub_ms = head->hub_ms,
        .listening_ms = head->listening_ms,
        .wall = wall_at(pipeline, head->hub_ms),
        .listening = pipeline->listened ? LISTENING_YES : LISTENING_NO,
        .filings = revision_filings(pipeline->revision),
        .tallies = revision_tallies(pipeline->revision),
        .late_active = head->late_active > 0,
    };
}

struct alarm_vote alarm_vote_of(const struct pipeline *pipeline, const struct vote *vote)
{
    return (struct alarm_vote){
        .instance = vote->instance,
        .when = vote->when,
        .clear = vote->clear,
        .severity = vote->severity,
        .severity_unsure = vote->severity_unsure,
        .hub_ms = vote->hub_ms,
        .local_ms = vote->local_ms,
        .event = vote->event,
        .record = pipeline->record->sequence,
    };
}

void vote_taken(void *context, const struct vote *vote)
{
    struct pipeline *pipeline = context;
    struct revision *revision = pipeline->revision;
    if (vote->figures != NULL) {
        effect_figures(pipeline, vote);
        return;
    }
    struct alarm_vote taken = alarm_vote_of(pipeline, vote);
    late_follow(pipeline, &taken);
    alarms_vote(&revision->alarms, revision_alarms(revision), &taken, transition_made, pipeline);
}

void transition_made(void *context, const struct transition *transition)
{
    struct pipeline *pipeline = context;
    struct revision *revision = pipeline->revision;
    alarm_tallies_take(revision_tallies(revision), &revision->alarms, transition);
    effect_transition(pipeline, transition);
}

/* Fire what falls due up to `until` of the hub's time; at the same instant parts that wait no longer, then
 * detectors, then alarms: a value that grows stale at the instant a timer ends pauses that timer. */
static void fire_due(struct pipeline *pipeline, int64_t until_ms)
{
    struct revision *revision = pipeline->revision;
    struct state_head *head = revision_head(revision);
    const int64_t start_ms = head->hub_ms;
    const int64_t start_listening_ms = head->listening_ms;
    const bool listening = pipeline->listened;
    for (;;) {
        int64_t detectors_ms = detectors_due(revision->program, revision_detectors(revision));
        int64_t alarms_ms = alarms_due(&revision->alarms, revision_alarms(revision));
        int64_t parts_ms = parts_due_next(pipeline);
        int64_t late_ms = late_due(pipeline);
        int64_t due_ms = detectors_ms < alarms_ms ? detectors_ms : alarms_ms;
        due_ms = parts_ms < due_ms ? parts_ms : due_ms;
        due_ms = late_ms < due_ms ? late_ms : due_ms;
        if (due_ms > until_ms) {
            break;
        }
        if (due_ms > head->hub_ms) {
            head->hub_ms = due_ms;
            head->listening_ms = start_listening_ms + (listening ? due_ms - start_ms : 0);
        }
        if (parts_ms == due_ms) {
            parts_time_out(pipeline);
        } else if (late_ms == due_ms) {
            alarms_time(&revision->late_alarms, revision_late_alarms(revision), head->hub_ms,
                late_transition, pipeline);
        } else if (detectors_ms <= alarms_ms) {
            struct moment moment = time_moment(pipeline);
            detectors_time(
                revision->program, revision_detectors(revision), &moment, vote_taken, pipeline);
        } else {
            alarms_time(&revision->alarms, revision_alarms(revision), head->hub_ms, transition_made,
                pipeline);
        }
    }
    head->hub_ms = until_ms;
    head->listening_ms = start_listening_ms + (listening ? until_ms - start_ms : 0);
}

/* Move the hub's time to the record: by elapsed time if the session was up at the record before and is
 * up at this one, not at all otherwise (its own deafness is nobody's absence). */
void time_advance(struct pipeline *pipeline)
{
    const struct record *record = pipeline->record;
    struct state_head *head = revision_head(pipeline->revision);
    int64_t elapsed_ms = 0;
    if (head->mono_known && record->kind != RECORD_START) {
        elapsed_ms = record->mono.ms - head->mono_ms;
        elapsed_ms = elapsed_ms > 0 ? elapsed_ms : 0;
    }
    if (head->hub_ms == 0) {
        head->hub_ms = record->wall.ms; /* the first record of all gives it its place */
        revision_filings(pipeline->revision)->begun_ms = record->wall.ms;
    }
    pipeline->listened = head->session == SESSION_UP && record->session == SESSION_UP;
    int64_t until_ms = head->hub_ms + (pipeline->listened ? elapsed_ms : 0);
    pipeline->step_hub_ms = until_ms;
    fire_due(pipeline, until_ms);
    if (head->session != SESSION_DRAINING && record->session == SESSION_DRAINING) {
        int64_t away_ms = record->wall.ms - head->wall_ms;
        head->drain_until_ms = head->hub_ms + (away_ms > 0 ? away_ms : 0);
    }
    head->session = (uint32_t)record->session;
    head->wall_ms = record->wall.ms;
    head->mono_ms = record->mono.ms;
    head->mono_known = 1;
    pipeline->listened = head->session == SESSION_UP; /* from here on, for votes of this step */
}

/* While a queue drains, the hub's time follows the devices' own: an hour of messages that arrives in
 * a second is an hour. It never passes what the clock on the wall would have shown. */
void time_drained_to(struct pipeline *pipeline, uint32_t device, struct event_time event)
{
    struct state_head *head = revision_head(pipeline->revision);
    const struct device_state *state = revision_device(pipeline->revision, device);
    int64_t newest_ms = state->newest_ms[DATA_REALTIME];
    if (head->session != SESSION_DRAINING || newest_ms == 0 || event.ms <= newest_ms) {
        return;
    }
    int64_t until_ms = state->hub_ms + (event.ms - newest_ms);
    until_ms = until_ms < head->drain_until_ms ? until_ms : head->drain_until_ms;
    if (until_ms > head->hub_ms) {
        pipeline->step_hub_ms = until_ms;
        pipeline->listened = false;
        fire_due(pipeline, until_ms);
    }
}
