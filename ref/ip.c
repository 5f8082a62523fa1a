/* SPDX-License-Identifier: MIT */
#include "ip.h"

#include "checksum_ways.h"
#include "header.h"

/* The most extension headers that a flow dissector passes. */
#define EXTENSIONS_MAX 16

static void walk_ip4(struct bytes network, struct ip_headers *ip)
{
    ip->fixed = network.len >= IP4_HEADER;
    if (!ip->fixed)
        return;
    ip->protocol = bytes_u8(network, IP4_PROTOCOL);
    ip->l4 = (uint32_t)(bytes_u8(network, IP4_VERSION_IHL) & IP4_IHL) * 4;
    ip->whole = ip->l4 >= IP4_HEADER && ip->l4 <= network.len;
}

static bool is_extension(uint8_t protocol)
{
    return protocol == IP_PROTO_HOP_BY_HOP || protocol == IP_PROTO_ROUTING ||
           protocol == IP_PROTO_DESTINATION;
}

/* Passes at most `most` extension headers. */
static void walk_ip6(struct bytes network, uint32_t most, struct ip_headers *ip)
{
    ip->fixed = network.len >= IP6_HEADER;
    if (!ip->fixed)
        return;
    ip->protocol = bytes_u8(network, IP6_NEXT_HEADER);
    ip->l4 = IP6_HEADER;
    while (is_extension(ip->protocol) && ip->extensions < most) {
        const struct bytes rest = bytes_from(network, ip->l4);
        uint32_t len;

        if (rest.len < EXTENSION_FIXED)
            return;
        len = ((uint32_t)bytes_u8(rest, EXTENSION_LENGTH) + 1) * EXTENSION_UNIT;
        if (rest.len < len)
            return;
        ip->protocol = bytes_u8(rest, EXTENSION_NEXT_HEADER);
        ip->l4 += len;
        ip->extensions++;
    }
    ip->whole = true;
}

static struct ip_headers walk(struct bytes network, uint8_t version,
                              uint32_t most)
{
    struct ip_headers ip = {.l4 = 0};

    if (version == 4)
        walk_ip4(network, &ip);
    else if (version == 6)
        walk_ip6(network, most, &ip);
    return ip;
}

struct ip_headers ip_walk(struct bytes network, uint8_t version)
{
    return walk(network, version, UINT32_MAX);
}

struct ip_headers ip_dissect(struct bytes network, uint8_t version)
{
    struct ip_headers ip = ip_walk(network, version);

    if (version == 6 && ip.protocol == IP_PROTO_FRAGMENT &&
        bytes_have(network, ip.l4, FRAGMENT_HEADER)) {
        ip.protocol =
            bytes_u8(bytes_from(network, ip.l4), EXTENSION_NEXT_HEADER);
        ip.l4 += FRAGMENT_HEADER;
        ip.extensions++;
    }
    ip.whole = ip.whole && ip.extensions <= EXTENSIONS_MAX;
    return ip;
}

uint32_t ip_probe(struct bytes network, uint8_t version)
{
    const uint32_t l4 = walk(network, version, EXTENSIONS_MAX).l4;
    const uint16_t len = (uint16_t)network.len;

    return l4 < len ? l4 : len;
}

uint16_t ip4_header_sum(struct bytes network)
{
    uint64_t sum = bytes_be32(network, IP4_DESTINATION);

    sum = checksum_add(sum, bytes_be64(network, IP4_VERSION_IHL));
    sum = checksum_add(sum, bytes_be64(network, IP4_TTL));
    return sum_fold(sum);
}

uint16_t ip_pseudo_sum(struct bytes network, uint8_t version, uint8_t protocol,
                       uint32_t len)
{
    uint64_t sum = (uint64_t)len + protocol;
    struct bytes ip;

    if (version == 4)
        return sum_fold(sum + bytes_be32(network, IP4_SOURCE) +
                        bytes_be32(network, IP4_DESTINATION));
    ip = bytes_first(network, IP6_HEADER);
    for (uint32_t at = IP6_SOURCE; at < IP6_HEADER; at += 8)
        sum = checksum_add(sum, bytes_be64(ip, at));
    return sum_fold(sum);
}

bool ip_l4_is_right(grove_sum_fn *sum, struct bytes network, uint8_t version,
                    uint8_t protocol, struct bytes l4)
{
    return ip_l4_adds_up(sum, ip_pseudo_sum(network, version, protocol, l4.len),
                         l4);
}
