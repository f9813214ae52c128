#include <string.h>
#include <unistd.h>

#include "broker-bridge/hub_state.h"
#include "core/clock.h"
#include "core/log.h"
#include "schemas/alarm.h"

/* Verbs of the control socket; done in the hub's own turn. */
static enum http_status do_reload(struct hub *hub, struct text *answer)
{
    struct report report = {0};
    enum status status = hub_reload(hub, &report);
    text_add_byte(answer, '{');
    text_add_field(answer, "result", slice_of(status == STATUS_OK ? "done" : "refused"));
    text_add_key(answer, "findings");
    text_add_byte(answer, '[');
    for (size_t i = 0; i < report_kept(&report); i++) {
        const struct finding *finding = &report.findings[i];
        text_add(answer, i == 0 ? "{" : ",{");
        text_add_field(answer, "file", finding->file);
        text_add_field_int(answer, "line", finding->line);
        text_add_field_int(answer, "column", finding->column);
        text_add_field(answer, "words", finding->words);
        text_add_byte(answer, '}');
    }
    text_add(answer, "]}\n");
    report_free(&report);
    return status == STATUS_OK ? HTTP_OK : HTTP_CONFLICT;
}

static void run_errands(struct hub *hub)
{
    struct slice verb, body;
    struct text *answer;
    const uint64_t one = 1;
    while (errand_take(&hub->errand, &verb, &body, &answer)) {
        enum http_status status = HTTP_NOT_FOUND;
        if (slice_is(verb, "reload")) {
            status = do_reload(hub, answer);
        } else if (slice_is(verb, "quarantine-release")) {
            status = hub_release(hub, body, answer);
        } else if (slice_is(verb, "device")) {
            status = hub_local(hub, "device", body, answer);
        } else if (slice_is(verb, "filing")) {
            status = hub_local(hub, "filing", body, answer);
        } else if (slice_is(verb, "filings")) {
            status = hub_filings(hub, answer);
        } else {
            text_add(answer, "{\"error\":\"no such verb\"}\n");
        }
        ssize_t written = write(hub->wake_fd, &one, sizeof one);
        (void)written; /* what it appended is stepped at once */
        errand_done(&hub->errand, status);
    }
}

/* 1 or 0 as since: a state that lasts begins once, one that ended is forgotten. */
static void lasts(struct vitals *vitals, enum health_check which, bool so, struct mono_time now)
{
    if (so) {
        vitals_begin(vitals, which, now);
    } else {
        vitals_well(vitals, which);
    }
}

/* How long the oldest publish waits for its acknowledgement. */
static void watch_outbox(struct hub *hub, struct mono_time now)
{
    uint64_t acknowledged = outbox_acknowledged(hub->outbox);
    if (outbox_pending(hub->outbox) == 0 || session_state(hub->session) != SESSION_UP) {
        vitals_well(&hub->watch.vitals, HEALTH_PUBLISHES);
    } else if (acknowledged != hub->publish_mark) {
        vitals_since(&hub->watch.vitals, HEALTH_PUBLISHES, now);
    } else {
        vitals_begin(&hub->watch.vitals, HEALTH_PUBLISHES, now);
    }
    hub->publish_mark = acknowledged;
}

static void watch_session(struct hub *hub, struct mono_time now)
{
    struct vitals *vitals = &hub->watch.vitals;
    struct counters *counters = &hub->watch.counters;
    enum session_state state = session_state(hub->session);
    lasts(vitals, HEALTH_SESSION, state == SESSION_DOWN, now);
    lasts(vitals, HEALTH_DRAIN, state == SESSION_DRAINING, now);
    if (state == SESSION_DOWN) {
        vitals_because(vitals, HEALTH_SESSION, session_reason(hub->session));
    }
    struct mono_time probed = session_probe_returned(hub->session);
    if (state == SESSION_UP) {
        vitals_since(vitals, HEALTH_PROBE, probed);
        gauge_set(counters, GAUGE_PROBE_TIME, clock_wall().ms - (now.ms - probed.ms));
    } else {
        vitals_well(vitals, HEALTH_PROBE);
    }
    gauge_set(counters, GAUGE_SESSION_CONNECTED, state != SESSION_DOWN);
    gauge_set(counters, GAUGE_BROKER_DROPPED, session_broker_dropped(hub->session));
    gauge_set(counters, GAUGE_SESSION_UP, state == SESSION_UP);
    gauge_set(counters, GAUGE_PUBLISHES_PENDING, (int64_t)outbox_pending(hub->outbox));
    watch_outbox(hub, now);
}

/* How long the oldest record waits, within a tick: what had come at the mark is not all done yet. A
 * plain "came > done" would grow old under steady traffic, when something always waits. */
static void watch_backlog(struct hub *hub, uint64_t came, uint64_t done, struct mono_time now)
{
    if (done < hub->backlog_mark) {
        return;
    }
    hub->backlog_mark = came;
    if (came > done) {
        vitals_since(&hub->watch.vitals, HEALTH_BACKLOG, now);
    } else {
        vitals_well(&hub->watch.vitals, HEALTH_BACKLOG);
    }
}

static void watch_journal(struct hub *hub, struct mono_time now)
{
    struct counters *counters = &hub->watch.counters;
    struct journal_figures figures = journal_figures(hub->journal);
    uint64_t came = journal_appended(hub->journal, STREAM_CAME);
    uint64_t done = hub->stepped;
    vitals_count(&hub->watch.vitals, HEALTH_ROOM, hub->journal_full);
    watch_backlog(hub, came, done, now);
    gauge_set(counters, GAUGE_BACKLOG, (int64_t)(came - done));
    gauge_set(counters, GAUGE_JOURNAL_ROOM, !hub->journal_full);
    gauge_set(counters, GAUGE_JOURNAL_BYTES, (int64_t)figures.size);
    gauge_set(counters, GAUGE_SEGMENTS, (int64_t)figures.segments);
    gauge_set(counters, GAUGE_SEGMENTS_SEALED, (int64_t)figures.sealed_segments);
    gauge_set(counters, GAUGE_RESERVE_BYTES, (int64_t)figures.reserve_size);
    counter_set(counters, COUNTER_RECORDS_CAME, came);
    counter_set(counters, COUNTER_RECORDS_SAID, journal_appended(hub->journal, STREAM_SAID));
}

static void watch_pipeline(struct hub *hub)
{
    struct counters *counters = &hub->watch.counters;
    struct pipeline_figures figures = pipeline_figures(hub->pipeline);
    gauge_set(counters, GAUGE_DEVICES, figures.devices);
    gauge_set(counters, GAUGE_DEVICES_SEEN, figures.devices_seen);
    gauge_set(counters, GAUGE_ALARMS_S1, (int64_t)figures.alarms_open_by_severity[SEVERITY_S1]);
    gauge_set(counters, GAUGE_ALARMS_S2, (int64_t)figures.alarms_open_by_severity[SEVERITY_S2]);
    gauge_set(counters, GAUGE_ALARMS_S3, (int64_t)figures.alarms_open_by_severity[SEVERITY_S3]);
    gauge_set(counters, GAUGE_ALARMS_S4, (int64_t)figures.alarms_open_by_severity[SEVERITY_S4]);
    counter_set(counters, COUNTER_LATE_MESSAGES, figures.late_messages);
    gauge_set(counters, GAUGE_LATE_FORGOTTEN, (int64_t)figures.late_forgotten);
    gauge_set(counters, GAUGE_EPOCH, atomic_load(&hub->epoch));
}

static void watch_requests(struct hub *hub)
{
    struct counters *counters = &hub->watch.counters;
    struct request_figures figures = pipeline_requests(hub->pipeline);
    gauge_set(counters, GAUGE_COMMANDS_OPEN, (int64_t)figures.open);
    counter_set(counters, COUNTER_COMMANDS_DONE, figures.done);
    counter_set(counters, COUNTER_COMMANDS_FAILED, figures.failed);
    counter_set(counters, COUNTER_COMMANDS_REFUSED, figures.refused);
    counter_set(counters, COUNTER_COMMANDS_TIMED_OUT, figures.timed_out);
    counter_set(counters, COUNTER_COMMANDS_UNKNOWN, figures.unknown);
    counter_set(counters, COUNTER_DATA_GAPS, figures.gaps);
    vitals_count(&hub->watch.vitals, HEALTH_COMMANDS, (int64_t)figures.unheard);
}

static void watch_keys(struct hub *hub)
{
    struct keys_ending ending = pipeline_keys_ending(hub->pipeline, clock_wall());
    gauge_set(&hub->watch.counters, GAUGE_KEYS_ENDING, ending.devices);
    vitals_count(&hub->watch.vitals, HEALTH_KEYS, ending.devices);
    if (ending.devices > 0) {
        char space[160], until[RFC3339_SIZE + 1];
        struct text words = text_in(space, sizeof space - 1);
        event_time_write(ending.until, until);
        text_add(&words, "the first is ");
        text_add_slice(&words, ending.mn);
        text_add(&words, ", until ");
        text_add(&words, until);
        space[words.size] = '\0';
        vitals_because(&hub->watch.vitals, HEALTH_KEYS, space);
    }
}

static void watch_redis(struct hub *hub, struct mono_time now)
{
    struct counters *counters = &hub->watch.counters;
    struct vitals *vitals = &hub->watch.vitals;
    struct redis_sink_figures figures = redis_sink_figures(hub->redis);
    lasts(vitals, HEALTH_REDIS, !figures.connected, now);
    if (!figures.connected) {
        vitals_because(vitals, HEALTH_REDIS, figures.error);
    }
    vitals_count(vitals, HEALTH_REDIS_LAG, (int64_t)figures.lag);
    gauge_set(counters, GAUGE_REDIS_CONNECTED, figures.connected);
    gauge_set(counters, GAUGE_REDIS_LAG, (int64_t)figures.lag);
    counter_set(counters, COUNTER_REDIS_CONNECTS, figures.connects);
    counter_set(counters, COUNTER_REDIS_REBUILDS, figures.rebuilds);
    if (figures.taken_over) {
        log_event(LOG_WARN, "area-taken-over", "where=redis");
        hub->exit_status = 0;
        hub->stopping = true;
        hub->taken_over = true;
    }
}

enum status hub_watch_start(struct hub *hub)
{
    errand_init(&hub->errand, hub->wake_fd);
    hub->watch.control = errand_ask;
    hub->watch.context = &hub->errand;
    vitals_begin(&hub->watch.vitals, HEALTH_START, clock_mono());
    return watch_start(&hub->watch, hub->config);
}

/* Once a turn the age of the loop and what is asked; figures once a tick. */
void hub_watch_turn(struct hub *hub, bool tick)
{
    struct mono_time now = clock_mono();
    vitals_well(&hub->watch.vitals, HEALTH_START);
    vitals_since(&hub->watch.vitals, HEALTH_LOOP, now);
    gauge_set(&hub->watch.counters, GAUGE_TICK_TIME, clock_wall().ms);
    run_errands(hub);
    watch_session(hub, now);
    if (tick) {
        watch_journal(hub, now);
        watch_pipeline(hub);
        watch_requests(hub);
        watch_keys(hub);
        watch_redis(hub, now);
    }
}

void hub_watch_stop(struct hub *hub)
{
    errand_close(&hub->errand);
    watch_stop(&hub->watch);
}
