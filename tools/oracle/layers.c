/* SPDX-License-Identifier: MIT */
#include "layers.h"

#include <linux/if_ether.h>
#include <netinet/in.h>

#include "../../ref/bytes.h"

enum {
    TAG_LEN = 4,
    UDP_LEN = 8,
    VXLAN_LEN = 8,
    GENEVE_LEN = 8,
    GRE_LEN = 4,
    GRE_FIELD_LEN = 4, /* of the checksum and of the key */
    PPPOE_LEN = 8
};

/* The protocols of PPP that are IP. */
enum { PPP_IP4 = 0x0021, PPP_IP6 = 0x0057 };

/* The numbers of what is inside of VXLAN-GPE. */
enum { GPE_IP4 = 1, GPE_IP6 = 2, GPE_ETHERNET = 3 };

/* What is behind a layer, by the number that the layer has for it. */
struct walk {
    const struct run_config *config;
    struct bytes packet;
    struct layers *layers;
    uint32_t at;
};

/* Adds a layer of `len` bytes; false: it does not fit. */
static bool add(struct walk *walk, enum layer_kind kind, uint32_t len)
{
    struct layers *layers = walk->layers;

    if (layers->count == LAYERS_MAX || !bytes_have(walk->packet, walk->at, len))
        return false;
    layers->layer[layers->count++] = (struct layer){kind, walk->at, len};
    walk->at += len;
    return true;
}

static const struct grove_tunnel *find_tunnel(const struct run_config *config,
                                              enum grove_tunnel_protocol first,
                                              enum grove_tunnel_protocol last,
                                              uint16_t port)
{
    for (uint32_t i = 0; i < config->tunnel_count; i++) {
        const struct grove_tunnel *tunnel = &config->tunnels[i];

        if (tunnel->protocol >= first && tunnel->protocol <= last &&
            tunnel->port == port)
            return tunnel;
    }
    return NULL;
}

/* Each of these adds a layer, and returns the Ethernet type of the next. */
static uint16_t walk_ethernet(struct walk *walk)
{
    return add(walk, LAYER_ETHERNET, ETH_HLEN)
               ? bytes_be16(walk->packet, walk->at - 2)
               : 0;
}

static uint16_t walk_tag(struct walk *walk)
{
    return add(walk, LAYER_TAG, TAG_LEN)
               ? bytes_be16(walk->packet, walk->at - 2)
               : 0;
}

static uint16_t walk_pppoe(struct walk *walk)
{
    if (find_tunnel(walk->config, GROVE_TUNNEL_PPPOE, GROVE_TUNNEL_PPPOE, 0) ==
            NULL ||
        !add(walk, LAYER_PPPOE, PPPOE_LEN))
        return 0;
    switch (bytes_be16(walk->packet, walk->at - 2)) {
    case PPP_IP4:
        return ETH_P_IP;
    case PPP_IP6:
        return ETH_P_IPV6;
    default:
        return 0;
    }
}

static uint16_t walk_gre(struct walk *walk)
{
    uint16_t flags;
    uint32_t len = GRE_LEN;
    uint16_t type;

    if (!bytes_have(walk->packet, walk->at, GRE_LEN))
        return 0;
    flags = bytes_be16(walk->packet, walk->at);
    type = bytes_be16(walk->packet, walk->at + 2);
    len += (flags & 0x8000) != 0 ? GRE_FIELD_LEN : 0;
    len += (flags & 0x2000) != 0 ? GRE_FIELD_LEN : 0;
    return add(walk, LAYER_GRE, len) ? type : 0;
}

static uint16_t walk_geneve(struct walk *walk)
{
    uint32_t len;
    uint16_t type;

    if (!bytes_have(walk->packet, walk->at, GENEVE_LEN))
        return 0;
    len = GENEVE_LEN + (uint32_t)(bytes_u8(walk->packet, walk->at) & 63) * 4;
    type = bytes_be16(walk->packet, walk->at + 2);
    return add(walk, LAYER_GENEVE, len) ? type : 0;
}

static uint16_t walk_vxlan(struct walk *walk, bool gpe)
{
    if (!add(walk, LAYER_VXLAN, VXLAN_LEN))
        return 0;
    switch (gpe ? bytes_u8(walk->packet, walk->at - 5) : GPE_ETHERNET) {
    case GPE_IP4:
        return ETH_P_IP;
    case GPE_IP6:
        return ETH_P_IPV6;
    case GPE_ETHERNET:
        return ETH_P_TEB;
    default:
        return 0;
    }
}

static uint16_t walk_udp(struct walk *walk)
{
    const struct grove_tunnel *tunnel;

    if (!bytes_have(walk->packet, walk->at, UDP_LEN))
        return 0;
    tunnel = find_tunnel(walk->config, GROVE_TUNNEL_VXLAN, GROVE_TUNNEL_GENEVE,
                         bytes_be16(walk->packet, walk->at + 2));
    if (tunnel == NULL || !add(walk, LAYER_UDP, UDP_LEN))
        return 0;
    if (tunnel->protocol == GROVE_TUNNEL_GENEVE)
        return walk_geneve(walk);
    return walk_vxlan(walk, tunnel->protocol == GROVE_TUNNEL_VXLAN_GPE);
}

/* What the protocol of an IP header leads to. */
static uint16_t walk_protocol(struct walk *walk, uint8_t protocol)
{
    const bool ipip = find_tunnel(walk->config, GROVE_TUNNEL_IPIP,
                                  GROVE_TUNNEL_IPIP, 0) != NULL;

    if (protocol == IPPROTO_IPIP)
        return ipip ? ETH_P_IP : 0;
    if (protocol == IPPROTO_IPV6)
        return ipip ? ETH_P_IPV6 : 0;
    if (protocol == IPPROTO_GRE &&
        find_tunnel(walk->config, GROVE_TUNNEL_GRE, GROVE_TUNNEL_GRE, 0))
        return walk_gre(walk);
    return protocol == IPPROTO_UDP ? walk_udp(walk) : 0;
}

static uint16_t walk_ip(struct walk *walk, uint8_t version)
{
    const struct bytes rest = bytes_from(walk->packet, walk->at);
    const struct layout at = layout_of(rest.at, rest.len);

    if (at.version != version)
        return 0;
    walk->layers->has_ip = true;
    walk->layers->ip = walk->at;
    return add(walk, LAYER_IP, (uint32_t)at.next) && !at.cut
               ? walk_protocol(walk, at.protocol)
               : 0;
}

/* Adds what an Ethernet type names, and returns the next one; 0: the end. */
static uint16_t walk_type(struct walk *walk, uint16_t type)
{
    switch (type) {
    case ETH_P_TEB:
        return walk_ethernet(walk);
    case ETH_P_8021Q:
    case ETH_P_8021AD:
        return walk_tag(walk);
    case ETH_P_PPP_SES:
        return walk_pppoe(walk);
    case ETH_P_IP:
        return walk_ip(walk, 4);
    case ETH_P_IPV6:
        return walk_ip(walk, 6);
    default:
        return 0;
    }
}

/* The type that stands for the first byte of a packet. */
static uint16_t first_type(const struct run_config *config, struct bytes packet)
{
    if (config->link == GROVE_LINK_ETHERNET)
        return ETH_P_TEB;
    return packet.len > 0 && bytes_u8(packet, 0) >> 4 == 4 ? ETH_P_IP
                                                           : ETH_P_IPV6;
}

struct layers layers_of(const struct run_config *config, const uint8_t *packet,
                        size_t len)
{
    struct layers layers = {.count = 0};
    struct walk walk = {
        .config = config, .packet = {packet, (uint32_t)len}, .layers = &layers};
    uint16_t type = first_type(config, walk.packet);

    while (type != 0)
        type = walk_type(&walk, type);
    return layers;
}

struct layers layers_with_pppoe(const struct run_config *config,
                                const uint8_t *packet, size_t len)
{
    struct run_config more = *config;

    if (more.tunnel_count < GROVE_MAX_TUNNELS)
        more.tunnels[more.tunnel_count++] =
            (struct grove_tunnel){.protocol = GROVE_TUNNEL_PPPOE};
    return layers_of(&more, packet, len);
}

unsigned layers_count(const struct layers *layers, enum layer_kind kind)
{
    unsigned count = 0;

    for (unsigned i = 0; i < layers->count; i++)
        if (layers->layer[i].kind == kind)
            count++;
    return count;
}

bool layers_have(const struct layers *layers, enum layer_kind kind)
{
    return layers_count(layers, kind) != 0;
}
