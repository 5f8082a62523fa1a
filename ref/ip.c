/* SPDX-License-Identifier: MIT */
#include "ip.h"

#include "packet.h"

enum extension { ROUTING = 43, FRAGMENT = 44, DESTINATION_OPTIONS = 60 };

#define FRAGMENT_HEADER 8
#define EXTENSIONS_MAX  16 /* that a flow dissector passes */

static void walk_ip4(struct bytes packet, struct ip_headers *ip)
{
    ip->fixed = packet.len >= IP4_HEADER;
    if (!ip->fixed)
        return;
    ip->protocol = bytes_u8(packet, 9);
    ip->l4 = (uint32_t)(bytes_u8(packet, 0) & 0x0f) * 4;
    ip->whole = ip->l4 >= IP4_HEADER && ip->l4 <= packet.len;
}

static bool is_extension(uint8_t protocol)
{
    return protocol == IP_PROTO_HOP_BY_HOP || protocol == ROUTING ||
           protocol == DESTINATION_OPTIONS;
}

static void walk_ip6(struct bytes packet, struct ip_headers *ip)
{
    ip->fixed = packet.len >= IP6_HEADER;
    if (!ip->fixed)
        return;
    ip->protocol = bytes_u8(packet, 6);
    ip->l4 = IP6_HEADER;
    while (is_extension(ip->protocol)) {
        uint32_t len;

        if (!bytes_have(packet, ip->l4, 2))
            return;
        len = ((uint32_t)bytes_u8(packet, ip->l4 + 1) + 1) * 8;
        if (!bytes_have(packet, ip->l4, len))
            return;
        ip->protocol = bytes_u8(packet, ip->l4);
        ip->l4 += len;
        ip->extensions++;
    }
    ip->whole = true;
}

struct ip_headers ip_walk(struct bytes packet)
{
    struct ip_headers ip = {0};

    if (packet.len == 0)
        return ip;
    ip.version = bytes_u8(packet, 0) >> 4;
    if (ip.version == 4)
        walk_ip4(packet, &ip);
    else if (ip.version == 6)
        walk_ip6(packet, &ip);
    return ip;
}

struct ip_headers ip_dissect(struct bytes packet)
{
    struct ip_headers ip = ip_walk(packet);

    if (ip.version == 6 && ip.protocol == FRAGMENT &&
        bytes_have(packet, ip.l4, FRAGMENT_HEADER)) {
        ip.protocol = bytes_u8(packet, ip.l4);
        ip.l4 += FRAGMENT_HEADER;
        ip.extensions++;
    }
    ip.whole = ip.whole && ip.extensions <= EXTENSIONS_MAX;
    return ip;
}
