/* SPDX-License-Identifier: MIT */
/* The result of parsing a packet. */
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
 * Packets with equal keys are of one flow; SPEC.md, "The flow". Words of
 * addresses are in the packet's byte order; IPv4 has only the first of them.
 */
struct flow_key {
    uint64_t transport;                /* ports, protocol, IP version */
    uint64_t network;                  /* by key_network(); IPv4: 0 */
    uint64_t addresses[ADDRESS_WORDS]; /* source and destination */
};

/* The IP version of a key. */
static inline uint8_t key_version(const struct flow_key *key)
{
    return (uint8_t)key->transport;
}

/* The protocol of a key. */
static inline uint8_t key_protocol(const struct flow_key *key)
{
    return (uint8_t)(key->transport >> 8);
}

/* GRO-KEY-001: the ports of `l4`, which has at least L4_PORTS_LEN bytes. */
static inline uint64_t key_transport(struct bytes l4, uint8_t protocol,
                                     uint8_t version)
{
    return (uint64_t)bytes_be32(l4, L4_PORTS) << 32 | (uint64_t)protocol << 8 |
           version;
}

/*
 * GRO-KEY-002: the version, the flow label, and what stands between it and
 * `l4`.
 */
static inline uint64_t key_network(struct bytes ip, uint32_t extensions_len)
{
    const uint32_t first = bytes_be32(ip, IP6_VERSION_CLASS_LABEL);

    return (uint64_t)(first & IP6_VERSION_LABEL) << 32 |
           (uint64_t)bytes_u8(ip, IP6_NEXT_HEADER) << 24 | extensions_len;
}

/* The addresses of an IPv4 or IPv6 header. */
static inline void key_read_addresses(struct flow_key *key, struct bytes ip,
                                      uint8_t version)
{
    if (version == 4) {
        key->addresses[0] = bytes_word(ip, IP4_SOURCE);
        return;
    }
    for (uint32_t i = 0; i < ADDRESS_WORDS; i++)
        key->addresses[i] =
            bytes_word(ip, IP6_SOURCE + i * (uint32_t)sizeof(uint64_t));
}

static inline bool key_same_addresses(const struct flow_key *a,
                                      const struct flow_key *b, uint8_t version)
{
    uint64_t differ = a->addresses[0] ^ b->addresses[0];

    for (uint32_t i = 1; version == 6 && i < ADDRESS_WORDS; i++)
        differ |= a->addresses[i] ^ b->addresses[i];
    return differ == 0;
}

/* What is compared of an IP header, but not for finding the flow. */
struct ip_fields {
    bool as_ip4;           /* it is compared as an IPv4 header */
    uint8_t hop;           /* TTL or hop limit */
    uint8_t traffic_class; /* TOS or traffic class, all 8 bits */
    uint16_t id;           /* IPv4 identification */
    bool df;               /* IPv4 "don't fragment" */
};

/*
 * The headers of a tunnel. The outer IP header is at `input.network`, and its
 * version is `input.version`.
 */
struct outer {
    struct ip_fields ip; /* of the outer IP header */
    uint32_t l4;         /* offset of what follows it and its extensions */
    uint32_t own;        /* offset of the tunnel's header, behind that of UDP */
    uint32_t key_len;    /* bytes of it that are in the key */
    uint32_t inside;     /* offset of what follows it */
    uint8_t pppoe;       /* as packet.pppoe, of the outer IP header */
    bool is_promised;    /* its checksum, or that of UDP, is not computed yet */
};

/*
 * Offsets count from the packet's first byte; the functions below give the
 * views that begin there. If `input.reject` is not NONE, nothing else is known.
 * In a tunnel, all but `input` and `outer` is of the inner packet.
 */
struct packet {
    struct input input; /* as the TUN takes it */
    struct flow_key key;
    uint32_t network; /* offset of the IP header */
    uint32_t l4;      /* offset of the TCP or UDP header, unless IP bypasses */
    uint32_t payload; /* offset of what follows it, unless bypassed */
    enum grove_rule bypass;  /* why it passes and touches no held packet */
    enum grove_rule flush;   /* why it never merges and is never held */
    uint32_t hash;           /* as received, or 0 without config.hash */
    bool verified;           /* SPEC's "verified": the L4 checksum is right */
    bool has_addresses;      /* key.addresses is known */
    bool has_key;            /* all of key is known */
    uint8_t version;         /* of IP; another than 4 or 6: it is not IP */
    uint8_t protocol;        /* IP_PROTO_TCP or IP_PROTO_UDP, with has_key */
    uint8_t tunnel;          /* enum grove_tunnel_protocol, or 0: none */
    uint8_t frames;          /* VLAN tags, Ethernet in a tunnel, and PPPoE */
    uint8_t pppoe;           /* bytes of it before the IP header: 8, or 0 */
    struct ip_fields ip;     /* of the IP header */
    uint16_t flags;          /* TCP: TCP_FLAGS of TCP_OFFSET_FLAGS; UDP: 0 */
    uint16_t window;         /* TCP */
    uint32_t sequence;       /* TCP; UDP: 0 */
    uint32_t acknowledgment; /* TCP */
    struct outer outer;      /* in a tunnel */
};

/* Whether the packet is in a tunnel. */
static inline bool packet_in_tunnel(const struct packet *packet)
{
    return packet->tunnel != 0;
}

/* The bytes of PPPoE before the IP header at `input.network`. */
static inline uint32_t packet_outermost_pppoe(const struct packet *packet)
{
    return packet_in_tunnel(packet) ? packet->outer.pppoe : packet->pppoe;
}

/* The header of the link and its VLAN tags; empty without a link. */
static inline struct bytes packet_link(const struct packet *packet)
{
    return bytes_first(packet->input.bytes,
                       packet->input.network - packet_outermost_pppoe(packet));
}

/*
 * The addresses of the IP header at `input.network`, which is the outer one in
 * a tunnel. They are there if has_addresses is set.
 */
static inline struct bytes
packet_outermost_addresses(const struct packet *packet)
{
    const uint32_t at = packet->input.network;

    return packet->input.version == 4
               ? bytes_slice(packet->input.bytes, at + IP4_SOURCE,
                             IP4_HEADER - IP4_SOURCE)
               : bytes_slice(packet->input.bytes, at + IP6_SOURCE,
                             IP6_HEADER - IP6_SOURCE);
}

/* From the IP header on to the end of the packet. */
static inline struct bytes packet_network(const struct packet *packet)
{
    return bytes_from(packet->input.bytes, packet->network);
}

/* From the TCP or UDP header on to the end of the packet. */
static inline struct bytes packet_l4(const struct packet *packet)
{
    return bytes_from(packet->input.bytes, packet->l4);
}

/* What follows the TCP or UDP header. */
static inline struct bytes packet_payload(const struct packet *packet)
{
    return bytes_from(packet->input.bytes, packet->payload);
}

static inline uint32_t packet_payload_len(const struct packet *packet)
{
    return packet->input.bytes.len - packet->payload;
}

/* The TCP header with its options, or the UDP header. */
static inline struct bytes packet_l4_header(const struct packet *packet)
{
    return bytes_slice(packet->input.bytes, packet->l4,
                       packet->payload - packet->l4);
}

/* The TCP options. */
static inline struct bytes packet_tcp_options(const struct packet *packet)
{
    return bytes_slice(packet->input.bytes, packet->l4 + TCP_HEADER,
                       packet->payload - packet->l4 - TCP_HEADER);
}

/* The length of the IP header without IPv4 options and extension headers. */
static inline uint32_t packet_ip_header(const struct packet *packet)
{
    return packet->version == 4 ? IP4_HEADER : IP6_HEADER;
}

/* The IPv6 extension headers; empty for IPv4. */
static inline struct bytes packet_extensions(const struct packet *packet)
{
    const uint32_t at = packet->network + packet_ip_header(packet);

    return bytes_slice(packet->input.bytes, at, packet->l4 - at);
}

/* IPv6: the version and the flow label. */
static inline uint32_t packet_version_label(const struct packet *packet)
{
    return bytes_be32(packet_network(packet), IP6_VERSION_CLASS_LABEL) &
           IP6_VERSION_LABEL;
}

/* IPv6: the next header field of the IPv6 header. */
static inline uint8_t packet_next_header(const struct packet *packet)
{
    return bytes_u8(packet_network(packet), IP6_NEXT_HEADER);
}

/* Whether the offset of the L4 header is too large for a kernel's 16 bits. */
static inline bool packet_is_far(const struct packet *packet)
{
    return packet->l4 > VNET_CSUM_START_MAX;
}

/* The length of the outer IP header, without options and extension headers. */
static inline uint32_t outer_ip_header(const struct packet *packet)
{
    return packet->input.version == 4 ? IP4_HEADER : IP6_HEADER;
}

/* The outer IPv6 extension headers; empty for IPv4. */
static inline struct bytes outer_extensions(const struct packet *packet)
{
    const uint32_t at = packet->input.network + outer_ip_header(packet);

    return bytes_slice(packet->input.bytes, at, packet->outer.l4 - at);
}

/* The outer UDP header; empty if the tunnel is not over UDP. */
static inline struct bytes outer_udp(const struct packet *packet)
{
    return bytes_slice(packet->input.bytes, packet->outer.l4,
                       packet->outer.own - packet->outer.l4);
}

/* The Ethernet headers and VLAN tags inside of a tunnel. */
static inline struct bytes outer_frames(const struct packet *packet)
{
    return bytes_slice(packet->input.bytes, packet->outer.inside,
                       packet->network - packet->pppoe - packet->outer.inside);
}

/* Whether PPPoE is whole where it is, and counted among `frames`. */
static inline bool packet_pppoe_is_valid(const struct packet *packet)
{
    const uint32_t outermost = packet_outermost_pppoe(packet);

    return (packet->pppoe == 0 || packet->pppoe == PPPOE_HEADER) &&
           (outermost == 0 || outermost == PPPOE_HEADER) &&
           ((packet->pppoe == 0 && outermost == 0) || packet->frames != 0) &&
           (outermost == 0 ||
            packet->input.network >= LINK_HEADER_MAX + outermost);
}

/* Whether the headers of the tunnel stand before the IP header. */
static inline bool packet_outer_is_valid(const struct packet *packet)
{
    const struct outer *outer = &packet->outer;
    const uint32_t header = packet->input.network + outer_ip_header(packet);
    const bool udp = packet->tunnel >= GROVE_TUNNEL_VXLAN;

    if (!packet_pppoe_is_valid(packet))
        return false;
    if (!packet_in_tunnel(packet))
        return packet->network == packet->input.network &&
               packet->version == packet->input.version;
    return outer->l4 >= header &&
           (packet->input.version == 4
                ? outer->l4 == header
                : (outer->l4 - header) % EXTENSION_UNIT == 0) &&
           outer->own == outer->l4 + (udp ? UDP_HEADER : 0) &&
           outer->l4 <= outer->own && outer->inside >= outer->own &&
           outer->key_len <= outer->inside - outer->own &&
           outer->key_len % 2 == 0 &&
           packet->pppoe <= packet->network - outer->inside &&
           outer->inside <= packet->network &&
           (packet->network - outer->inside) % 2 == 0 &&
           packet->network <= packet->input.bytes.len;
}

/* Whether l4 is where the IP headers end, whatever follows them. */
static inline bool packet_ip_is_valid(const struct packet *packet)
{
    const uint32_t header = packet->network + packet_ip_header(packet);

    return packet_outer_is_valid(packet) && packet->l4 >= header &&
           packet->l4 <= packet->input.bytes.len &&
           (packet->version == 4
                ? packet->l4 == header
                : packet->version == 6 &&
                      (packet->l4 - header) % EXTENSION_UNIT == 0);
}

/* Whether that is TCP or UDP. */
static inline bool packet_l4_is_valid(const struct packet *packet)
{
    return packet_ip_is_valid(packet) && (packet->protocol == IP_PROTO_TCP ||
                                          packet->protocol == IP_PROTO_UDP);
}

/* Whether the TCP or UDP header is whole. */
static inline bool packet_payload_is_valid(const struct packet *packet)
{
    const uint32_t header = packet->payload - packet->l4;

    if (packet->payload > packet->input.bytes.len ||
        packet->payload < packet->l4)
        return false;
    if (packet->protocol == IP_PROTO_UDP)
        return header == UDP_HEADER && packet_payload_len(packet) != 0;
    return header >= TCP_HEADER && header <= TCP_HEADER_MAX && header % 4 == 0;
}

/* Whether the key has the packet's own protocol and version. */
static inline bool packet_transport_is_valid(const struct packet *packet)
{
    const uint64_t low = packet->key.transport & UINT16_MAX;

    return low == ((uint64_t)packet->protocol << 8 | packet->version);
}

/* Whether the key is that of the packet's own fields. */
static inline bool packet_key_is_valid(const struct packet *packet)
{
    return packet->has_addresses && packet_l4_is_valid(packet) &&
           packet->input.bytes.len - packet->l4 >= L4_PORTS_LEN &&
           packet_transport_is_valid(packet) &&
           (packet->version == 6 || packet->key.network == 0);
}

/* What parse() gives. */
static inline bool packet_is_valid(const struct packet *packet)
{
    if (!input_is_valid(&packet->input) || !rule_is_valid(packet->bypass) ||
        !rule_is_valid(packet->flush))
        return false;
    if (packet->input.reject != GROVE_RULE_NONE)
        return !packet->has_key;
    return packet->input.network <= LINK_WITH_TAGS_MAX &&
           (!packet->has_key || packet_key_is_valid(packet)) &&
           (packet->bypass != GROVE_RULE_NONE ||
            (packet_l4_is_valid(packet) && packet_payload_is_valid(packet) &&
             packet_transport_is_valid(packet)));
}

#endif
