/* bench_server -- no broker in the way: accepts one MQTT 5 client, and pushes devices' messages at it.
 *
 *   bench_server AREA DEVICES
 *
 * Prints its port. Answers what a client asks (subscriptions, pings, publishes), and sends back what is
 * published to .../hub/probe, by which the hub sees that nothing is queued before it. For each line
 * "COUNT BASE_MS" read, sends so many with QoS 1, never more than the window unacknowledged, and prints
 * when the first was sent and the last acknowledged (CLOCK_MONOTONIC, ns). Ends when the client goes.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/fleet.h"

enum { WINDOW = 1000 }; /* the client's Receive Maximum */

struct server {
    struct fleet fleet;
    struct wire wire;
    size_t next, acknowledged;
    int64_t begun_ns;
};

static int listen_somewhere(void)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof where;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&where, size) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&where, &size) != 0) {
        wire_die("listen");
    }
    printf("%d\n", ntohs(where.sin_port));
    fflush(stdout);
    return listener;
}

/* Packet id, properties, then filters of two bytes of length, text and options: a code for each. */
static void grant(struct server *server, struct slice body)
{
    uint8_t answer[64] = {body.ptr[0], body.ptr[1], 0};
    size_t size = 3;
    struct slice rest = slice_tail(body, 3 + (size_t)body.ptr[2]);
    while (rest.size > 2 && size < sizeof answer) {
        answer[size++] = 1;
        rest = slice_tail(rest, 2 + (size_t)wire_id(rest) + 1);
    }
    wire_packet(&server->wire, WIRE_SUBACK << 4, slice_from(answer, size));
}

static bool ends_with(struct slice text, const char *end)
{
    size_t size = strlen(end);
    return text.size >= size && slice_is(slice_tail(text, text.size - size), end);
}

static void take_publish(struct server *server, const struct wire_packet *packet)
{
    struct wire_message message = wire_message_of(&server->wire, packet);
    if (message.id != 0) {
        wire_acknowledge(&server->wire, message.id);
    }
    if (ends_with(message.topic, "/hub/probe")) {
        message.id = 0;
        wire_publish(&server->wire, &message);
    }
}

static void take(struct server *server, const struct wire_packet *packet)
{
    static const uint8_t ACCEPTED[3] = {0};
    switch (packet->type) {
    case WIRE_CONNECT:
        wire_packet(&server->wire, WIRE_CONNACK << 4, slice_from(ACCEPTED, sizeof ACCEPTED));
        break;
    case WIRE_SUBSCRIBE:
        grant(server, packet->body);
        break;
    case WIRE_PUBLISH:
        take_publish(server, packet);
        break;
    case WIRE_PUBACK:
        server->acknowledged += 1;
        break;
    case WIRE_PINGREQ:
        wire_packet(&server->wire, WIRE_PINGRESP << 4, (struct slice){0});
        break;
    case WIRE_CONNACK:
    case WIRE_SUBACK:
    case WIRE_PINGRESP:
        break; /* a server's words */
    }
}

static bool turn(struct server *server)
{
    struct fleet *fleet = &server->fleet;
    struct wire_packet packet;
    while (server->next < fleet->count && server->next - server->acknowledged < WINDOW &&
           wire_room(&server->wire)) {
        struct wire_message message = fleet_message(fleet, server->next);
        message.id = (uint16_t)(server->next % 65535 + 1);
        wire_publish(&server->wire, &message);
        server->next += 1;
    }
    bool there = wire_turn(&server->wire);
    while (wire_room(&server->wire) && wire_next(&server->wire, &packet)) {
        take(server, &packet);
    }
    return there;
}

static bool begin(struct server *server)
{
    size_t count;
    long long base_ms;
    if (scanf("%zu %lld", &count, &base_ms) != 2) {
        return false;
    }
    fleet_messages(&server->fleet, (struct event_time){base_ms}, count, false, 0);
    server->next = 0;
    server->acknowledged = 0;
    server->begun_ns = wire_now_ns();
    return true;
}

static void serve(struct server *server)
{
    bool busy = false;
    for (;;) {
        struct pollfd fds[] = {
            {server->wire.fd, server->wire.out_used > 0 ? POLLIN | POLLOUT : POLLIN, 0},
            {STDIN_FILENO, POLLIN, 0}};
        poll(fds, busy ? 1 : 2, -1);
        if (!busy && fds[1].revents != 0) {
            busy = begin(server);
            if (!busy) {
                return;
            }
        }
        if (!turn(server)) {
            return;
        }
        if (busy && server->acknowledged == server->fleet.count) {
            printf("%lld %lld\n", (long long)server->begun_ns, (long long)wire_now_ns());
            fflush(stdout);
            busy = false;
        }
    }
}

int main(int argc, char **argv)
{
    static struct server server;
    int one = 1;
    if (argc != 3) {
        fputs("usage: bench_server AREA DEVICES\n", stderr);
        return 2;
    }
    setvbuf(stdin, NULL, _IONBF, 0); /* poll sees what a buffer would hide */
    fleet_read(&server.fleet, argv[2], argv[1]);
    int listener = listen_somewhere();
    server.wire.fd = accept(listener, NULL, NULL);
    server.wire.five = true;
    setsockopt(server.wire.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(server.wire.fd, F_SETFL, O_NONBLOCK);
    serve(&server);
    return 0;
}
