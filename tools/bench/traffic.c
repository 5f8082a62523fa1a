/* SPDX-License-Identifier: MIT */
/* The benchmarks' packets. */
#include "traffic.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../oracle/dice.h"
#include "grove/checksum.h"

/*
 * From one packet to the next. An odd number of cache lines, so that the
 * headers are spread over the sets of a cache, as a pool of buffers does it.
 */
#define STRIDE ((size_t)25 * 64)

/* Where a packet begins: after the virtio_net_hdr that a TUN puts first. */
#define HEADROOM 10

enum { IP4_HEADER = 20, IP6_HEADER = 40, TCP_HEADER = 32, UDP_HEADER = 8 };
enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

/* Ethernet, IPv4, UDP and VXLAN; and another Ethernet header. */
enum {
    ETHERNET_HEADER = 14,
    VXLAN_HEADER = 8,
    OUTER_UDP = ETHERNET_HEADER + IP4_HEADER,
    OUTER = OUTER_UDP + UDP_HEADER + VXLAN_HEADER + ETHERNET_HEADER,
    VXLAN_PORT = 4789
};

/* What bounds a super-packet: bytes, and for UDP segments too. */
enum { MAX_BYTES = 65535, MAX_UDP_SEGMENTS = 64 };

static const struct kind {
    const char *name;
    uint8_t protocol;
    size_t outer; /* the length of what stands before the IP header */
    size_t ip;    /* that of the IP header */
    size_t header;
    size_t payload;
    size_t checksum; /* from the L4 header on */
} kinds[TRAFFIC_KINDS] = {
    [TRAFFIC_TCP] = {"tcp", PROTOCOL_TCP, 0, IP4_HEADER, TCP_HEADER, 1448, 16},
    [TRAFFIC_UDP] = {"udp", PROTOCOL_UDP, 0, IP4_HEADER, UDP_HEADER, 1200, 6},
    [TRAFFIC_TCP6] = {"tcp6", PROTOCOL_TCP, 0, IP6_HEADER, TCP_HEADER, 1448,
                      16},
    [TRAFFIC_UDP6] = {"udp6", PROTOCOL_UDP, 0, IP6_HEADER, UDP_HEADER, 1200, 6},
    [TRAFFIC_VXLAN] = {"vxlan", PROTOCOL_TCP, OUTER, IP4_HEADER, TCP_HEADER,
                       1398, 16},
};

bool traffic_is_tcp(enum traffic_kind kind)
{
    return kinds[kind].protocol == PROTOCOL_TCP;
}

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

/* `number` is the packet's place in its flow. */
static void write_ip4(uint8_t *ip, size_t len, uint8_t protocol, unsigned flow,
                      unsigned number)
{
    ip[0] = 0x45;
    put16(ip + 2, len);
    put16(ip + 4, 1000 * (flow + 1) + number);
    ip[6] = 0x40; /* do not fragment */
    ip[8] = 64;
    ip[9] = protocol;
    put32(ip + 12, 0x0a000001);
    put32(ip + 16, 0x0a000100 + flow);
    put16(ip + 10, (uint16_t)~grove_sum_fastest()(ip, IP4_HEADER));
}

static void write_ip6(const struct traffic *traffic, uint8_t *ip, unsigned flow)
{
    put32(ip, 0x60000000 + flow); /* the flow label */
    put16(ip + 4, traffic->len - IP6_HEADER);
    ip[6] = kinds[traffic->kind].protocol;
    ip[7] = 64;
    put32(ip + 8, 0xfd000001);
    put32(ip + 20, 1);
    put32(ip + 24, 0xfd000002);
    put32(ip + 36, 0x100 + flow);
}

static void write_ports(uint8_t *l4, unsigned flow)
{
    put16(l4, 443);
    put16(l4 + 2, 40000 + flow);
}

static void write_tcp(uint8_t *tcp, unsigned flow, unsigned number,
                      size_t payload)
{
    static const uint8_t timestamps[] = {1, 1, 8, 10};

    write_ports(tcp, flow);
    put32(tcp + 4, 0x12345678 * (flow + 1) + number * (uint32_t)payload);
    put32(tcp + 8, 0x9abcdef0 + flow);
    tcp[12] = TCP_HEADER / 4 << 4;
    tcp[13] = 0x10; /* ACK */
    put16(tcp + 14, 501);
    memcpy(tcp + 20, timestamps, sizeof timestamps);
    put32(tcp + 24, 0x01020304 + flow);
    put32(tcp + 28, 0x05060708 + flow);
}

static void write_udp(uint8_t *udp, unsigned flow)
{
    write_ports(udp, flow);
    put16(udp + 4, UDP_HEADER + kinds[TRAFFIC_UDP].payload);
}

/*
 * Over the L4 bytes and the pseudo header, whose sum comes from the addresses
 * and its other parts.
 */
static void write_checksum(const struct traffic *traffic, uint8_t *packet)
{
    grove_sum_fn *add = grove_sum_fastest();
    const struct kind *kind = &kinds[traffic->kind];
    size_t len = traffic->len - traffic->l4;
    bool ip6 = kind->ip == IP6_HEADER;
    const uint8_t *ip = packet + kind->outer;
    uint32_t sum = ip6 ? add(ip + 8, 32) : add(ip + 12, 8);

    sum += kind->protocol + (uint32_t)len;
    sum += add(packet + traffic->l4, len);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    /* 0 would mean "no checksum" to UDP; 0xffff is its equal. */
    put16(packet + traffic->l4 + kind->checksum, sum == 0xffff ? sum : ~sum);
}

/* Random payload, on which no checksum routine is faster than on others. */
static void write_payload(uint8_t *at, size_t len, uint64_t seed)
{
    struct dice dice = {.state = seed};

    for (size_t i = 0; i < len; i++)
        at[i] = (uint8_t)roll(&dice);
}

static void write_ethernet(uint8_t *frame)
{
    memset(frame, 2, ETHERNET_HEADER - 2);
    put16(frame + ETHERNET_HEADER - 2, 0x0800);
}

/* The headers of VXLAN, in which each flow has a source port of its own. */
static void write_outer(const struct traffic *traffic, uint8_t *packet,
                        unsigned flow, unsigned number)
{
    uint8_t *udp = packet + OUTER_UDP;

    write_ethernet(packet);
    write_ip4(packet + ETHERNET_HEADER, traffic->len - ETHERNET_HEADER,
              PROTOCOL_UDP, flow, number);
    put16(udp, 50000 + flow);
    put16(udp + 2, VXLAN_PORT);
    put16(udp + 4, traffic->len - OUTER_UDP);
    udp[UDP_HEADER] = 8; /* there is a VNI */
    udp[UDP_HEADER + 6] = 7;
    write_ethernet(udp + UDP_HEADER + VXLAN_HEADER);
}

static void write_packet(const struct traffic *traffic, unsigned index)
{
    const struct kind *kind = &kinds[traffic->kind];
    uint8_t *packet = traffic->packet[index];
    unsigned flow = index % traffic->flows;
    unsigned number = index / traffic->flows;

    if (kind->outer != 0)
        write_outer(traffic, packet, flow, number);
    if (kind->ip == IP4_HEADER)
        write_ip4(packet + kind->outer, traffic->len - kind->outer,
                  kind->protocol, flow, number);
    else
        write_ip6(traffic, packet, flow);
    if (traffic_is_tcp(traffic->kind))
        write_tcp(packet + traffic->l4, flow, number, kind->payload);
    else
        write_udp(packet + traffic->l4, flow);
    write_payload(packet + traffic->payload, traffic->len - traffic->payload,
                  index + 1);
    write_checksum(traffic, packet);
}

const char *traffic_name(enum traffic_kind kind)
{
    return kinds[kind].name;
}

void traffic_configure(enum traffic_kind kind, struct grove_config *config)
{
    static const struct grove_tunnel vxlan = {GROVE_TUNNEL_VXLAN, VXLAN_PORT};

    if (kind != TRAFFIC_VXLAN)
        return;
    config->link = GROVE_LINK_ETHERNET;
    config->tunnels = &vxlan;
    config->tunnel_count = 1;
}

struct traffic *traffic_new(enum traffic_kind kind, unsigned flows)
{
    /* The packets begin on a line of the cache after the struct. */
    size_t start = (sizeof(struct traffic) + 63) / 64 * 64;
    unsigned packets = flows > TRAFFIC_BATCH ? flows : TRAFFIC_BATCH;
    size_t size = start + packets * STRIDE;
    uint8_t *memory = aligned_alloc(64, size);
    struct traffic *traffic = (void *)memory;

    if (memory == NULL)
        return NULL;
    memset(memory, 0, size);
    traffic->kind = kind;
    traffic->flows = flows;
    traffic->packets = packets;
    traffic->l4 = kinds[kind].outer + kinds[kind].ip;
    traffic->payload = traffic->l4 + kinds[kind].header;
    traffic->len = traffic->payload + kinds[kind].payload;
    for (unsigned i = 0; i < packets; i++) {
        traffic->packet[i] = memory + start + i * STRIDE + HEADROOM;
        write_packet(traffic, i);
    }
    return traffic;
}

unsigned traffic_fewest(const struct traffic *traffic)
{
    size_t link = kinds[traffic->kind].outer != 0 ? ETHERNET_HEADER : 0;
    unsigned segments = (unsigned)((MAX_BYTES + link - traffic->payload) /
                                   (traffic->len - traffic->payload));
    unsigned outputs = 0;

    if (!traffic_is_tcp(traffic->kind) && segments > MAX_UDP_SEGMENTS)
        segments = MAX_UDP_SEGMENTS;
    for (unsigned flow = 0; flow < traffic->flows; flow++) {
        unsigned packets =
            (traffic->packets - flow + traffic->flows - 1) / traffic->flows;

        outputs += (packets + segments - 1) / segments;
    }
    return outputs;
}
