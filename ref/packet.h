/* SPDX-License-Identifier: MIT */
/* What parsing finds out about a packet; nothing here decides anything. */
#ifndef GROVE_PACKET_H
#define GROVE_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "grove/checksum.h"
#include "grove/rule.h"
#include "grove/vnet.h"
#include "profile.h"
#include "vnet.h"

enum {
    IP_PROTO_HOP_BY_HOP = 0,
    IP_PROTO_TCP = 6,
    IP_PROTO_UDP = 17,

    IP4_HEADER = 20, /* bytes, as all lengths here */
    IP6_HEADER = 40,
    TCP_HEADER = 20,
    TCP_HEADER_MAX = 60,
    UDP_HEADER = 8
};

/* Offsets of the fields that are rewritten, in their header. */
enum field {
    IP4_TOTAL_LENGTH = 2,
    IP4_ID = 4,
    IP4_CHECKSUM = 10,
    IP6_PAYLOAD_LENGTH = 4,
    IP6_NEXT_HEADER = 6,
    TCP_SEQUENCE = 4,
    TCP_FLAGS_BYTE = 13,
    TCP_CHECKSUM = 16,
    UDP_LENGTH = 4,
    UDP_CHECKSUM = 6
};

/* The second half of word 12 of TCP is the window; these are in the first. */
enum tcp_word12 {
    TCP_FIN = 0x01 << 16,
    TCP_SYN = 0x02 << 16,
    TCP_RST = 0x04 << 16,
    TCP_PSH = 0x08 << 16,
    TCP_URG = 0x20 << 16,
    TCP_CWR = 0x80 << 16,
    TCP_FLAGS = 0x0fff << 16, /* with the reserved bits and AE */
    TCP_WINDOW = 0xffff
};

/* How the table was set up, for the stages that read it. */
struct policy {
    const struct profile *profile;
    grove_sum_fn *sum;
    bool lossless;
    bool no_udp;
    bool csum_trusted;
};

/*
 * Packets of equal keys may merge. Words in the packet's byte order; zero where
 * the IP version has nothing to put.
 */
struct flow_key {
    uint64_t source[2];
    uint64_t destination[2];
    uint64_t transport; /* ports, protocol, IP version */
    uint64_t network;   /* IPv6: flow label, next header, extensions' length */
};

struct packet {
    struct bytes bytes; /* all of it */
    struct flow_key key;
    enum grove_rule reject; /* why it is refused: nothing below is known */
    enum grove_rule bypass; /* why it passes and touches no held packet */
    enum grove_rule flush;  /* why it never merges and is never held */
    bool gso;               /* a GSO packet as it came */
    bool data_valid;        /* its L4 checksum was verified */
    bool has_addresses;     /* key's addresses and IP version are known */
    bool has_key;           /* all of key is known */
    uint8_t version;        /* 4 or 6 */
    uint8_t protocol;       /* IP_PROTO_TCP or IP_PROTO_UDP, with has_key */
    struct grove_vnet vnet; /* as the TUN takes it, rule VNET-* applied */
    uint32_t l4;            /* offset of the TCP or UDP header */
    uint32_t payload;       /* offset of the L4 payload */
    uint8_t hop;            /* TTL or hop limit */
    uint8_t traffic_class;  /* TOS or traffic class, all 8 bits */
    uint32_t flow_label;    /* IPv6 */
    uint8_t next_header;    /* IPv6: of the first extension header, or L4 */
    uint16_t id;            /* IPv4 identification */
    bool df;                /* IPv4 "don't fragment" */
    uint32_t sequence;      /* TCP */
    uint32_t acknowledgment;
    uint32_t word12; /* TCP: data offset, reserved, flags, window */
};

static inline uint32_t packet_payload_len(const struct packet *packet)
{
    return packet->bytes.len - packet->payload;
}

/* The TCP options. */
static inline struct bytes packet_tcp_options(const struct packet *packet)
{
    return bytes_slice(packet->bytes, packet->l4 + TCP_HEADER,
                       packet->payload - packet->l4 - TCP_HEADER);
}

/* The IPv6 extension headers; empty for IPv4. */
static inline struct bytes packet_extensions(const struct packet *packet)
{
    const uint32_t header = packet->version == 4 ? IP4_HEADER : IP6_HEADER;

    return bytes_slice(packet->bytes, header, packet->l4 - header);
}

/* Whether a kernel, which counts in 16 bits, loses the L4 header. */
static inline bool packet_is_far(const struct packet *packet)
{
    return packet->l4 > VNET_CSUM_START_MAX;
}

/*
 * Ones'-complement sum of the pseudo-header (RFC 9293 3.1, RFC 8200 8.1) for
 * `len` bytes of L4; folded, not inverted, never 0.
 */
uint16_t packet_pseudo_sum(const struct packet *packet, uint32_t len);

/* Adds 16-bit words of a ones'-complement sum; the result is one of them. */
static inline uint16_t sum_fold(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

#endif
