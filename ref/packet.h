/* SPDX-License-Identifier: MIT */
/* What parsing finds out about a packet; nothing here decides anything. */
#ifndef GROVE_PACKET_H
#define GROVE_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "grove/rule.h"
#include "header.h"
#include "input.h"
#include "vnet.h"

/* Words of both addresses of IPv6; those of IPv4 fill one. */
enum { ADDRESS_WORDS = 4 };

/*
 * Packets of equal keys are of one flow; SPEC.md, "The flow". Words are in the
 * packet's byte order, and zero where the IP version has nothing to put.
 */
struct flow_key {
    uint64_t addresses[ADDRESS_WORDS]; /* source and destination */
    uint64_t transport;                /* ports, protocol, IP version */
    uint64_t network; /* IPv6: flow label, next header, extensions' length */
};

/*
 * `input.bytes`, `input.network` and `l4` are views: each goes on to the end of
 * the packet, so that its length says where it begins. If `input.reject` is not
 * NONE, nothing else is known.
 */
struct packet {
    struct input input; /* as the TUN takes it */
    struct bytes l4;    /* from the TCP or UDP header on, unless bypassed */
    struct flow_key key;
    enum grove_rule bypass;  /* why it passes and touches no held packet */
    enum grove_rule flush;   /* why it never merges and is never held */
    bool verified;           /* its L4 checksum is right, and not to be made */
    bool has_addresses;      /* key.addresses is known */
    bool has_key;            /* all of key is known */
    uint8_t protocol;        /* IP_PROTO_TCP or IP_PROTO_UDP, with has_key */
    uint8_t hop;             /* TTL or hop limit */
    uint8_t traffic_class;   /* TOS or traffic class, all 8 bits */
    uint16_t id;             /* IPv4 identification */
    bool df;                 /* IPv4 "don't fragment" */
    uint8_t l4_header;       /* bytes of the TCP (with options) or UDP header */
    uint16_t flags;          /* TCP: TCP_FLAGS of TCP_OFFSET_FLAGS */
    uint16_t window;         /* TCP */
    uint32_t sequence;       /* TCP */
    uint32_t acknowledgment; /* TCP */
};

/* Where a view of the packet begins, in bytes from the packet's start. */
static inline uint32_t packet_offset(const struct packet *packet,
                                     struct bytes view)
{
    return packet->input.bytes.len - view.len;
}

/* What follows the TCP or UDP header. */
static inline struct bytes packet_payload(const struct packet *packet)
{
    return bytes_from(packet->l4, packet->l4_header);
}

static inline uint32_t packet_payload_len(const struct packet *packet)
{
    return packet->l4.len - packet->l4_header;
}

/* The TCP options. */
static inline struct bytes packet_tcp_options(const struct packet *packet)
{
    return bytes_slice(packet->l4, TCP_HEADER,
                       (uint32_t)packet->l4_header - TCP_HEADER);
}

/* The length of the IP header without IPv4 options and extension headers. */
static inline uint32_t packet_ip_header(const struct packet *packet)
{
    return packet->input.version == 4 ? IP4_HEADER : IP6_HEADER;
}

/* The IPv6 extension headers; empty for IPv4. */
static inline struct bytes packet_extensions(const struct packet *packet)
{
    const uint32_t header = packet_ip_header(packet);

    return bytes_slice(packet->input.network, header,
                       packet->input.network.len - packet->l4.len - header);
}

/* IPv6: the flow label. */
static inline uint32_t packet_flow_label(const struct packet *packet)
{
    return bytes_be32(packet->input.network, IP6_VERSION_CLASS_LABEL) &
           IP6_FLOW_LABEL;
}

/* IPv6: the next header field of the IPv6 header. */
static inline uint8_t packet_next_header(const struct packet *packet)
{
    return bytes_u8(packet->input.network, IP6_NEXT_HEADER);
}

/* Whether a kernel, which counts in 16 bits, loses the L4 header. */
static inline bool packet_is_far(const struct packet *packet)
{
    return packet_offset(packet, packet->l4) > VNET_CSUM_START_MAX;
}

#endif
