/* SPDX-License-Identifier: MIT */
/*
 * From bytes to struct packet; SPEC.md, "The packet by itself", "IP", "TCP and
 * UDP", "The flow".
 */
#ifndef GROVE_PARSE_H
#define GROVE_PARSE_H

#include "input.h"
#include "packet.h"
#include "policy.h"

/*
 * Fills `packet`. Checks every rule that needs only the packet, in SPEC's
 * order. Stops at the first rule that rejects the packet or makes it bypass.
 */
void parse(const struct policy *policy, const struct grove_packet *given,
           struct packet *packet);

/* ---- What parse_usual() reads in the same way ---- */

/* What is compared of an IPv4 header, or of another one as if it was one. */
static inline struct ip_fields parse_ip4_fields(struct bytes ip)
{
    return (struct ip_fields){
        .as_ip4 = true,
        .hop = bytes_u8(ip, IP4_TTL),
        .traffic_class = bytes_u8(ip, IP4_TOS),
        .id = bytes_be16(ip, IP4_ID),
        .df = (bytes_be16(ip, IP4_FRAGMENT) & IP4_DF) != 0,
    };
}

/* What is compared of an IPv6 header. */
static inline struct ip_fields parse_ip6_fields(struct bytes ip)
{
    return (struct ip_fields){
        .hop = bytes_u8(ip, IP6_HOP_LIMIT),
        .traffic_class = (uint8_t)(bytes_be32(ip, IP6_VERSION_CLASS_LABEL) >>
                                   IP6_CLASS_SHIFT),
    };
}

/* Reads the TCP header at `packet->l4`, unless its data offset is wrong. */
static inline bool parse_tcp_fields(struct packet *packet)
{
    const struct bytes tcp = packet_l4(packet);
    const uint16_t offset_flags = bytes_be16(tcp, TCP_OFFSET_FLAGS);
    const uint32_t header = (uint32_t)(offset_flags >> TCP_OFFSET_SHIFT) * 4;

    /* GRO-TCP-003: data offset < 5, or data offset * 4 > L4 length. */
    if (header < TCP_HEADER || header > tcp.len)
        return false;
    packet->payload = packet->l4 + header;
    packet->flags = offset_flags & TCP_FLAGS;
    packet->window = bytes_be16(tcp, TCP_WINDOW);
    packet->sequence = bytes_be32(tcp, TCP_SEQUENCE);
    packet->acknowledgment = bytes_be32(tcp, TCP_ACKNOWLEDGMENT);
    return true;
}

#endif
