#include "tests/bench/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEADER_MAX = 5, KEEP_ALIVE_S = 60 };

_Noreturn void wire_die(const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(2);
}

int64_t wire_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* --- out --- */

static void put(struct wire *wire, const void *bytes, size_t size)
{
    assert(size <= sizeof wire->out - wire->out_used);
    memcpy(wire->out + wire->out_used, bytes, size);
    wire->out_used += size;
}

static void put_byte(struct wire *wire, unsigned byte)
{
    wire->out[wire->out_used++] = (uint8_t)byte;
}

static void put_short(struct wire *wire, unsigned value)
{
    put_byte(wire, value >> 8);
    put_byte(wire, value & 0xFF);
}

static void put_header(struct wire *wire, unsigned type_and_flags, size_t size)
{
    assert(size + HEADER_MAX <= WIRE_PACKET_MAX && wire_room(wire));
    put_byte(wire, type_and_flags);
    for (; size >= 128; size /= 128) {
        put_byte(wire, (unsigned)(size % 128) | 128);
    }
    put_byte(wire, (unsigned)size);
}

static void put_string(struct wire *wire, struct slice text)
{
    put_short(wire, (unsigned)text.size);
    put(wire, text.ptr, text.size);
}

bool wire_room(const struct wire *wire)
{
    return wire->out_used + WIRE_PACKET_MAX <= sizeof wire->out;
}

void wire_packet(struct wire *wire, unsigned type_and_flags, struct slice body)
{
    put_header(wire, type_and_flags, body.size);
    put(wire, body.ptr, body.size);
}

void wire_publish(struct wire *wire, const struct wire_message *message)
{
    size_t size = 2 + message->topic.size + (message->id != 0 ? 2 : 0) + (wire->five ? 1 : 0) +
                  message->payload.size;
    put_header(wire, WIRE_PUBLISH << 4 | (message->id != 0 ? 2U : 0U), size);
    put_string(wire, message->topic);
    if (message->id != 0) {
        put_short(wire, message->id);
    }
    if (wire->five) {
        put_byte(wire, 0);
    }
    put(wire, message->payload.ptr, message->payload.size);
}

void wire_acknowledge(struct wire *wire, uint16_t id)
{
    put_header(wire, WIRE_PUBACK << 4, 2);
    put_short(wire, id);
}

void wire_subscribe(struct wire *wire, const char *filter)
{
    put_header(wire, WIRE_SUBSCRIBE << 4 | 2, 2 + 2 + strlen(filter) + 1);
    put_short(wire, 1);
    put_string(wire, slice_of(filter));
    put_byte(wire, 1);
}

/* --- over the socket --- */

static void send_out(struct wire *wire)
{
    while (wire->out_at < wire->out_used) {
        ssize_t sent =
            send(wire->fd, wire->out + wire->out_at, wire->out_used - wire->out_at, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            break;
        }
        if (sent <= 0) {
            wire_die("send");
        }
        wire->out_at += (size_t)sent;
    }
    memmove(wire->out, wire->out + wire->out_at, wire->out_used - wire->out_at);
    wire->out_used -= wire->out_at;
    wire->out_at = 0;
}

static bool take_in(struct wire *wire)
{
    memmove(wire->in, wire->in + wire->in_at, wire->in_used - wire->in_at);
    wire->in_used -= wire->in_at;
    wire->in_at = 0;
    ssize_t got = recv(wire->fd, wire->in + wire->in_used, sizeof wire->in - wire->in_used, 0);
    if (got < 0 && errno != EAGAIN && errno != EINTR) {
        wire_die("receive");
    }
    wire->in_used += got > 0 ? (size_t)got : 0;
    return got != 0;
}

bool wire_turn(struct wire *wire)
{
    send_out(wire);
    return take_in(wire);
}

void wire_must_turn(struct wire *wire)
{
    if (!wire_turn(wire)) {
        wire_die("the broker has gone");
    }
}

/* --- in --- */

bool wire_next(struct wire *wire, struct wire_packet *packet)
{
    struct slice rest = slice_from(wire->in + wire->in_at, wire->in_used - wire->in_at);
    size_t size = 0, header = 1;
    for (unsigned shift = 0;; shift += 7) {
        if (header >= rest.size || header > HEADER_MAX) {
            return false;
        }
        size |= (size_t)(rest.ptr[header] & 127) << shift;
        if ((rest.ptr[header++] & 128) == 0) {
            break;
        }
    }
    if (rest.size < header + size) {
        return false;
    }
    *packet = (struct wire_packet){.type = (enum wire_type)(rest.ptr[0] >> 4),
        .flags = rest.ptr[0] & 15,
        .body = slice_from(rest.ptr + header, size)};
    wire->in_at += header + size;
    return true;
}

uint16_t wire_id(struct slice body)
{
    return body.size < 2 ? 0 : (uint16_t)(body.ptr[0] << 8 | body.ptr[1]);
}

struct wire_message wire_message_of(const struct wire *wire, const struct wire_packet *packet)
{
    struct wire_message message = {.topic = slice_tail(packet->body, 2)};
    message.topic = slice_head(message.topic, wire_id(packet->body));
    struct slice rest = slice_tail(packet->body, 2 + message.topic.size);
    if ((packet->flags & 6) != 0) {
        message.id = wire_id(rest);
        rest = slice_tail(rest, 2);
    }
    if (wire->five && rest.size > 0) {
        rest = slice_tail(rest, 1 + (size_t)rest.ptr[0]); /* short properties only */
    }
    message.payload = rest;
    return message;
}

void wire_open(struct wire *wire, unsigned port, const char *client_id)
{
    struct sockaddr_in where = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int one = 1;
    wire->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(wire->fd, (struct sockaddr *)&where, sizeof where) != 0) {
        wire_die("connect");
    }
    setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    put_header(wire, WIRE_CONNECT << 4, 10 + 2 + strlen(client_id));
    put_string(wire, slice_of("MQTT"));
    put_byte(wire, 4); /* 3.1.1 */
    put_byte(wire, 2); /* clean session */
    put_short(wire, KEEP_ALIVE_S);
    put_string(wire, slice_of(client_id));
    struct wire_packet packet = {0};
    do {
        wire_must_turn(wire);
    } while (!wire_next(wire, &packet));
    if (packet.type != WIRE_CONNACK || packet.body.size < 2 || packet.body.ptr[1] != 0) {
        wire_die("connection refused");
    }
    fcntl(wire->fd, F_SETFL, O_NONBLOCK);
}
