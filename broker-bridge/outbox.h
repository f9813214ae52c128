/* outbox -- what was said about alarms, published over MQTT until the broker has acknowledged it.
 *
 *   said stream --transition--> alarm/event, alarm/open/<id> (retained), <mn>/down/alarm of the plant
 *               --result-----> alarm/cmd/<user>/result
 *
 * Source   design: "Effects, once": done at PUBACK; after a crash the rest is sent again with the same
 *          ids; the retained open alarms are read back at each connect and repaired.
 * Shape    a cursor over the committed part of the said stream, with a window of records in flight. The
 *          plant hears of its alarms at each of its devices' topics; of S3 and S4 before the officers do.
 * Memory   fixed.
 * Errors   none: while the session is down nothing moves. What the broker refuses counts as done: it
 *          stands in the journal and in Redis.
 * Threads  the hub's thread, except outbox_published (Paho's).
 */
#ifndef BROKER_BRIDGE_OUTBOX_H
#define BROKER_BRIDGE_OUTBOX_H

#include "broker-bridge/counters.h"
#include "broker-bridge/session.h"
#include "journal/journal.h"
#include "schemas/registry.h"

struct outbox;

/* from: the said sequence up to which MQTT had acknowledged. How long alarms take is measured of what is
 * said after `measured`: what waited for the start tells of an outage. */
struct outbox *outbox_new(const char *directory, struct slice area, uint64_t from,
    uint64_t measured, struct counters *counters);
void outbox_free(struct outbox *outbox);

struct outbox_turn {
    struct session *session;
    const struct registry *registry; /* in force: whose alarm is it? */
    uint64_t committed;              /* of the said stream */
    int64_t now_ms;
};

/* Publish what is committed and not yet under way. Returns the last said record with something to publish
 * that is acknowledged, so that the caller can journal it when it has grown. */
uint64_t outbox_pump(struct outbox *outbox, const struct outbox_turn *turn);

/* The session came up again: what was under way is sent once more. */
void outbox_restart(struct outbox *outbox);
void outbox_published(struct outbox *outbox, uint64_t ticket, enum publish_end end);
size_t outbox_pending(const struct outbox *outbox);
uint64_t outbox_acknowledged(const struct outbox *outbox); /* all up to this said record is done */

#endif
