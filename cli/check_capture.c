#include "cli/check_capture.h"

#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "cli/capture_mqtt.h"
#include "cli/capture_packet.h"

enum { WORDS_SIZE = INET6_ADDRSTRLEN + 10 };

struct piece {
    uint32_t sequence;
    uint32_t order; /* of arrival: of two with the same bytes the first stands */
    uint8_t *bytes;
    size_t size;
};

/* One direction of a connection. */
struct flow {
    struct tcp_end from, to;
    bool opens, answers; /* its SYN has been seen, without and with ACK */
    uint32_t base;       /* the sequence its data begins with, or that of the first seen */
    struct piece *pieces;
    size_t count, capacity;
};

struct capture {
    struct flow *flows;
    size_t count, capacity;
    const char *name;
    input_taker *take;
    void *taker;
    bool failed; /* no memory */
};

/* Room for one more; NULL: no memory. */
static void *grown(void *items, size_t count, size_t *capacity, size_t item_size)
{
    if (count < *capacity) {
        return items;
    }
    *capacity = *capacity == 0 ? 16 : *capacity * 2;
    return realloc(items, *capacity * item_size);
}

static bool same_end(const struct tcp_end *a, const struct tcp_end *b)
{
    return memcmp(a->address, b->address, sizeof a->address) == 0 && a->port == b->port;
}

/* --- collecting --- */

/* The newest flow between these two; a SYN with another sequence begins one of its own. */
static struct flow *flow_of(struct capture *capture, const struct tcp_segment *segment)
{
    for (size_t i = capture->count; i > 0; i--) {
        struct flow *flow = &capture->flows[i - 1];
        if (same_end(&flow->from, &segment->from) && same_end(&flow->to, &segment->to)) {
            if (!segment->syn || flow->base == segment->sequence) {
                return flow;
            }
            break;
        }
    }
    void *more = grown(capture->flows, capture->count, &capture->capacity, sizeof *capture->flows);
    if (more == NULL) {
        return NULL;
    }
    capture->flows = more;
    struct flow *flow = &capture->flows[capture->count++];
    *flow = (struct flow){.from = segment->from, .to = segment->to, .base = segment->sequence};
    return flow;
}

static bool add_segment(struct capture *capture, const struct tcp_segment *segment)
{
    struct flow *flow = flow_of(capture, segment);
    if (flow == NULL) {
        return false;
    }
    flow->opens = flow->opens || (segment->syn && !segment->ack);
    flow->answers = flow->answers || (segment->syn && segment->ack);
    if (segment->data.size == 0) {
        return true;
    }
    void *more = grown(flow->pieces, flow->count, &flow->capacity, sizeof *flow->pieces);
    uint8_t *bytes = malloc(segment->data.size);
    flow->pieces = more != NULL ? more : flow->pieces;
    if (more == NULL || bytes == NULL) {
        free(bytes);
        return false;
    }
    memcpy(bytes, segment->data.ptr, segment->data.size);
    flow->pieces[flow->count] = (struct piece){
        segment->sequence - flow->base, (uint32_t)flow->count, bytes, segment->data.size};
    flow->count += 1;
    return true;
}

/* --- putting together --- */

/* Sequence numbers wrap: what lies less than half of them behind is earlier. */
static int piece_order(const void *a, const void *b)
{
    const struct piece *left = a, *right = b;
    int32_t at = (int32_t)left->sequence, other = (int32_t)right->sequence;
    return at != other ? (at < other ? -1 : 1) : left->order < right->order ? -1 : 1;
}

static void words_of(const struct tcp_end *end, char words[WORDS_SIZE])
{
    char address[INET6_ADDRSTRLEN] = "?";
    bool old = end->address_size == 4;
    inet_ntop(old ? AF_INET : AF_INET6, end->address, address, sizeof address);
    snprintf(words, WORDS_SIZE, old ? "%s:%u" : "[%s]:%u", address, (unsigned)end->port);
}

static const struct flow *other_way(const struct capture *capture, const struct flow *flow)
{
    for (size_t i = 0; i < capture->count; i++) {
        const struct flow *other = &capture->flows[i];
        if (same_end(&other->from, &flow->to) && same_end(&other->to, &flow->from)) {
            return other;
        }
    }
    return NULL;
}

static enum direction direction_of(const struct flow *flow, const struct flow *other)
{
    if (flow->opens || (other != NULL && other->answers)) {
        return DIRECTION_UP;
    }
    return flow->answers || (other != NULL && other->opens) ? DIRECTION_DOWN : DIRECTION_UNKNOWN;
}

/* The protocol level where either side's data begins with CONNECT; its broker's answers tell none. */
static int level_of(const struct flow *flow)
{
    return flow == NULL || flow->count == 0
               ? 0
               : mqtt_level(slice_from(flow->pieces[0].bytes, flow->pieces[0].size));
}

static void give(struct capture *capture, struct input_payload payload, int level)
{
    struct mqtt_message message;
    struct slice stream = payload.bytes;
    if (level == 0) {
        capture->take(capture->taker, &payload);
        return;
    }
    while (mqtt_next(&stream, level, &message)) {
        payload.bytes = message.payload;
        payload.topic = message.topic;
        capture->take(capture->taker, &payload);
    }
}

static void give_flow(struct capture *capture, struct flow *flow, int level)
{
    char from[WORDS_SIZE], to[WORDS_SIZE];
    size_t total = 0, size = 0;
    for (size_t i = 0; i < flow->count; i++) {
        total += flow->pieces[i].size;
    }
    uint8_t *stream = malloc(total + 1);
    if (stream == NULL) {
        capture->failed = true;
        return;
    }
    words_of(&flow->from, from);
    words_of(&flow->to, to);
    struct input_payload payload = {
        .from = from, .to = to, .direction = direction_of(flow, other_way(capture, flow))};
    int64_t at = flow->count > 0 ? (int32_t)flow->pieces[0].sequence : 0;
    for (size_t i = 0; i < flow->count; i++) {
        const struct piece *piece = &flow->pieces[i];
        int64_t first = (int32_t)piece->sequence, end = first + (int64_t)piece->size;
        if (first > at) {
            fprintf(stderr, "hjhub check: %s: %s to %s: %lld bytes are not in the capture\n",
                capture->name, from, to, (long long)(first - at));
            payload.bytes = slice_from(stream, size);
            give(capture, payload, level);
            size = 0;
            at = first;
        }
        if (end > at) {
            memcpy(stream + size, piece->bytes + (at - first), (size_t)(end - at));
            size += (size_t)(end - at);
            at = end;
        }
    }
    if (size > 0) {
        payload.bytes = slice_from(stream, size);
        give(capture, payload, level);
    }
    free(stream);
}

static void give_all(struct capture *capture)
{
    for (size_t i = 0; i < capture->count; i++) {
        struct flow *flow = &capture->flows[i];
        if (flow->count > 1) {
            qsort(flow->pieces, flow->count, sizeof *flow->pieces, piece_order);
        }
    }
    for (size_t i = 0; i < capture->count && !capture->failed; i++) {
        struct flow *flow = &capture->flows[i];
        int own = level_of(flow);
        give_flow(capture, flow, own > 0 ? own : level_of(other_way(capture, flow)));
    }
}

/* --- the file --- */

bool capture_is(struct slice file)
{
    static const char *const MAGICS[] = {"\xa1\xb2\xc3\xd4", "\xd4\xc3\xb2\xa1", "\xa1\xb2\x3c\x4d",
        "\x4d\x3c\xb2\xa1", "\x0a\x0d\x0d\x0a"};
    for (size_t i = 0; i < sizeof MAGICS / sizeof MAGICS[0]; i++) {
        if (slice_starts(file, MAGICS[i])) {
            return true;
        }
    }
    return false;
}

static void free_flows(struct capture *capture)
{
    for (size_t i = 0; i < capture->count; i++) {
        for (size_t k = 0; k < capture->flows[i].count; k++) {
            free(capture->flows[i].pieces[k].bytes);
        }
        free(capture->flows[i].pieces);
    }
    free(capture->flows);
}

static int read_packets(struct capture *capture, pcap_t *file)
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    struct tcp_segment segment;
    int link = pcap_datalink(file), got;
    if (!capture_link_known(link)) {
        return command_fail(
            "check", "%s: packets of link type %d cannot be read", capture->name, link);
    }
    while ((got = pcap_next_ex(file, &header, &bytes)) == 1 && !capture->failed) {
        if (capture_segment(link, slice_from(bytes, header->caplen), &segment)) {
            capture->failed = !add_segment(capture, &segment);
        }
    }
    if (got == PCAP_ERROR) {
        return command_fail("check", "%s: %s", capture->name, pcap_geterr(file));
    }
    give_all(capture);
    return capture->failed ? command_fail("check", "no memory") : EXIT_FINE;
}

int capture_read(struct slice file, const char *name, input_taker *take, void *taker)
{
    char why[PCAP_ERRBUF_SIZE] = "no memory";
    struct capture capture = {.name = name, .take = take, .taker = taker};
    FILE *stream = fmemopen((void *)(uintptr_t)file.ptr, file.size, "rb");
    pcap_t *packets = stream == NULL ? NULL : pcap_fopen_offline(stream, why);
    if (packets == NULL) {
        if (stream != NULL) {
            fclose(stream);
        }
        return command_fail("check", "%s: %s", name, why);
    }
    int status = read_packets(&capture, packets);
    pcap_close(packets); /* and the stream */
    free_flows(&capture);
    return status;
}
