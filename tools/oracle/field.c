/* SPDX-License-Identifier: MIT */
/*
 * Names of header fields. Packets that differ may be malformed, so a name is
 * given only as far as the headers before it lie inside the packet.
 */
#include "field.h"

#include <netinet/in.h>

/* A field, by its first byte; it ends where the next one begins. */
struct field {
    uint8_t first;
    const char *name;
};

static const struct field ipv4[] = {
    {0, "IPv4 version and header length"},
    {1, "IPv4 TOS"},
    {2, "IPv4 total length"},
    {4, "IPv4 identification"},
    {6, "IPv4 flags and fragment offset"},
    {8, "IPv4 TTL"},
    {9, "IPv4 protocol"},
    {10, "IPv4 header checksum"},
    {12, "IPv4 source address"},
    {16, "IPv4 destination address"},
    {20, "IPv4 options"},
};

static const struct field ipv6[] = {
    {0, "IPv6 version, traffic class and flow label"},
    {4, "IPv6 payload length"},
    {6, "IPv6 next header"},
    {7, "IPv6 hop limit"},
    {8, "IPv6 source address"},
    {24, "IPv6 destination address"},
    {40, "IPv6 extension header"},
};

static const struct field tcp[] = {
    {0, "TCP source port"},     {2, "TCP destination port"},
    {4, "TCP sequence number"}, {8, "TCP acknowledgment number"},
    {12, "TCP data offset"},    {13, "TCP flags"},
    {14, "TCP window"},         {16, "TCP checksum"},
    {18, "TCP urgent pointer"}, {20, "TCP options"},
};

static const struct field udp[] = {
    {0, "UDP source port"},
    {2, "UDP destination port"},
    {4, "UDP length"},
    {6, "UDP checksum"},
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *lookup(const struct field *fields, size_t count,
                          size_t offset)
{
    while (count > 1 && fields[count - 1].first > offset)
        count--;
    return fields[count - 1].name;
}

static const char *tcp_name(const uint8_t *header, size_t len, size_t offset)
{
    size_t headers = len > 12 ? (size_t)(header[12] >> 4) * 4 : 20;

    if (offset >= 20 && offset >= headers)
        return "payload";
    return lookup(tcp, COUNT(tcp), offset);
}

static const char *l4_name(uint8_t protocol, const uint8_t *header, size_t len,
                           size_t offset)
{
    switch (protocol) {
    case IPPROTO_TCP:
        return tcp_name(header, len, offset);
    case IPPROTO_UDP:
        return offset < 8 ? lookup(udp, COUNT(udp), offset) : "payload";
    default:
        return NULL;
    }
}

static const char *ipv4_name(const uint8_t *packet, size_t len, size_t offset)
{
    size_t header = (size_t)(packet[0] & 15) * 4;

    if (offset < 20 || offset < header)
        return lookup(ipv4, COUNT(ipv4), offset);
    if (header < 20)
        return NULL;
    return l4_name(packet[9], packet + header, len - header, offset - header);
}

static const char *ipv6_name(const uint8_t *packet, size_t len, size_t offset)
{
    size_t header = 40;
    uint8_t next;

    if (offset < header)
        return lookup(ipv6, COUNT(ipv6), offset);
    next = packet[6];
    while (next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING ||
           next == IPPROTO_DSTOPTS) {
        if (len - header < 2)
            return NULL;
        next = packet[header];
        header += ((size_t)packet[header + 1] + 1) * 8;
        if (offset < header)
            return lookup(ipv6, COUNT(ipv6), 40);
    }
    return l4_name(next, packet + header, len - header, offset - header);
}

const char *field_name(const uint8_t *packet, size_t len, size_t offset)
{
    if (offset >= len)
        return NULL;
    switch (packet[0] >> 4) {
    case 4:
        return ipv4_name(packet, len, offset);
    case 6:
        return ipv6_name(packet, len, offset);
    default:
        return NULL;
    }
}
