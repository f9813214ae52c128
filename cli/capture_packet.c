#include "cli/capture_packet.h"

#include <pcap/dlt.h>

enum {
    ETHER_IPV4 = 0x0800,
    ETHER_IPV6 = 0x86DD,
    ETHER_VLAN = 0x8100,
    ETHER_QINQ = 0x88A8,
    IP_TCP = 6,
    TCP_FLAG_SYN = 2,
    TCP_FLAG_ACK = 16,
};

/* Where IP begins behind the header of each link type; type_at: of the two bytes that say IPv4 or IPv6, if any do. */
static const struct link {
    int type;
    size_t header_size;
    int type_at; /* -1: the first byte of IP tells */
} LINKS[] = {
    {DLT_EN10MB, 14, 12},
    {DLT_LINUX_SLL, 16, 14},
    {DLT_LINUX_SLL2, 20, 0},
    {DLT_RAW, 0, -1},
    {DLT_IPV4, 0, -1},
    {DLT_IPV6, 0, -1},
    {101, 0, -1}, /* LINKTYPE_RAW, as the file has it */
    {DLT_NULL, 4, -1},
    {DLT_LOOP, 4, -1},
};

enum { LINK_COUNT = sizeof LINKS / sizeof LINKS[0] };

static unsigned number_at(struct slice bytes, size_t at)
{
    assert(at + 2 <= bytes.size);
    return (unsigned)bytes.ptr[at] << 8 | bytes.ptr[at + 1];
}

static const struct link *link_of(int type)
{
    for (size_t i = 0; i < LINK_COUNT; i++) {
        if (LINKS[i].type == type) {
            return &LINKS[i];
        }
    }
    return NULL;
}

bool capture_link_known(int link_type)
{
    return link_of(link_type) != NULL;
}

static struct slice behind_link(const struct link *link, struct slice packet)
{
    if (packet.size < link->header_size + 20) {
        return (struct slice){0};
    }
    struct slice ip = slice_tail(packet, link->header_size);
    if (link->type_at < 0) {
        return ip;
    }
    unsigned type = number_at(packet, (size_t)link->type_at);
    while ((type == ETHER_VLAN || type == ETHER_QINQ) && ip.size > 24) {
        type = number_at(ip, 2);
        ip = slice_tail(ip, 4);
    }
    return type == ETHER_IPV4 || type == ETHER_IPV6 ? ip : (struct slice){0};
}

static void take_end(struct tcp_end *end, struct slice ip, size_t at, size_t size)
{
    memset(end, 0, sizeof *end);
    memcpy(end->address, ip.ptr + at, size);
    end->address_size = size;
}

/* What IP carries, if that is a whole TCP segment; padding of the link is cut off. */
static struct slice behind_ip(struct slice ip, struct tcp_segment *segment)
{
    unsigned version = ip.size < 20 ? 0 : ip.ptr[0] >> 4;
    if (version == 4) {
        size_t header_size = (size_t)(ip.ptr[0] & 15) * 4, total = number_at(ip, 2);
        bool fragment = (number_at(ip, 6) & 0x3FFF) != 0;
        if (ip.ptr[9] != IP_TCP || fragment || header_size < 20 || total < header_size ||
            total > ip.size) {
            return (struct slice){0};
        }
        take_end(&segment->from, ip, 12, 4);
        take_end(&segment->to, ip, 16, 4);
        return slice_tail(slice_head(ip, total), header_size);
    }
    if (version == 6 && ip.size > 40 && ip.ptr[6] == IP_TCP && number_at(ip, 4) <= ip.size - 40) {
        take_end(&segment->from, ip, 8, 16);
        take_end(&segment->to, ip, 24, 16);
        return slice_head(slice_tail(ip, 40), number_at(ip, 4));
    }
    return (struct slice){0};
}

bool capture_segment(int link_type, struct slice packet, struct tcp_segment *segment)
{
    const struct link *link = link_of(link_type);
    struct slice tcp =
        link == NULL ? (struct slice){0} : behind_ip(behind_link(link, packet), segment);
    size_t header_size = tcp.size < 20 ? 0 : (size_t)(tcp.ptr[12] >> 4) * 4;
    if (header_size < 20 || header_size > tcp.size) {
        return false;
    }
    segment->from.port = (uint16_t)number_at(tcp, 0);
    segment->to.port = (uint16_t)number_at(tcp, 2);
    segment->syn = (tcp.ptr[13] & TCP_FLAG_SYN) != 0;
    segment->ack = (tcp.ptr[13] & TCP_FLAG_ACK) != 0;
    segment->sequence = (uint32_t)number_at(tcp, 4) << 16 | number_at(tcp, 6);
    segment->sequence += segment->syn ? 1 : 0;
    segment->data = slice_tail(tcp, header_size);
    return true;
}
