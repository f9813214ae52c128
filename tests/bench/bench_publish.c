/* bench_publish -- devices that send, through a broker, over four connections, and time what comes back.
 *
 *   bench_publish PORT AREA DEVICES COUNT BASE_MS quiet|asks [RATE [SPIKE]]
 *
 * Without RATE as fast as a window of unacknowledged messages lets it; with RATE so many a second, and
 * between them it sleeps. asks: the frames ask for an answer, and it is waited for. SPIKE: every so
 * many-th message of a device has a high SO2, and when it was sent is told.
 * Prints one JSON object: when the first was sent, when the last was acknowledged and answered
 * (CLOCK_MONOTONIC, ns), and how long the answers took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <time.h>

#include "tests/bench/fleet.h"

enum { WINDOW = 200, STUCK_MS = 20000 };

struct sender {
    struct fleet fleet;
    struct wire wires[FLEET_CONNECTIONS];
    size_t next[FLEET_CONNECTIONS]; /* message; the connections take turns */
    size_t flying[FLEET_CONNECTIONS];
    bool asks;
    double rate;
    size_t spike;
    int64_t *sent_ns, *took_ns;
    size_t acknowledged, answered;
    int64_t begun_ns, acknowledged_ns, answered_ns;
};

static void subscribe(struct wire *wire, const char *filter)
{
    struct wire_packet packet = {0};
    wire_subscribe(wire, filter);
    while (packet.type != WIRE_SUBACK) {
        wire_must_turn(wire);
        wire_next(wire, &packet);
    }
}

static void open_wire(struct sender *sender, unsigned port, size_t which)
{
    char name[64], filter[FLEET_TOPIC_SIZE];
    struct fleet *fleet = &sender->fleet;
    snprintf(name, sizeof name, "bench-%s-%zu", fleet->area, which);
    wire_open(&sender->wires[which], port, name);
    for (size_t i = which; sender->asks && i < fleet->device_count; i += FLEET_CONNECTIONS) {
        snprintf(filter, sizeof filter, "ems/v1/%s/%s/down/hj212", fleet->area, fleet->mns[i]);
        subscribe(&sender->wires[which], filter);
    }
    sender->next[which] = which;
}

static void take(struct sender *sender, size_t which, const struct wire_packet *packet)
{
    struct fleet *fleet = &sender->fleet;
    if (packet->type == WIRE_PUBACK) {
        sender->flying[which] -= 1;
        sender->acknowledged += 1;
        sender->acknowledged_ns = wire_now_ns();
    } else if (packet->type == WIRE_PUBLISH) {
        struct wire_message message = wire_message_of(&sender->wires[which], packet);
        size_t index = fleet_answered(fleet, message.payload);
        if (index < fleet->count && sender->took_ns[index] == 0) {
            sender->answered_ns = wire_now_ns();
            sender->took_ns[index] = sender->answered_ns - sender->sent_ns[index];
            sender->answered += 1;
        }
    }
}

/* When message `index` is to go; at once without a rate. */
static int64_t due_ns(const struct sender *sender, size_t index)
{
    return sender->rate > 0 ? sender->begun_ns + (int64_t)((double)index * 1e9 / sender->rate) : 0;
}

static void send_some(struct sender *sender, size_t which)
{
    struct wire *wire = &sender->wires[which];
    size_t index = sender->next[which];
    int64_t now_ns = wire_now_ns();
    while (index < sender->fleet.count && sender->flying[which] < WINDOW && wire_room(wire) &&
           due_ns(sender, index) <= now_ns) {
        struct wire_message message = fleet_message(&sender->fleet, index);
        message.id = (uint16_t)(index % 65535 + 1);
        sender->sent_ns[index] = now_ns;
        wire_publish(wire, &message);
        sender->flying[which] += 1;
        index += FLEET_CONNECTIONS;
    }
    sender->next[which] = index;
}

/* Until something comes, or the next message is due. */
static void rest(const struct sender *sender)
{
    fd_set in, out;
    int highest = 0;
    int64_t now_ns = wire_now_ns(), until_ns = now_ns + 100000000;
    FD_ZERO(&in);
    FD_ZERO(&out);
    for (size_t i = 0; i < FLEET_CONNECTIONS; i++) {
        const struct wire *wire = &sender->wires[i];
        FD_SET(wire->fd, &in);
        if (wire->out_used > 0) {
            FD_SET(wire->fd, &out);
        }
        highest = wire->fd > highest ? wire->fd : highest;
        if (sender->rate > 0 && sender->next[i] < sender->fleet.count) {
            int64_t due = due_ns(sender, sender->next[i]);
            until_ns = due < until_ns ? due : until_ns;
        }
    }
    struct timespec wait = {.tv_nsec = until_ns > now_ns ? until_ns - now_ns : 0};
    pselect(highest + 1, &in, &out, NULL, &wait, NULL);
}

static bool done(const struct sender *sender)
{
    return sender->acknowledged == sender->fleet.count &&
           (!sender->asks || sender->answered == sender->fleet.count);
}

static void run(struct sender *sender)
{
    struct wire_packet packet;
    sender->begun_ns = wire_now_ns();
    size_t seen = 0;
    int64_t moved_ns = sender->begun_ns;
    while (!done(sender)) {
        for (size_t i = 0; i < FLEET_CONNECTIONS; i++) {
            send_some(sender, i);
            wire_must_turn(&sender->wires[i]);
            while (wire_next(&sender->wires[i], &packet)) {
                take(sender, i, &packet);
            }
        }
        if (sender->acknowledged + sender->answered != seen) {
            seen = sender->acknowledged + sender->answered;
            moved_ns = wire_now_ns();
        } else if (wire_now_ns() - moved_ns > INT64_C(1000000) * STUCK_MS) {
            wire_die("nothing moves");
        }
        rest(sender);
    }
}

static int by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void print_spikes(const struct sender *sender)
{
    bool first = true;
    printf(",\"spikes\":[");
    for (size_t i = 0; i < sender->fleet.count; i++) {
        if (fleet_spikes(&sender->fleet, i, sender->spike)) {
            char time[RFC3339_SIZE + 1];
            int64_t onset_ms = fleet_time(&sender->fleet, i).ms / SECOND_MS * SECOND_MS;
            event_time_write((struct event_time){onset_ms}, time);
            printf("%s[\"%s\",\"%s\",%lld]", first ? "" : ",",
                sender->fleet.mns[i % sender->fleet.device_count], time,
                (long long)sender->sent_ns[i]);
            first = false;
        }
    }
    printf("]");
}

static void print(struct sender *sender)
{
    size_t count = sender->fleet.count;
    printf("{\"begun_ns\":%lld,\"acknowledged_ns\":%lld", (long long)sender->begun_ns,
        (long long)sender->acknowledged_ns);
    if (sender->asks) {
        qsort(sender->took_ns, count, sizeof *sender->took_ns, by_size);
        printf(",\"answered_ns\":%lld,\"p50_us\":%lld,\"p99_us\":%lld",
            (long long)sender->answered_ns, (long long)sender->took_ns[count / 2] / 1000,
            (long long)sender->took_ns[count * 99 / 100] / 1000);
    }
    if (sender->spike > 0) {
        print_spikes(sender);
    }
    puts("}");
}

int main(int argc, char **argv)
{
    static struct sender sender;
    if (argc < 7 || argc > 9) {
        fputs("usage: bench_publish PORT AREA DEVICES COUNT BASE_MS quiet|asks [RATE [SPIKE]]\n",
            stderr);
        return 2;
    }
    size_t count = strtoul(argv[4], NULL, 10);
    sender.asks = strcmp(argv[6], "asks") == 0;
    sender.rate = argc > 7 ? strtod(argv[7], NULL) : 0;
    sender.spike = argc > 8 ? strtoul(argv[8], NULL, 10) : 0;
    fleet_read(&sender.fleet, argv[3], argv[2]);
    fleet_messages(&sender.fleet, (struct event_time){strtoll(argv[5], NULL, 10)}, count,
        sender.asks, sender.spike);
    sender.sent_ns = calloc(count, sizeof *sender.sent_ns);
    sender.took_ns = calloc(count, sizeof *sender.took_ns);
    assert(sender.sent_ns != NULL && sender.took_ns != NULL && count > 0);
    for (size_t i = 0; i < FLEET_CONNECTIONS; i++) {
        open_wire(&sender, (unsigned)strtoul(argv[1], NULL, 10), i);
    }
    run(&sender);
    print(&sender);
    return 0;
}
