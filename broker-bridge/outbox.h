/* outbox -- what was said about alarms, published over MQTT until the broker has acknowledged it.
 *
 *   said stream --transition--> alarm/event, alarm/open/<id> (retained), <mn>/down/alarm
 *               --result-----> alarm/cmd/<user>/result
 *
 * Source   design: "Effects, once": done at PUBACK; after a crash the rest is sent again with the same
 *          ids; the retained open alarms are read back at each connect and repaired.
 * Shape    a cursor over the committed part of the said stream, with a window of records in flight.
 * Memory   fixed.
 * Errors   none: while the session is down nothing moves.
 * Threads  the hub's thread, except outbox_published (Paho's).
 */
#ifndef BROKER_BRIDGE_OUTBOX_H
#define BROKER_BRIDGE_OUTBOX_H

#include "broker-bridge/counters.h"
#include "broker-bridge/session.h"
#include "journal/journal.h"

struct outbox;

/* from: the said sequence up to which MQTT had acknowledged. How long alarms take is measured of what is
 * said after `measured`: what waited for the start tells of an outage. */
struct outbox *outbox_new(const char *directory, struct slice area, uint64_t from,
    uint64_t measured, struct counters *counters);
void outbox_free(struct outbox *outbox);

struct outbox_progress {
    uint64_t published; /* the last said record with something to publish that is acknowledged */
};

/* Publish what is committed and not yet under way, and say how far all is acknowledged, so that the
 * caller can journal it when it has grown. */
struct outbox_progress outbox_pump(
    struct outbox *outbox, struct session *session, uint64_t committed);

/* The session came up again: what was under way is sent once more. */
void outbox_restart(struct outbox *outbox);
void outbox_published(struct outbox *outbox, uint64_t ticket, bool acknowledged);
size_t outbox_pending(const struct outbox *outbox);

#endif
