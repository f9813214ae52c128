/* session_state -- what the session holds; private to session*.c.
 *
 * Threads  `connect`, `arrive` and the acknowledgements of `publish` run on Paho's; the rest on the hub's.
 */
#ifndef BROKER_BRIDGE_SESSION_STATE_H
#define BROKER_BRIDGE_SESSION_STATE_H

#include <MQTTAsync.h>
#include <pthread.h>
#include <stdatomic.h>

#include "broker-bridge/session.h"

enum { TOPIC_SIZE = 160, RETAINED_MAX = 65536, REASON_SIZE = 160 };

/* mosquitto's count of what found its queue full: the only word it says about that. */
#define BROKER_DROPPED_TOPIC "$SYS/broker/publish/messages/dropped"

struct session {
    MQTTAsync client;
    struct session_handlers handlers;
    const struct config *config;
    char *password;
    char url[300];
    char will[512];
    char will_topic[TOPIC_SIZE];
    char probe_topic[TOPIC_SIZE];
    char open_prefix[TOPIC_SIZE]; /* of alarm/open/... */
    char nonce[40];

    _Atomic int state;   /* enum session_state */
    _Atomic bool trying; /* a connection attempt or a farewell is under way */
    _Atomic bool forgotten, told_offline;
    _Atomic uint32_t epoch_seen;
    _Atomic int64_t probe_returned_ms;
    _Atomic int64_t dropped; /* by the broker, as it says; 0: it says nothing */

    pthread_mutex_t lock; /* reason and retained */
    char reason[REASON_SIZE];
    char reason_told[REASON_SIZE]; /* the hub's copy */
    struct retained_alarm *retained;
    size_t retained_count;
};

void session_wake(const struct session *session);

/* Hang up with this reason code; the session is idle once the broker has been told. */
void session_hang_up(struct session *session, enum MQTTReasonCodes reason);

void session_set_reason(struct session *session, const char *what, const char *why, int code);

/* The session is down, and why. */
void session_fail(struct session *session, const char *what, const char *why, int code);

/* A property of two bytes or of four. */
void session_add_number(
    MQTTProperties *properties, enum MQTTPropertyCodes code, uint32_t value, bool two_bytes);

/* Paho's callbacks. */
MQTTAsync_messageArrived session_arrived;
MQTTAsync_connectionLost session_lost;
MQTTAsync_disconnected session_disconnected;

#endif
