/* hub_state -- what the hub's thread holds; private to hub*.c.
 *
 * Threads  the hub's thread, except `epoch`, `journal` (appends to CAME) and the outbox's tickets.
 */
#ifndef BROKER_BRIDGE_HUB_STATE_H
#define BROKER_BRIDGE_HUB_STATE_H

#include <stdatomic.h>

#include "broker-bridge/config.h"
#include "broker-bridge/errand.h"
#include "broker-bridge/ledger.h"
#include "broker-bridge/outbox.h"
#include "broker-bridge/pipeline.h"
#include "broker-bridge/session.h"
#include "broker-bridge/watch.h"
#include "journal/checkpoint.h"
#include "journal/journal.h"
#include "schemas/topic.h"
#include "sinks/redis_sink.h"

/* Of one step: two payloads of answers and two of verdicts, and each open request may be due for its repeat. */
enum { ANSWER_SPACE_SIZE = 8 * 1024 * 1024, ANSWERS_MAX = 8192, STEP_ANSWERS_MAX = 4 + 256 };

/* An answer or a request waits here until the commit that covers its record. */
struct answer {
    struct slice topic, payload, correlation; /* in answer_space */
    uint32_t expiry_s;
    struct mono_time came;
};

/* Which effect was the last one said: a replay says nothing again up to here. */
struct said_mark {
    uint64_t cause;
    uint32_t index;
    bool any;
};

struct hub {
    const struct config *config;
    struct slice area;
    struct journal *journal;
    struct journal_reader *came; /* stands behind the last record stepped */
    struct pipeline *pipeline;
    struct session *session;
    struct outbox *outbox;
    struct redis_sink *redis; /* NULL before the start is done */
    struct watch watch;
    struct errand errand;
    uint64_t publish_mark; /* said sequence behind which the outbox waits */
    uint64_t backlog_mark; /* came sequence whose end the backlog's age waits for */
    struct slice registry_bundle, rules_bundle, keys_record; /* in force; owned copies */
    struct keyring *secrets,
        *secrets_read; /* the file's, held and just read; the pipeline has those in force */
    bool keys_missing; /* some that a record names are not in the file: nothing may be decided */
    _Atomic uint32_t epoch;
    int wake_fd, signal_fd;

    struct said_mark said;
    struct ledger ledger;
    uint64_t published; /* said sequence that MQTT has acknowledged, as journaled */
    uint64_t stepped;   /* came sequence that the state stands at; what is committed may be ahead */
    uint64_t checkpointed;             /* came sequence of the newest checkpoint */
    uint64_t replayed;                 /* records, at the start */
    struct checkpoint_job *checkpoint; /* NULL: none is being written */
    const struct record *stepping;

    struct answer *answers;
    size_t answer_count, answer_used;
    char *answer_space;

    int64_t next_tick_ms, next_connect_ms, next_probe_ms, next_checkpoint_ms, next_health_ms;
    uint32_t connect_failures; /* in a row */
    char connect_reason[160];  /* of the last failure that was logged; "": none since a success */
    enum session_state session_was;
    bool birth_due; /* the birth of this epoch has not been published on this connection */
    bool first_connection;
    bool session_expected; /* the broker should have kept one of an earlier connection */
    bool taken_over;       /* another hub serves the area now: its birth must stand */
    bool journal_full;
    bool alarmed; /* this batch said something that Redis should have soon */
    bool stopping;
    int exit_status;
};

/* hub_start.c: from the journal to a hub that stands where it stood. */
MUST_USE enum status hub_start(struct hub *hub);
MUST_USE enum status hub_append_start(struct hub *hub);  /* a start record with the epoch of now */
struct slice hub_own(struct slice bytes);                /* a copy, to be freed */
void hub_replace(struct slice *own, struct slice bytes); /* bytes may be the old ones */
void hub_log_report(const struct report *report, const char *what);
struct redis_target hub_redis_target(const struct config *config);
MUST_USE enum status hub_load_files(
    struct hub *hub, struct report *report); /* registry and rules, when they changed */

/* hub_batch.c: step what came, say it, commit it, let the answers go. */
MUST_USE enum status hub_append(struct hub *hub, enum record_kind kind, struct slice payload);
MUST_USE enum status hub_batch(struct hub *hub); /* STATUS_ABSENT: there was nothing to do */
void hub_step(struct hub *hub, const struct record *record);

/* hub_keys.c: the keyring's file, and which of its keys are in force. */
MUST_USE enum status hub_keys_begin(struct hub *hub); /* before the journal is read */
void hub_keys_take(struct hub *hub, struct slice record);
MUST_USE enum status hub_keys_read(struct hub *hub, struct arena *arena, struct slice *record,
    struct report *report); /* the file again, and what to journal of it; then: */
void hub_keys_settle(
    struct hub *hub, bool hold); /* what was read is held from now on, or forgotten */
void hub_keys_free(struct hub *hub);
bool hub_keys_seal(struct hub *hub, const struct effect *effect,
    struct text *frame); /* false: no frame can bear this key; logged */

/* hub_checkpoint.c: the state as it is now is written, and the journal tidied, beside the loop; one at a
 * time. */
void hub_checkpoint_begin(struct hub *hub);
bool hub_checkpoint_ended(const struct hub *hub); /* begun, and nothing left to wait for */
void hub_checkpoint_end(struct hub *hub); /* waits for it, says how it went; none begun: nothing */

/* hub_bus.c: connect, be born, repair, publish; the first two run on Paho's thread. */
void hub_arrived(void *hub, const struct record *record);
void hub_published(void *hub, uint64_t ticket, enum publish_end end);
void hub_bus(struct hub *hub, int64_t now_ms);
void hub_health(struct hub *hub);
MUST_USE enum status hub_publish(
    struct hub *hub, enum topic_kind kind, struct slice name, struct slice payload, bool retain);

/* hub_watch.c: what operators see, and local commands. */
MUST_USE enum status hub_watch_start(struct hub *hub); /* before hub_start */
void hub_watch_turn(struct hub *hub, bool tick);
void hub_watch_stop(struct hub *hub);

/* hub.c: read the files again; what is refused changes nothing. */
MUST_USE enum status hub_reload(struct hub *hub, struct report *report);

/* hub_release.c: judge a quarantined record again. */
enum http_status hub_release(struct hub *hub, struct slice body, struct text *answer);

/* hub_local.c: from the control socket: what is told or commanded here, and what is filed. */
enum http_status hub_local(
    struct hub *hub, const char *verb, struct slice body, struct text *answer);
enum http_status hub_filings(struct hub *hub, struct text *answer);

/* hub_repair.c: make alarm/open/+ as the broker retains it equal to what is open. */
void hub_repair(struct hub *hub);

#endif
