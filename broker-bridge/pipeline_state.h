/* pipeline_state -- a revision, and the flat block of state laid out by it.
 *
 *   | head | devices | rings of device 0, 1, ... | their parts | detectors | alarms | tallies | commands | exchanges | filings | waits |
 *   | of what came late: detectors, alarms, gaps, values |
 *
 * Source   design: idea 5 (memory per device is known before the first message), "Journal"
 *          (checkpoints), "Registry".
 * Shape    offsets into one block of bytes without pointers: its bytes are a checkpoint.
 * Memory   the revision owns registry, program and the block; all of it is allocated in revision_prepare.
 * Errors   none after revision_prepare.
 * Threads  one thread.
 * Limits   private to the pipeline: nobody else includes it.
 */
#ifndef BROKER_BRIDGE_PIPELINE_STATE_H
#define BROKER_BRIDGE_PIPELINE_STATE_H

#include "alarms/tally.h"
#include "broker-bridge/pipeline.h"
#include "core/text.h"
#include "detectors/program.h"
#include "exchanges/order.h"
#include "filings/filings.h"
#include "schemas/topic.h"
#include "validators/decode.h"
#include "validators/parts.h"

/* Kinds of data that have a newest of their own: newer data of one says nothing of another. */
enum data_kind {
    DATA_REALTIME,
    DATA_MINUTE,
    DATA_HOUR,
    DATA_DAY,
    DATA_STATE,
    DATA_CHECK,
    DATA_INFORMATION,
    DATA_OTHER
};

enum { DATA_KIND_COUNT = DATA_OTHER + 1, PIPELINE_STATE_VERSION = 29 };

struct state_head {
    uint32_t version;
    uint32_t epoch;
    int64_t hub_ms; /* the hub's own time: runs with elapsed time while the session is up, with
                             the devices' event time while a queue drains, and stands while it is down */
    int64_t listening_ms;   /* the part of it in which the session was up and drained */
    int64_t wall_ms;        /* of the last record */
    int64_t mono_ms;        /* of the last record; what ran since then is not known after a start */
    int64_t drain_until_ms; /* while draining, hub_ms does not pass this */
    uint32_t mono_known;
    uint32_t session; /* enum session_state, from the last record on */
    uint64_t verdicts[VERDICT_KIND_COUNT];
    uint64_t sequence;    /* of the last record stepped */
    uint64_t late_count;  /* messages judged as late; 0: what is of late data is all zero */
    uint32_t late_active; /* alarms of late data that are active */
    uint32_t padding;
};

enum { GAPS_KEPT = 4 };

/* A stretch of which a device's data came late, or that nothing is known of. */
struct gap {
    int64_t from_ms, to_ms; /* event time of the data before it and behind it */
    uint64_t first_record, last_record;
    uint32_t count; /* records that filled it */
    uint32_t device;
};

struct late_state {
    struct gap gap; /* the one that is being filled */
    int64_t hub_ms; /* when late data came last */
    uint32_t next, padding;
    struct {
        int64_t from_ms, to_ms;
    } gaps[GAPS_KEPT]; /* where live data left time out */
};

struct device_state {
    int64_t newest_ms[DATA_KIND_COUNT]; /* event time of the newest data of each kind */
    int64_t hub_ms;                     /* when the newest real-time data came */
    uint64_t accepted;
    struct late_state late;
};

struct revision {
    struct slice registry_bundle, rules_bundle; /* owned copies */
    struct registry registry;
    struct program *program;
    struct alarm_table alarms, late_alarms;
    const struct instance **instances; /* what alarms.instances points to */

    size_t device_at, ring_at, parts_at, detectors_at, alarms_at, tallies_at, commands_at,
        exchanges_at, filings_at, waits_at, late_detectors_at, late_alarms_at, late_gaps_at,
        recall_at;         /* into block */
    size_t *ring_offsets;  /* device_count + 1, from ring_at */
    uint32_t *parts_order; /* of each device, among those that have parts; NONE: it has none */
    size_t size;
    uint8_t *block;
};

/* Of one publish to a device: with its topic within the shipped broker's max_packet_size, which would else
 * end the hub's session. */
enum { DOWN_SIZE_MAX = 60 * 1024 };

struct pipeline {
    struct slice area;         /* owned */
    struct revision *revision; /* never NULL: an empty revision at first */
    struct keyring *keys;      /* in force; NULL: none */
    struct decoder decoder;

    /* For the duration of one step. */
    const struct record *record;
    effect_sink *emit;
    void *context;
    uint32_t index;
    int64_t step_hub_ms;  /* hub_ms at the record itself */
    bool listened;        /* the time that passes now is time in which the hub listened */
    struct text answers;  /* frames to the device of this payload */
    struct text verdicts; /* verdict lines to it */
    struct text json;
    struct sample samples[READINGS_MAX]; /* not on the stack, which is zeroed for every message */
    struct joined joined;                /* likewise */
    uint32_t late_device;                /* whose late data is judged now; NONE: none is */
    bool late_begins;                    /* it goes on where live data broke off */
    bool retrospective;                  /* what is told now is of late data */
    bool followed;                       /* by a vote of live data */
    uint64_t verdicts_omitted;
    const struct topic *to; /* whom they go to; NULL: nobody is told */
    struct event_time arrival;
    char answer_space[DOWN_SIZE_MAX];
    char verdict_space[DOWN_SIZE_MAX];
    char json_space[16 * 1024];
    char text_space[4 * 1024];
    char topic_space[160];
};

struct state_head *revision_head(const struct revision *revision);
struct device_state *revision_device(const struct revision *revision, uint32_t device);
void *revision_ring(const struct revision *revision, uint32_t device);
void *revision_parts(const struct revision *revision, uint32_t device); /* NULL: it has none */
void *revision_waits(const struct revision *revision); /* timers: when a device's parts are due */
void *revision_detectors(const struct revision *revision);
void *revision_alarms(const struct revision *revision);
struct alarm_tallies *revision_tallies(const struct revision *revision);
void *revision_commands(const struct revision *revision);
void *revision_exchanges(const struct revision *revision);
void *revision_late_detectors(const struct revision *revision);
void *revision_late_alarms(const struct revision *revision);
void *revision_recall(const struct revision *revision);
struct gap *revision_late_gap(
    const struct revision *revision, uint32_t instance); /* that raised it */
struct filing_book *revision_filings(const struct revision *revision);

/* What stays valid of the old revision's state goes over into the new revision's zeroed block; and, once that is in force,
 * what the alarms of the new one make of it. */
void revision_carry(struct pipeline *pipeline, struct revision *from, struct revision *to);
void revision_settle(struct pipeline *pipeline);

/* pipeline_effect.c: what leaves a step. */
void effect_send(struct pipeline *pipeline, struct effect effect);
struct event_time wall_at(const struct pipeline *pipeline, int64_t hub_ms);
void effect_verdict(struct pipeline *pipeline, const struct message *message);
void effect_joined(struct pipeline *pipeline, const struct joined *joined);
void effect_figures(struct pipeline *pipeline, const struct vote *vote);
struct text *effect_json(struct pipeline *pipeline); /* the room for one, begun */

/* pipeline_alarm.c: what is said of an alarm. */
void effect_transition(struct pipeline *pipeline, const struct transition *transition);

/* pipeline_answer.c: what a device is told. */
void answers_begin(struct pipeline *pipeline, const struct topic *to, struct event_time arrival);
void answer_message(struct pipeline *pipeline, const struct message *message, uint32_t device);
void answers_send(struct pipeline *pipeline); /* what is answered so far, before what follows */
void answers_end(struct pipeline *pipeline);
void answer_joined(struct pipeline *pipeline, const struct joined *joined);

/* What is being judged came on new/<user>: `to` names that user, and no device. */
static inline bool answers_new(const struct pipeline *pipeline)
{
    return pipeline->to != NULL && pipeline->to->kind == TOPIC_NEW_UP_HJ212;
}

/* pipeline_exchange.c: the host's requests to devices. */
void exchange_command(struct pipeline *pipeline, struct slice by, struct slice payload);
void exchange_hear(struct pipeline *pipeline, const struct message *message);
void exchange_hear_new(struct pipeline *pipeline, const struct message *message);
void exchange_time(struct pipeline *pipeline);
void exchange_tick(struct pipeline *pipeline);
void exchange_restart(struct pipeline *pipeline);
void exchange_drop(struct pipeline *pipeline, const struct registry *to);

/* pipeline_key.c: an order to set a key, its CP and what it is sent under, by what the journal knows of keys; present: hash64 of the
 * id of the one that the device uses. */
enum exchange_refusal key_order(
    const struct pipeline *pipeline, uint64_t present, struct order_draft *draft);

/* pipeline_filing.c: what plants and the bureau tell. */
void filing_told(struct pipeline *pipeline, const struct topic *topic);
void filing_told_here(struct pipeline *pipeline, struct slice by, struct slice payload);

/* pipeline_feed.c: readings that the registry names, to the detectors. */
int data_cn(const struct message *message);
enum data_kind data_kind_of(int cn);
size_t gather_samples(struct pipeline *pipeline, const struct message *message, uint32_t device);
/* An accepted message with so many samples; newest: real-time data newer than any before. */
void feed_message(struct pipeline *pipeline, const struct message *message, uint32_t device,
    size_t count, bool newest);
void feed_other(struct pipeline *pipeline, const struct message *message); /* any other */
void feed_held(struct pipeline *pipeline, uint32_t device, struct event_time event, size_t count);

/* pipeline_late.c: data that came late is judged too, in event time, in a state of its own. */
bool late_is(
    const struct pipeline *pipeline, uint32_t device, enum data_kind kind, struct event_time event);
void late_note(
    struct pipeline *pipeline, uint32_t device, enum data_kind kind, struct event_time event);
void late_feed(struct pipeline *pipeline, uint32_t device, enum data_kind kind,
    struct event_time event, size_t count);
void late_gap_left(struct pipeline *pipeline, uint32_t device, struct event_time event);
void late_follow(struct pipeline *pipeline, struct alarm_vote *vote); /* a vote of live data */
void late_transition(void *context, const struct transition *transition);
int64_t late_due(const struct pipeline *pipeline); /* of its alarms: what is set aside */
void late_carry(struct pipeline *pipeline, struct revision *from, struct revision *to);

/* pipeline_parts.c: sub-packets, whose items count when they are joined, or alone: if `counts`, or late. */
void take_part(struct pipeline *pipeline, const struct message *message, uint32_t device,
    bool counts, bool late);

/* What was held of older data of this kind counts before newer data does. */
void release_parts(
    struct pipeline *pipeline, uint32_t device, enum data_kind kind, struct event_time newer);
int64_t parts_due_next(const struct pipeline *pipeline);
void parts_time_out(struct pipeline *pipeline); /* what is due at the head's hub_ms */

/* pipeline_time.c: the hub's time, and what fell due in it. */
void time_advance(struct pipeline *pipeline);
void time_drained_to(struct pipeline *pipeline, uint32_t device, struct event_time event);
struct moment time_moment(const struct pipeline *pipeline);
struct alarm_vote alarm_vote_of(const struct pipeline *pipeline, const struct vote *vote);
void vote_taken(void *context, const struct vote *vote); /* vote_sink; context: the pipeline */
void transition_made(void *context, const struct transition *transition);

#endif
