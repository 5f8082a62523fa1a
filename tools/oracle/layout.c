/* SPDX-License-Identifier: MIT */
#include "layout.h"

#include <netinet/in.h>

#include "../../ref/bytes.h"

enum {
    IP4_HEADER = 20,
    IP6_HEADER = 40,
    PORTS = 4,
    UDP_HEADER = 8,
    TCP_HEADER = 20
};

static bool is_extension(uint8_t protocol)
{
    return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
           protocol == IPPROTO_DSTOPTS;
}

static void find_ip4(struct layout *at, struct bytes packet)
{
    const uint32_t header = (uint32_t)(bytes_u8(packet, 0) & 15) * 4;

    if (header < IP4_HEADER || header > packet.len)
        return;
    at->version = 4;
    at->ip = header;
    at->next = header;
    at->protocol = bytes_u8(packet, 9);
}

static void find_ip6(struct layout *at, struct bytes packet)
{
    uint32_t next = IP6_HEADER;

    at->version = 6;
    at->ip = IP6_HEADER;
    at->protocol = bytes_u8(packet, 6);
    while (is_extension(at->protocol) && bytes_have(packet, next, 2)) {
        const uint32_t len = ((uint32_t)bytes_u8(packet, next + 1) + 1) * 8;

        at->extensions++;
        if (!bytes_have(packet, next, len))
            break;
        at->protocol = bytes_u8(packet, next);
        next += len;
    }
    at->next = next;
    at->cut = is_extension(at->protocol);
}

static void find_tcp(struct layout *at, struct bytes packet, uint32_t l4)
{
    uint32_t payload;

    if (!bytes_have(packet, l4, TCP_HEADER))
        return;
    at->l4 = l4;
    at->field = l4 + 16;
    payload = l4 + (uint32_t)(bytes_u8(packet, l4 + 12) >> 4) * 4;
    if (payload >= l4 + TCP_HEADER && payload < packet.len)
        at->payload = payload;
}

static void find_udp(struct layout *at, struct bytes packet, uint32_t l4)
{
    if (!bytes_have(packet, l4, UDP_HEADER))
        return;
    at->l4 = l4;
    at->field = l4 + 6;
    if (packet.len - l4 > UDP_HEADER)
        at->payload = l4 + UDP_HEADER;
}

static void find_l4(struct layout *at, struct bytes packet)
{
    const uint32_t l4 = (uint32_t)at->next;

    if (at->protocol != IPPROTO_TCP && at->protocol != IPPROTO_UDP)
        return;
    at->body = l4;
    if (!bytes_have(packet, l4, PORTS))
        return;
    at->ports = l4;
    if (at->protocol == IPPROTO_TCP)
        find_tcp(at, packet, l4);
    else
        find_udp(at, packet, l4);
}

struct layout layout_of(const uint8_t *packet, size_t len)
{
    const struct bytes view = {packet, (uint32_t)len};
    struct layout at = {0};

    if (view.len >= IP4_HEADER && bytes_u8(view, 0) >> 4 == 4)
        find_ip4(&at, view);
    else if (view.len >= IP6_HEADER && bytes_u8(view, 0) >> 4 == 6)
        find_ip6(&at, view);
    if (at.next != 0)
        find_l4(&at, view);
    return at;
}
