/* record -- one entry of the journal: what came, or what was said.
 *
 * Source   design: "Journal"; the bytes on disk are described in docs/journal.md.
 * Shape    a kind, who wrote it when, and a payload whose form the kind decides.
 * Units    ms; sequence counts the records of one stream from 1 and never goes back.
 * Memory   slices borrow from the mapped segment or the caller's buffer.
 * Threads  plain data.
 */
#ifndef SCHEMAS_RECORD_H
#define SCHEMAS_RECORD_H

#include "core/time.h"

enum record_kind {
    /* what came */
    RECORD_START = 1,    /* program started: payload JSON {version, epoch, area} */
    RECORD_MESSAGE = 2,  /* an MQTT message as it arrived */
    RECORD_TICK = 3,     /* payload: struct tick_payload */
    RECORD_REGISTRY = 4, /* payload: the canonical registry */
    RECORD_RULES = 5,    /* payload: the canonical rules */
    RECORD_COMMAND = 6,  /* a local command (quarantine release ...): flat JSON */
    RECORD_KEYS = 7,     /* payload: the keyring in force, without its keys: validators/keyring.h */
    /* what was said; `cause` is the sequence of the record that came and `index` counts within it */
    RECORD_VERDICT = 16,    /* payload: struct verdict_payload */
    RECORD_TRANSITION = 17, /* payload: the CloudEvents JSON that is published */
    RECORD_QUARANTINE = 18, /* payload: JSON: what was quarantined and why */
    RECORD_RESULT = 19,     /* payload: JSON: a command's result; topic: where it goes */
    RECORD_NOTICE =
        20, /* payload: JSON: something the hub says about itself (reload refused ...) */
    RECORD_JOINED = 21,  /* payload: JSON: the message that sub-packets were cut from, joined */
    RECORD_FIGURES = 22, /* payload: JSON: what a report tells of a period and a subject */
    RECORD_COMMIT = 31,  /* payload: struct commit_payload; closes a batch of both streams */
    RECORD_PUBLISHED =
        32, /* payload: u64, little endian: MQTT has acknowledged what was said up to here */
};

/* Said by a step: `cause` and `index` tell which and where. */
static inline bool record_is_effect(enum record_kind kind)
{
    return kind >= RECORD_VERDICT && kind < RECORD_COMMIT && kind != RECORD_NOTICE;
}

enum session_state { SESSION_DOWN, SESSION_DRAINING, SESSION_UP };

struct record {
    enum record_kind kind;
    uint32_t epoch;
    uint64_t sequence;
    uint64_t cause;         /* said: sequence of what came; else 0 */
    uint32_t index;         /* said: counts the effects of one cause from 0 */
    struct event_time wall; /* arrival, or when it was said */
    struct mono_time mono;
    bool clock_synchronised;
    uint8_t qos;
    bool dup, retain;
    enum session_state session; /* how the bus was when it came */
    struct slice topic;
    struct slice response_topic; /* empty: none */
    struct slice correlation;
    struct slice payload;
};

#endif
