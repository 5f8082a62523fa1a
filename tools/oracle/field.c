/* SPDX-License-Identifier: MIT */
/*
 * Names of header fields. Packets that differ may be malformed. A field has a
 * name only if the headers before it lie inside the packet.
 */
#include "field.h"

#include <netinet/in.h>

#include "../../ref/bytes.h"
#include "layers.h"

/* A field and its offset. It ends where the next one begins. */
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

static const char *tcp_name(struct bytes header, uint32_t offset)
{
    const uint32_t len =
        header.len > 12 ? (uint32_t)(bytes_u8(header, 12) >> 4) * 4 : 20;

    if (offset >= 20 && offset >= len)
        return "payload";
    return lookup(tcp, COUNT(tcp), offset);
}

static const char *l4_name(struct bytes packet, const struct layout *at,
                           uint32_t offset)
{
    const uint32_t body = (uint32_t)at->body;

    if (body == 0)
        return NULL;
    if (at->protocol == IPPROTO_TCP)
        return tcp_name(bytes_from(packet, body), offset - body);
    return offset - body < 8 ? lookup(udp, COUNT(udp), offset - body)
                             : "payload";
}

static const char *ipv4_name(struct bytes packet, const struct layout *at,
                             uint32_t offset)
{
    const uint32_t header = (uint32_t)(bytes_u8(packet, 0) & 15) * 4;

    if (offset < 20 || offset < header)
        return lookup(ipv4, COUNT(ipv4), offset);
    return l4_name(packet, at, offset);
}

static const char *ipv6_name(struct bytes packet, const struct layout *at,
                             uint32_t offset)
{
    if (offset < 40)
        return lookup(ipv6, COUNT(ipv6), offset);
    if (offset < at->next || at->cut)
        return lookup(ipv6, COUNT(ipv6), 40);
    return l4_name(packet, at, offset);
}

const char *field_name(const uint8_t *packet, size_t len, size_t offset)
{
    const struct bytes view = {packet, (uint32_t)len};
    const struct layout at = layout_of(packet, len);

    if (offset >= len)
        return NULL;
    switch (bytes_u8(view, 0) >> 4) {
    case 4:
        return ipv4_name(view, &at, (uint32_t)offset);
    case 6:
        return ipv6_name(view, &at, (uint32_t)offset);
    default:
        return NULL;
    }
}

static const char *layer_name(const struct layer *layer, const uint8_t *packet)
{
    switch (layer->kind) {
    case LAYER_ETHERNET:
        return "Ethernet header";
    case LAYER_TAG:
        return "VLAN tag";
    case LAYER_IP:
        return packet[layer->at] >> 4 == 4 ? "outer IPv4 header"
                                           : "outer IPv6 header";
    case LAYER_UDP:
        return "outer UDP header";
    case LAYER_VXLAN:
        return "VXLAN header";
    case LAYER_GENEVE:
        return "GENEVE header";
    case LAYER_GRE:
        return "GRE header";
    case LAYER_PPPOE:
        return "PPPoE header";
    }
    return NULL;
}

const char *field_name_in(const struct run_config *config,
                          const uint8_t *packet, size_t len, size_t offset)
{
    const struct layers layers = layers_of(config, packet, len);
    const bool begins = layers.has_ip || config->link == GROVE_LINK_NONE;

    if (begins && offset >= layers.ip)
        return field_name(packet + layers.ip, len - layers.ip,
                          offset - layers.ip);
    for (unsigned i = 0; i < layers.count; i++) {
        const struct layer *layer = &layers.layer[i];

        if (offset >= layer->at && offset - layer->at < layer->len)
            return layer_name(layer, packet);
    }
    return NULL;
}
