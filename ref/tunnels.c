/* SPDX-License-Identifier: MIT */
#include "tunnels.h"

#include "header.h"
#include "link.h"

/* A kind of tunnel. */
struct kind {
    bool over_udp;
    uint8_t protocols[2]; /* of IP; 0: it follows no IP header, or UDP */
    uint8_t frames_max;   /* Ethernet headers inside, and VLAN tags */
    enum grove_rule (*read)(struct bytes own, struct tunnel_header *header);
};

/* VXLAN: all of the header is in the key; RFC 7348, section 5. */
static enum grove_rule read_vxlan(struct bytes own,
                                  struct tunnel_header *header)
{
    /* GRO-TUN-003: the header of the tunnel does not fit len. */
    if (own.len < VXLAN_HEADER)
        return GROVE_RULE_TUN_SHORT;
    *header = (struct tunnel_header){VXLAN_HEADER, VXLAN_HEADER,
                                     ETHERNET_TYPE_ETHERNET, false};
    return GROVE_RULE_NONE;
}

/* The Ethernet type of a number; 0: none that is looked into. */
static uint16_t type_of_next(uint8_t next)
{
    if (next == VXLAN_NEXT_IP4)
        return ETHERNET_TYPE_IP4;
    if (next == VXLAN_NEXT_IP6)
        return ETHERNET_TYPE_IP6;
    return next == VXLAN_NEXT_ETHERNET ? ETHERNET_TYPE_ETHERNET : 0;
}

/* VXLAN-GPE: the same header, which says what is inside. */
static enum grove_rule read_vxlan_gpe(struct bytes own,
                                      struct tunnel_header *header)
{
    const uint8_t flags = VXLAN_OAM | VXLAN_HAS_NEXT | VXLAN_VERSION;
    const enum grove_rule rule = read_vxlan(own, header);

    if (rule != GROVE_RULE_NONE)
        return rule;
    /* GRO-TUN-007: a version, an OAM packet, or without a next protocol. */
    if ((bytes_u8(own, VXLAN_FLAGS) & flags) != VXLAN_HAS_NEXT)
        return GROVE_RULE_TUN_HEADER;
    header->type = type_of_next(bytes_u8(own, VXLAN_NEXT));
    return GROVE_RULE_NONE;
}

/* GENEVE: its options are in the key, too. */
static enum grove_rule read_geneve(struct bytes own,
                                   struct tunnel_header *header)
{
    uint8_t first;
    uint32_t len;

    if (own.len < GENEVE_HEADER)
        return GROVE_RULE_TUN_SHORT;
    first = bytes_u8(own, GENEVE_VERSION_OPTIONS);
    /* GRO-TUN-007: a version, or an OAM packet. */
    if ((first & GENEVE_VERSION) != 0 ||
        (bytes_u8(own, GENEVE_FLAGS) & GENEVE_OAM) != 0)
        return GROVE_RULE_TUN_HEADER;
    len = GENEVE_HEADER + (uint32_t)(first & GENEVE_OPTIONS) * 4;
    /* GRO-TUN-003: the options do not fit len. */
    if (own.len < len)
        return GROVE_RULE_TUN_SHORT;
    *header =
        (struct tunnel_header){len, len, bytes_be16(own, GENEVE_TYPE), false};
    return GROVE_RULE_NONE;
}

/*
 * GRE: of a header with a key, the 4 bytes behind GRE_HEADER are in the key,
 * even if they are those of the checksum.
 */
static enum grove_rule read_gre(struct bytes own, struct tunnel_header *header)
{
    uint16_t flags;
    bool has_sum;
    bool has_key;

    if (own.len < GRE_HEADER)
        return GROVE_RULE_TUN_SHORT;
    flags = bytes_be16(own, GRE_FLAGS);
    /* GRO-TUN-007: a version, or another flag. */
    if ((flags & ~(GRE_HAS_CHECKSUM | GRE_HAS_KEY)) != 0)
        return GROVE_RULE_TUN_HEADER;
    has_sum = (flags & GRE_HAS_CHECKSUM) != 0;
    has_key = (flags & GRE_HAS_KEY) != 0;
    *header = (struct tunnel_header){
        .len = GRE_HEADER + (has_sum ? (uint32_t)GRE_FIELD : 0U) +
               (has_key ? (uint32_t)GRE_FIELD : 0U),
        .key_len = GRE_HEADER + (has_key ? (uint32_t)GRE_FIELD : 0U),
        .type = bytes_be16(own, GRE_TYPE),
        .has_sum = has_sum,
    };
    /* GRO-TUN-003: checksum and key do not fit len. */
    return own.len < header->len ? GROVE_RULE_TUN_SHORT : GROVE_RULE_NONE;
}

/* In the order of enum grove_tunnel_protocol, of which 0 is none. */
static const struct kind kinds[] = {
    {false, {0}, LINK_TAGS_MAX, NULL},
    {false, {IP_PROTO_IP4, IP_PROTO_IP6}, 12, NULL},
    {false, {IP_PROTO_GRE, IP_PROTO_GRE}, 11, read_gre},
    {true, {0}, 10, read_vxlan},
    {true, {0}, 10, read_vxlan_gpe},
    {true, {0}, 10, read_geneve},
    {false, {0}, LINK_TAGS_MAX, NULL},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static bool is_covered(const struct grove_tunnel *tunnel)
{
    const struct kind *kind;

    if ((int)tunnel->protocol <= 0 || (int)tunnel->protocol >= KINDS)
        return false;
    kind = &kinds[tunnel->protocol];
    return kind->over_udp == (tunnel->port != 0);
}

bool tunnels_copy(struct tunnels *tunnels, const struct grove_tunnel *list,
                  uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!is_covered(&list[i]))
            return false;
        tunnels->list[i] = list[i];
    }
    tunnels->count = count;
    return true;
}

bool tunnels_have_pppoe(const struct tunnels *tunnels)
{
    for (uint32_t i = 0; i < tunnels->count; i++)
        if (tunnels->list[i].protocol == GROVE_TUNNEL_PPPOE)
            return true;
    return false;
}

uint8_t tunnels_by_protocol(const struct tunnels *tunnels, uint8_t protocol)
{
    for (uint32_t i = 0; i < tunnels->count; i++) {
        const struct kind *kind = &kinds[tunnels->list[i].protocol];

        if (kind->protocols[0] != 0 &&
            (kind->protocols[0] == protocol || kind->protocols[1] == protocol))
            return (uint8_t)tunnels->list[i].protocol;
    }
    return 0;
}

uint8_t tunnels_by_port(const struct tunnels *tunnels, uint16_t port)
{
    for (uint32_t i = 0; i < tunnels->count; i++)
        if (tunnels->list[i].port == port && port != 0)
            return (uint8_t)tunnels->list[i].protocol;
    return 0;
}

enum grove_rule tunnels_read(uint8_t tunnel, uint8_t protocol, struct bytes own,
                             struct tunnel_header *header)
{
    if (kinds[tunnel].read != NULL)
        return kinds[tunnel].read(own, header);
    *header = (struct tunnel_header){
        .type = (uint16_t)(protocol == IP_PROTO_IP4 ? ETHERNET_TYPE_IP4
                                                    : ETHERNET_TYPE_IP6),
    };
    return GROVE_RULE_NONE;
}

uint32_t tunnels_frames_max(uint8_t tunnel)
{
    return kinds[tunnel].frames_max;
}
