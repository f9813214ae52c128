/* session -- the hub's one persistent MQTT 5 session: the only user of Paho.
 *
 *   down --connect--> connecting --CONNACK, SUBACK--> draining --own probe comes back--> up
 *
 * Source   design: "The bus", "Growing past one machine"; reference stack.md 2: MQTTAsync, never return
 *          0 from the message callback, automatic reconnect off.
 * Shape    messages that arrive are handed to `arrived` on Paho's receive thread, one bounded copy
 *          each; when it returns, PUBACK goes out. Retained messages of the hub's own (birth, open
 *          alarms) and its probe are kept from it. Everything else about the session is asked for by the
 *          hub's thread, which is woken through wake_fd.
 * Units    s and ms as named.
 * Memory   the session owns copies of what it is given.
 * Errors   a refused connection is a state with a reason; STATUS_CLOSED from publish: not connected.
 * Threads  arrived: Paho's. All other calls: the hub's thread.
 */
#ifndef BROKER_BRIDGE_SESSION_H
#define BROKER_BRIDGE_SESSION_H

#include "broker-bridge/config.h"
#include "core/status.h"
#include "core/text.h"
#include "schemas/record.h"

/* An open alarm as the broker retains it. */
struct retained_alarm {
    char id[128];   /* the last level of its topic, whoever wrote it */
    int64_t number; /* the transition number in it; -1: unreadable */
};

/* How a publish of QoS 1 ended. */
enum publish_end {
    PUBLISH_DONE,    /* the broker has it */
    PUBLISH_REFUSED, /* it never will: not authorized, topic or payload not to its taste */
    PUBLISH_LOST,    /* the connection broke, or the broker could not just now */
};

struct session_handlers {
    void *context;
    void (*arrived)(void *context, const struct record *record);
    /* Once for each publish of QoS 1 that was begun. Any thread. */
    void (*published)(void *context, uint64_t ticket, enum publish_end end);
    int wake_fd; /* an eventfd that is written when the hub's thread should look */
};

struct session;

MUST_USE enum status session_new(
    const struct config *config, const struct session_handlers *handlers, struct session **session);
void session_free(struct session *session);

/* Begin to connect, with this will on the hub topic (the birth is published by the caller). */
void session_connect(struct session *session, struct slice will);
void session_disconnect(struct session *session); /* orderly; the will does not go out */
void session_leave(struct session *session);      /* orderly; the broker publishes the will */

enum session_state session_state(struct session *session);
bool session_idle(struct session *session);          /* down, and no attempt under way */
const char *session_reason(struct session *session); /* of the last failure; "" */

/* At its last connect the broker knew no session of this client: what it had queued is gone. */
bool session_forgotten(struct session *session);

/* The highest epoch of a birth or will seen on this connection; 0: none. */
uint32_t session_epoch_seen(struct session *session);

/* Somebody has said on the hub's topic that it is offline, since this was last asked. */
bool session_told_offline(struct session *session);

/* The open alarms that the broker retained, complete once the session is up. Lives until the next
 * connect. */
size_t session_retained_alarms(struct session *session, const struct retained_alarm **alarms);

struct publish {
    struct slice topic, payload, correlation;
    const char *content_type; /* NULL: none */
    uint8_t qos;
    bool retain;
    uint32_t expiry_s; /* 0: none */
    uint64_t ticket;   /* handed back by `published`; QoS 0: not used */
};

MUST_USE enum status session_publish(struct session *session, const struct publish *publish);

/* What the broker says it has dropped since it started, of whoever's queue (mosquitto does; 0: not told). */
int64_t session_broker_dropped(struct session *session);

/* Send the probe again; its way through the broker and back is the proof that the path is alive. */
void session_probe(struct session *session);
struct mono_time session_probe_returned(struct session *session); /* 0: never */

#endif
