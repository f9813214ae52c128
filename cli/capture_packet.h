/* capture_packet -- one captured packet -> the TCP segment in it.
 *
 * Source   RFC 791, RFC 8200, RFC 9293; link types of the pcap format: Ethernet (with VLAN tags), Linux cooked, raw
 *          IP, loopback.
 * Shape    bytes in, one segment out, or none.
 * Memory   the segment's data borrows from the packet.
 * Errors   false: it holds no TCP segment, or not the whole of one.
 * Threads  pure.
 * Limits   no IP fragments, no tunnels, no extension headers of IPv6.
 */
#ifndef CLI_CAPTURE_PACKET_H
#define CLI_CAPTURE_PACKET_H

#include "core/slice.h"

struct tcp_end {
    uint8_t address[16];
    size_t address_size; /* 4 or 16 */
    uint16_t port;
};

struct tcp_segment {
    struct tcp_end from, to;
    uint32_t sequence; /* of the first byte of data; of a SYN, of the byte behind it */
    bool syn, ack;
    struct slice data;
};

bool capture_segment(int link_type, struct slice packet, struct tcp_segment *segment);

/* Can packets of this link type be read? */
bool capture_link_known(int link_type);

#endif
