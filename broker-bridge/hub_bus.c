#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker-bridge/hub_state.h"
#include "core/backoff.h"
#include "core/clock.h"
#include "core/hash.h"
#include "core/log.h"
#include "schemas/topic.h"
#include "version.h"

enum { PROBE_MS = 10 * SECOND_MS };

/* On Paho's thread: the record is complete in the mapped segment when this returns; then PUBACK. */
void hub_arrived(void *context, const struct record *record)
{
    struct hub *hub = context;
    uint64_t sequence, one = 1;
    struct record kept = *record;
    kept.epoch = atomic_load(&hub->epoch);
    enum status status = journal_append(hub->journal, STREAM_CAME, &kept, &sequence);
    if (status != STATUS_OK) {
        /* Returning would acknowledge what is not kept; ending does not. */
        log_event(LOG_ERROR, "journal-failed", "what=append-came status=%s", status_name(status));
        abort();
    }
    counter_add(&hub->watch.counters, COUNTER_MESSAGES, 1);
    counter_add(&hub->watch.counters, COUNTER_MESSAGE_BYTES, record->payload.size);
    ssize_t written = write(hub->wake_fd, &one, sizeof one);
    (void)written; /* a full eventfd is awake already */
}

void hub_published(void *context, uint64_t ticket, enum publish_end end)
{
    struct hub *hub = context;
    uint64_t one = 1;
    if (ticket != UINT64_MAX) {
        outbox_published(hub->outbox, ticket, end);
    }
    counter_add(&hub->watch.counters, COUNTER_PUBLISHES, end == PUBLISH_DONE ? 1 : 0);
    counter_add(&hub->watch.counters, COUNTER_PUBLISHES_REFUSED, end == PUBLISH_REFUSED ? 1 : 0);
    ssize_t written = write(hub->wake_fd, &one, sizeof one);
    (void)written;
}

/* The words of birth and will; only the state differs. */
static void write_presence(const struct hub *hub, const char *state, struct text *json)
{
    text_add_byte(json, '{');
    text_add_field(json, "state", slice_of(state));
    text_add_field_int(json, "epoch", atomic_load(&hub->epoch));
    text_add_field(json, "version", slice_of(HJHUB_VERSION));
    text_add_field(json, "area", hub->area);
    text_add_field_time(json, "at", clock_wall());
    text_add_byte(json, '}');
}

enum status hub_publish(
    struct hub *hub, enum topic_kind kind, struct slice name, struct slice payload, bool retain)
{
    char space[160];
    struct text topic = text_in(space, sizeof space);
    topic_write(&topic, kind, hub->area, name);
    struct publish publish = {
        .topic = text_slice(&topic),
        .payload = payload,
        .qos = retain ? 1 : 0,
        .retain = retain,
        .expiry_s = retain ? 0 : 60,
        .content_type = payload.size == 0 ? NULL : "application/json",
        .ticket = UINT64_MAX,
    };
    return session_publish(hub->session, &publish);
}

static void schedule_connect(struct hub *hub, int64_t now_ms)
{
    hub->connect_failures += 1;
    hub->next_connect_ms =
        now_ms + backoff_ms(hub->connect_failures, hash64_seeded(hub->area, (uint64_t)now_ms));
}

static void connect_now(struct hub *hub)
{
    char space[400];
    struct text will = text_in(space, sizeof space);
    write_presence(hub, "offline", &will);
    hub->birth_due = true;
    hub->next_connect_ms = INT64_MAX;
    session_connect(hub->session, text_slice(&will));
}

/* design, "Growing past one machine": at the start a birth that is not lower lifts our epoch, and the
 * will must carry it; later a higher one means that another hub has taken the area. */
static bool epoch_holds(struct hub *hub)
{
    uint32_t seen = session_epoch_seen(hub->session);
    uint32_t own = atomic_load(&hub->epoch);
    bool first = hub->first_connection;
    hub->first_connection = false;
    if (first && seen >= own) {
        atomic_store(&hub->epoch, seen + 1);
        log_event(LOG_INFO, "epoch-lifted", "from=%u to=%u", own, seen + 1);
        if (hub_append_start(hub) != STATUS_OK) {
            log_event(LOG_ERROR, "journal-failed", "what=append-start");
            hub->exit_status = 1;
            hub->stopping = true;
        }
        session_disconnect(hub->session);
        hub->next_connect_ms = clock_mono().ms;
        return false;
    }
    if (!first && seen > own) {
        log_event(LOG_WARN, "area-taken-over", "own_epoch=%u seen_epoch=%u", own, seen);
        hub->exit_status = 0;
        hub->stopping = true;
        hub->taken_over = true;
        return false;
    }
    return true;
}

static enum status publish_birth(struct hub *hub)
{
    char space[400];
    struct text birth = text_in(space, sizeof space);
    bool told = session_told_offline(hub->session); /* a will of before; this birth is the answer */
    (void)told;
    write_presence(hub, "online", &birth);
    return hub_publish(hub, TOPIC_HUB, (struct slice){0}, text_slice(&birth), true);
}

static void came_up(struct hub *hub, int64_t now_ms)
{
    if (!epoch_holds(hub) || publish_birth(hub) != STATUS_OK) {
        return;
    }
    hub->birth_due = false;
    hub->connect_failures = 0;
    hub->next_probe_ms = now_ms + PROBE_MS;
    hub->next_health_ms = now_ms;
    hub_repair(hub);
    outbox_restart(hub->outbox);
    log_event(LOG_INFO, "session-up", "epoch=%u", atomic_load(&hub->epoch));
}

/* A broker that lost its files, or a hub away for longer than the session's expiry. */
static void note_session(struct hub *hub)
{
    if (session_forgotten(hub->session) && hub->session_expected) {
        counter_add(&hub->watch.counters, COUNTER_SESSIONS_FORGOTTEN, 1);
        log_event(LOG_WARN, "session-forgotten",
            "lost=\"what the broker had queued for the hub\" next=\"devices resend what was not "
            "answered\"");
    }
    hub->session_expected = true;
}

/* An empty queue drains between two turns: what follows a connect is done however far it has come. */
static void log_change(struct hub *hub, enum session_state state)
{
    char words[240];
    if (state == SESSION_DOWN) {
        counter_add(&hub->watch.counters, COUNTER_SESSION_LOSSES, 1);
        log_event(LOG_WARN, "session-down", "reason=%s",
            log_quoted(slice_of(session_reason(hub->session)), words, sizeof words));
    } else if (hub->session_was == SESSION_DOWN) {
        counter_add(&hub->watch.counters, COUNTER_CONNECTS, 1);
        hub->connect_reason[0] = '\0';
        note_session(hub);
        log_event(LOG_INFO, "session-draining", "epoch=%u", atomic_load(&hub->epoch));
    }
}

/* The hub's topic while it is up: a later hub ends this one; a will of an earlier connection, which a
 * broker may publish late, would leave this one retained as offline. */
static void watch_presence(struct hub *hub)
{
    if (session_epoch_seen(hub->session) > atomic_load(&hub->epoch)) {
        hub->birth_due = !epoch_holds(hub);
    } else if (session_told_offline(hub->session)) {
        hub->birth_due = publish_birth(hub) != STATUS_OK;
        log_event(LOG_INFO, "birth-renewed", "epoch=%u", atomic_load(&hub->epoch));
    }
}

/* Once a reason: a broker that is away for a night fills no log. */
static void log_failure(struct hub *hub)
{
    char words[240];
    const char *reason = session_reason(hub->session);
    counter_add(&hub->watch.counters, COUNTER_CONNECTS_FAILED, 1);
    if (strcmp(reason, hub->connect_reason) != 0) {
        snprintf(hub->connect_reason, sizeof hub->connect_reason, "%s", reason);
        log_event(LOG_WARN, "connect-failed", "reason=%s",
            log_quoted(slice_of(reason), words, sizeof words));
    }
}

/* A full journal: take what is in flight, leave, and let the broker queue until there is room. */
static void watch_room(struct hub *hub, int64_t now_ms)
{
    bool room = journal_has_room(hub->journal);
    if (!room && !hub->journal_full) {
        log_event(LOG_ERROR, "journal-full",
            "next=\"make room on the disk; the broker queues meanwhile\"");
    } else if (room && hub->journal_full) {
        log_event(LOG_INFO, "journal-room", "next=connect");
        hub->next_connect_ms = now_ms;
    }
    if (!room && session_state(hub->session) != SESSION_DOWN) {
        session_leave(hub->session); /* also one that came up in the same moment */
    }
    hub->journal_full = !room;
}

static void journal_published(struct hub *hub, uint64_t published)
{
    uint64_t sequence;
    struct record record = {
        .kind = RECORD_PUBLISHED,
        .epoch = atomic_load(&hub->epoch),
        .wall = clock_wall(),
        .mono = clock_mono(),
        .payload = slice_from(&published, sizeof published),
    };
    if (journal_append(hub->journal, STREAM_SAID, &record, &sequence) == STATUS_OK) {
        hub->published = published;
    }
}

void hub_bus(struct hub *hub, int64_t now_ms)
{
    enum session_state state = session_state(hub->session);
    bool attempted = hub->session_was == SESSION_DOWN && hub->next_connect_ms == INT64_MAX;
    watch_room(hub, now_ms);
    if (state != hub->session_was) {
        log_change(hub, state);
        hub->session_was = state;
    }
    if (session_idle(hub->session)) {
        if (attempted) {
            log_failure(hub);
        }
        if (hub->next_connect_ms == INT64_MAX) {
            schedule_connect(hub, now_ms);
        }
        if (now_ms >= hub->next_connect_ms && !hub->journal_full) {
            connect_now(hub);
        }
        return;
    }
    if (state == SESSION_UP && hub->birth_due) {
        came_up(hub, now_ms);
    } else if (state == SESSION_UP) {
        watch_presence(hub);
    }
    if (state == SESSION_UP && now_ms >= hub->next_probe_ms) {
        hub->next_probe_ms = now_ms + PROBE_MS;
        session_probe(hub->session);
    }
    if (!hub->birth_due) {
        struct outbox_turn turn = {
            .session = hub->session,
            .registry = pipeline_registry(hub->pipeline),
            .committed = journal_committed(hub->journal, STREAM_SAID),
            .now_ms = now_ms,
        };
        uint64_t published = outbox_pump(hub->outbox, &turn);
        if (published > hub->published) {
            journal_published(hub, published);
        }
    }
}

void hub_health(struct hub *hub)
{
    char space[800];
    struct text json = text_in(space, sizeof space);
    static const enum verdict_kind KINDS[] = {
        VERDICT_ACCEPTED, VERDICT_DUPLICATE, VERDICT_QUARANTINED, VERDICT_REJECTED};
    struct pipeline_figures figures = pipeline_figures(hub->pipeline);
    text_add_byte(&json, '{');
    text_add_field_time(&json, "at", clock_wall());
    text_add_field_int(&json, "epoch", atomic_load(&hub->epoch));
    text_add_field(&json, "version", slice_of(HJHUB_VERSION));
    text_add_field_int(&json, "received", (int64_t)figures.received);
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        text_add_field_int(&json, verdict_name(KINDS[i]), (int64_t)figures.verdicts[KINDS[i]]);
    }
    text_add_field_int(&json, "alarms_open", (int64_t)figures.alarms_open);
    text_add_field_int(&json, "came", (int64_t)hub->stepped);
    text_add_byte(&json, '}');
    redis_sink_health(hub->redis, text_slice(&json));
    if (session_state(hub->session) == SESSION_UP &&
        hub_publish(hub, TOPIC_HUB_HEALTH, (struct slice){0}, text_slice(&json), false) !=
            STATUS_OK) {
        log_event(LOG_DEBUG, "health-not-sent", "reason=not-connected");
    }
}
