/* pipeline -- step: the state and one record of what came -> the effects. The heart of the hub.
 *
 *   record -> decode -> judge -> duplicate? -> samples -> votes -> transitions -> effects
 *
 * Source   design: ideas 2, 4 and 7, "Time", "Verdicts".
 * Shape    a pipeline is a revision (registry and program) and its state, one flat block. Stepping the
 *          same records from the same state gives the same effects, to the byte.
 * Units    ms.
 * Memory   pipeline_prepare allocates; pipeline_step allocates nothing. An effect's slices live until
 *          the sink returns.
 * Errors   pipeline_prepare: STATUS_INVALID with findings. A step has none.
 * Threads  one thread.
 */
#ifndef BROKER_BRIDGE_PIPELINE_H
#define BROKER_BRIDGE_PIPELINE_H

#include "core/report.h"
#include "core/status.h"
#include "core/text.h"
#include "schemas/message.h"
#include "schemas/record.h"
#include "schemas/registry.h"

struct pipeline;

/* A registry and rules, parsed and compiled and laid out, ready to be swapped in by a step. */
struct revision;

MUST_USE enum status revision_prepare(struct slice registry_bundle, struct slice rules_bundle,
    struct slice area, struct revision **revision, struct report *report);
void revision_blank(struct revision *revision); /* as it was prepared: without any state */
void revision_free(struct revision *revision);
const struct registry *revision_registry(const struct revision *revision);

/* The keyring of a RECORD_KEYS (NULL: none), in force from here on; what was before is returned, for the caller to
 * free. Called before that record is stepped; the pipeline owns it. */
struct keyring;
struct keyring *pipeline_take_keys(struct pipeline *pipeline, struct keyring *keys);

struct pipeline *pipeline_new(struct slice area);
void pipeline_free(struct pipeline *pipeline);

enum effect_kind {
    EFFECT_VERDICT, /* counted; message is set; journaled */
    EFFECT_ANSWER,  /* an MQTT publish of QoS 0 to a device: 9014, 9013, verdict; not journaled */
    EFFECT_TRANSITION, /* payload: CloudEvents JSON; journaled, then published and cached */
    EFFECT_QUARANTINE, /* payload: JSON; journaled, then cached */
    EFFECT_RESULT, /* payload: JSON; a command's result; journaled, published if it has a topic */
    EFFECT_REQUEST, /* an MQTT publish of QoS 0 to a device: a host's command, whose intent is said just
                       before; not journaled; sent once, and never by a replay */
    EFFECT_JOINED,  /* payload: JSON; message is set: what was cut into parts; journaled */
    EFFECT_FIGURES, /* payload: JSON: what a report tells; journaled */
};

/* A request that brings a device a new key is made by whoever has the keys: validators/hj212_seal.h. */
struct sealing {
    struct slice mn, key_id, under_id;
    enum crc_kind crc;
};

struct effect {
    enum effect_kind kind;
    uint32_t index;                /* within this step */
    const struct message *message; /* VERDICT, JOINED */
    struct slice topic;            /* ANSWER, RESULT, REQUEST */
    struct slice correlation;
    struct slice payload; /* of all; VERDICT: its journal form */
    uint32_t expiry_s;    /* REQUEST: later it must not reach the device */
    const struct sealing
        *sealing; /* REQUEST: NULL, or the payload is a data segment that is still to be sealed */
    struct slice alarm; /* TRANSITION: its id */
    uint64_t
        onset_record; /* TRANSITION: sequence of the record at which its condition began to hold */
    bool open;        /* TRANSITION: it stays open, and is not held back */
};

typedef void effect_sink(void *context, const struct effect *effect);

/* Step one record. For RECORD_REGISTRY and RECORD_RULES `revision` is what was prepared from it (NULL
 * otherwise); the revision that it replaces, if any, is returned for the caller to free. */
struct revision *pipeline_step(struct pipeline *pipeline, const struct record *record,
    struct revision *revision, effect_sink *emit, void *context);

/* The state as bytes, packed: free() them; and back. A pipeline takes state only into a revision with
 * the same layout. */
struct slice pipeline_pack(const struct pipeline *pipeline);
MUST_USE enum status pipeline_restore(
    struct pipeline *pipeline, struct revision *revision, struct slice packed);

/* As after a restart of the program: everything but the packed bytes of the state is forgotten. */
void pipeline_restart(struct pipeline *pipeline);
uint64_t pipeline_digest(const struct pipeline *pipeline);

const struct registry *pipeline_registry(const struct pipeline *pipeline);

/* Each open alarm, in the order of the instances. */
struct open_alarm {
    const char *alarm; /* its id */
    uint32_t number;   /* of its last transition */
    uint64_t
        onset_record; /* sequence of the record that came at which its condition began to hold */
    bool held_back;   /* suppressed, in shadow or out of service: not announced */
};
typedef void open_alarm_sink(void *context, const struct open_alarm *alarm);
void pipeline_open_alarms(const struct pipeline *pipeline, open_alarm_sink *each, void *context);

/* Every instance, open or not: for the tests that stand in rule files, and for views. */
struct pipeline_instance {
    struct slice rule, subject;
    const char *state, *severity;
};
uint32_t pipeline_instance_count(const struct pipeline *pipeline);
struct pipeline_instance pipeline_instance(const struct pipeline *pipeline, uint32_t index);

/* Why an instance's alarm was raised, or was not, as it stands behind the last record (which must still be there): one
 * JSON object. false: there is no such instance. Looking changes nothing. */
bool pipeline_explain(
    const struct pipeline *pipeline, struct slice rule, struct slice subject, struct text *out);

/* Each filing of the book, as one JSON object. */
typedef void filing_sink(void *context, struct slice filing);
void pipeline_filings(const struct pipeline *pipeline, filing_sink *each, void *context);

/* Bytes of state: what tells duplicates; what rules and alarms keep of live data, what that may still grow by if each of
 * them has an alarm at once, and what they may keep of late data, until which that is no memory; and the rest. */
struct state_share {
    size_t ring, live, reserve, late, rest;
};

/* Of each device; the last share, behind those of all devices, is nobody's: of towns, the area and the hub. Together
 * they are all of the state. */
void pipeline_shares(const struct pipeline *pipeline, struct state_share *shares);

struct pipeline_figures {
    uint64_t received; /* the sum of the verdicts */
    uint64_t verdicts[VERDICT_KIND_COUNT];
    uint64_t alarms_open;
    uint64_t alarms_open_by_severity[5]; /* index: enum severity */
    uint32_t devices;
    uint32_t devices_seen;  /* those accepted at least once */
    uint64_t late_messages; /* judged as late */
    uint64_t
        late_forgotten; /* values of theirs that are not there any more for devices that come later still */
};
/* Requests to devices: how many are open, and how those that were have ended. */
struct request_figures {
    uint64_t open, done, failed, refused, timed_out, unknown;
    uint64_t unheard; /* in a row, up to the last one */
    uint64_t gaps;    /* in data of periods */
};
struct request_figures pipeline_requests(const struct pipeline *pipeline);

/* Devices of the registry that have no key for the next two weeks (somebody has to make one), and the first to end. */
struct keys_ending {
    int64_t devices;
    struct slice mn; /* the keyring's */
    struct event_time until;
};
struct keys_ending pipeline_keys_ending(const struct pipeline *pipeline, struct event_time now);

struct pipeline_figures pipeline_figures(const struct pipeline *pipeline);

#endif
