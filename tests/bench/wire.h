/* wire -- as much MQTT as a bench needs, over one socket, with no library's cost in the way.
 *
 *   fixed header: type and flags | length of the rest, 7 bits a byte | body
 *
 * Source   MQTT 3.1.1 and 5.0, chapters 2 and 3: CONNECT, SUBSCRIBE, PUBLISH, PUBACK and their answers.
 * Shape    packets are put into `out` and sent by wire_turn; what came lies in `in` until taken.
 * Memory   two fixed buffers; a packet's body borrows from `in` until the next wire_turn.
 * Errors   a broken connection ends the program with status 2.
 * Threads  one.
 * Limits   QoS 0 and 1; no will, no user; no packet above a quarter of the buffer.
 */
#ifndef TESTS_BENCH_WIRE_H
#define TESTS_BENCH_WIRE_H

#include "core/slice.h"

enum { WIRE_SPACE = 256 * 1024, WIRE_PACKET_MAX = WIRE_SPACE / 4 };

enum wire_type {
    WIRE_CONNECT = 1,
    WIRE_CONNACK,
    WIRE_PUBLISH,
    WIRE_PUBACK,
    WIRE_SUBSCRIBE = 8,
    WIRE_SUBACK,
    WIRE_PINGREQ = 12,
    WIRE_PINGRESP,
};

struct wire {
    int fd;
    bool five; /* MQTT 5: properties stand in its packets */
    size_t in_at, in_used, out_at, out_used;
    uint8_t in[WIRE_SPACE], out[WIRE_SPACE];
};

struct wire_packet {
    enum wire_type type;
    unsigned flags;
    struct slice body;
};

/* A message as it stands in a PUBLISH body. */
struct wire_message {
    struct slice topic, payload;
    uint16_t id; /* 0: QoS 0 */
};

_Noreturn void wire_die(const char *what);
int64_t wire_now_ns(void);

/* Connected to 127.0.0.1 as an MQTT 3.1.1 client. */
void wire_open(struct wire *wire, unsigned port, const char *client_id);
void wire_subscribe(
    struct wire *wire, const char *filter); /* its answer is the caller's to await */

/* Room for one more packet? */
bool wire_room(const struct wire *wire);
void wire_packet(struct wire *wire, unsigned type_and_flags, struct slice body);
void wire_publish(struct wire *wire, const struct wire_message *message);
void wire_acknowledge(struct wire *wire, uint16_t id);

/* Send what goes, take what is there; never waits. false: the other side has gone. */
bool wire_turn(struct wire *wire);
void wire_must_turn(struct wire *wire); /* then the program ends */
bool wire_next(struct wire *wire, struct wire_packet *packet);
struct wire_message wire_message_of(const struct wire *wire, const struct wire_packet *packet);
uint16_t wire_id(struct slice body); /* of a PUBACK, SUBSCRIBE */

#endif
