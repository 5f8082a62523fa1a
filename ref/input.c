/* SPDX-License-Identifier: MIT */
#include "input.h"

#include <stddef.h>

#include "header.h"
#include "ip.h"
#include "vnet.h"

/* VNET-011: the most segments of a UDP super-packet. */
#define UDP_SEGMENTS_MAX 128

/* VNET-013: the kernel's value for "the fragments have the sizes". */
#define GSO_BY_FRAGS 0xffff

/* VNET-007: the most VLAN tags that a flow dissector passes. */
#define DISSECTED_TAGS_MAX 15

/* SPEC's l4min: the length of the L4 header that the type implies. */
static uint32_t l4min(uint8_t type)
{
    if (type == GROVE_VNET_GSO_NONE)
        return 0;
    return vnet_type_is_tcp(type) ? TCP_HEADER : UDP_HEADER;
}

/* SPEC's l3min: the least length of the IP header before it. */
static uint32_t l3min(const struct profile *profile, uint8_t type)
{
    if (!profile->checks_csum_start)
        return 0;
    return type == GROVE_VNET_GSO_TCPV6 ? IP6_HEADER : IP4_HEADER;
}

/* The hdr_len that VNET-001 compares. Its sum wraps at 16 bits. */
static uint16_t checked_hdr_len(const struct grove_vnet *vnet)
{
    const uint32_t end = (uint32_t)vnet->csum_start + vnet->csum_offset + 2;

    return vnet_needs_csum(vnet) && end > vnet->hdr_len ? (uint16_t)end
                                                        : vnet->hdr_len;
}

/* SPEC's l3min where a tunnel is told of, by the IP version. */
static uint32_t tunnel_l3min(bool is_ip6)
{
    return is_ip6 ? IP6_HEADER : IP4_HEADER;
}

/* Whether the offsets leave room for the headers between them. */
static bool fits_tunnel(const struct grove_vnet *vnet)
{
    const bool outer_ip6 = vnet_tunnel(vnet) == GROVE_VNET_GSO_TUNNEL6;
    const bool inner_ip6 = vnet_type(vnet) == GROVE_VNET_GSO_TCPV6;

    return vnet->outer_th_offset >= ETHERNET_HEADER + tunnel_l3min(outer_ip6) &&
           vnet->inner_nh_offset >= vnet->outer_th_offset + UDP_HEADER &&
           vnet->csum_start >= vnet->inner_nh_offset + tunnel_l3min(inner_ip6);
}

/* The rules for a header that tells of a tunnel. */
static enum grove_rule check_tunnel(const struct grove_vnet *vnet)
{
    const uint8_t type = vnet_type(vnet);
    const uint8_t bits = vnet_tunnel(vnet);

    /* VNET-018: both bits of tunnels are set. */
    if (bits == (GROVE_VNET_GSO_TUNNEL4 | GROVE_VNET_GSO_TUNNEL6))
        return GROVE_RULE_VNET_TUNNEL_BOTH;
    /* VNET-019: type is NONE or UDP. */
    if (type == GROVE_VNET_GSO_NONE || type == GROVE_VNET_GSO_UDP)
        return GROVE_RULE_VNET_TUNNEL_TYPE;
    /* VNET-020: no NEEDS_CSUM. */
    if (!vnet_needs_csum(vnet))
        return GROVE_RULE_VNET_TUNNEL_CSUM;
    /* VNET-021: a header begins before the one in front of it can end. */
    if (!fits_tunnel(vnet))
        return GROVE_RULE_VNET_TUNNEL_OFFSET;
    return GROVE_RULE_NONE;
}

/* The version that the inner IP header of type UDP_L4 says. */
static bool says_ip6(const struct input *input)
{
    const struct bytes inner =
        bytes_from(input->bytes, input->vnet.inner_nh_offset);

    return bytes_u8(inner, IP_VERSION) >> 4 == 6;
}

/* VNET-022: type UDP_L4, inner IPv6, and csum_start inside its header. */
static enum grove_rule check_inner(const struct input *input)
{
    const struct grove_vnet *vnet = &input->vnet;

    if (vnet_type(vnet) == GROVE_VNET_GSO_UDP_L4 && says_ip6(input) &&
        vnet->csum_start < vnet->inner_nh_offset + IP6_HEADER)
        return GROVE_RULE_VNET_TUNNEL_IP6;
    return GROVE_RULE_NONE;
}

static enum grove_rule check_type(const struct profile *profile,
                                  const struct input *input)
{
    const struct grove_vnet *vnet = &input->vnet;
    const uint8_t type = vnet_type(vnet);
    const bool known = (input->tunnel || vnet_tunnel(vnet) == 0) &&
                       (vnet_type_is_tcp(type) || type == GROVE_VNET_GSO_UDP ||
                        (type == GROVE_VNET_GSO_UDP_L4 && profile->takes_uso));

    if (vnet->gso_type == GROVE_VNET_GSO_NONE)
        return GROVE_RULE_NONE;
    /* VNET-002: gso_type is unknown. */
    if (!known)
        return GROVE_RULE_VNET_TYPE;
    /* VNET-003: gso_size is 0. */
    if (vnet->gso_size == 0)
        return GROVE_RULE_VNET_SIZE_ZERO;
    return GROVE_RULE_NONE;
}

/* The rules for a header with NEEDS_CSUM. */
static enum grove_rule check_csum(const struct profile *profile,
                                  const struct grove_vnet *vnet, uint32_t len)
{
    const uint8_t type = vnet_type(vnet);
    const uint32_t field = (uint32_t)vnet->csum_offset + 2;
    const uint32_t header = l4min(type);
    const uint32_t need = field > header ? field : header;

    /* VNET-004: the checksum field or the L4 header ends beyond the packet. */
    if (vnet->csum_start + need > len)
        return GROVE_RULE_VNET_CSUM_FIELD;
    /* VNET-016: csum_start is over 65470. */
    if (vnet->csum_start > VNET_CSUM_START_MAX)
        return GROVE_RULE_VNET_CSUM_FAR;
    /* VNET-005: csum_start is under l3min, with checks_csum_start. */
    if (vnet->csum_start < l3min(profile, type))
        return GROVE_RULE_VNET_CSUM_START;
    return GROVE_RULE_NONE;
}

/* What a flow dissector finds. */
struct dissected {
    struct bytes network; /* from the IP header on, behind VLAN tags */
    uint32_t offset;      /* of the IP header */
    uint8_t version;
    struct ip_headers ip;
};

/* VNET-007: the walk. A VLAN tag is one of the headers that it passes. */
static struct dissected dissect(const struct input *input)
{
    struct dissected d = {.offset = input->network, .version = input->version};
    uint32_t tags = 0;

    if (input->network != 0) {
        tags = link_tags(input->bytes, input->network, DISSECTED_TAGS_MAX);
        d.offset += tags * ETHERNET_TAG;
        d.version = link_type_version(link_type_before(input->bytes, d.offset));
    }
    d.network = bytes_from(input->bytes, d.offset);
    d.ip = ip_dissect(d.network, d.version);
    d.ip.whole = d.ip.whole && tags + d.ip.extensions <= DISSECTED_TAGS_MAX + 1;
    return d;
}

/* Whether the packet is of its gso_type, by its own headers. */
static bool is_of_type(const struct input *input, uint8_t type)
{
    const struct dissected d = dissect(input);
    const uint8_t protocol =
        vnet_type_is_tcp(type) ? IP_PROTO_TCP : IP_PROTO_UDP;
    const bool version_fits =
        type == GROVE_VNET_GSO_UDP ||
        d.version == (type == GROVE_VNET_GSO_TCPV4 ? 4 : 6);

    return d.ip.whole && version_fits && d.ip.protocol == protocol &&
           bytes_have(d.network, d.ip.l4, l4min(type));
}

/* The rules for a GSO type without NEEDS_CSUM. */
static enum grove_rule check_unmarked(const struct profile *profile,
                                      const struct input *input)
{
    const uint8_t type = vnet_type(&input->vnet);
    const bool dissects = profile->dissects && type != GROVE_VNET_GSO_UDP_L4;

    /* VNET-006: l3min + l4min > len, unless VNET-007 checks the packet. */
    if (!dissects && l3min(profile, type) + l4min(type) > input->bytes.len)
        return GROVE_RULE_VNET_SHORT;
    /* VNET-007: the packet is not of that type, with dissects. */
    if (dissects && !is_of_type(input, type))
        return GROVE_RULE_VNET_PROTOCOL;
    return GROVE_RULE_NONE;
}

/* The rules for type UDP_L4. */
static enum grove_rule check_udp_gso(const struct grove_vnet *vnet,
                                     uint32_t len)
{
    /* VNET-008: no NEEDS_CSUM. */
    if (!vnet_needs_csum(vnet))
        return GROVE_RULE_VNET_UDP_CSUM;
    /* VNET-009: csum_offset is not 6. */
    if (vnet->csum_offset != UDP_CHECKSUM)
        return GROVE_RULE_VNET_UDP_OFFSET;
    /* VNET-010: the ECN bit is set. */
    if ((vnet->gso_type & GROVE_VNET_GSO_ECN) != 0)
        return GROVE_RULE_VNET_UDP_ECN;
    /* VNET-011: len - csum_start - 8 > 128 * gso_size. */
    if (len - vnet->csum_start - UDP_HEADER >
        (uint32_t)vnet->gso_size * UDP_SEGMENTS_MAX)
        return GROVE_RULE_VNET_UDP_SEGMENTS;
    return GROVE_RULE_NONE;
}

/* The last rules, which are for all GSO types. */
static enum grove_rule check_gso(const struct grove_vnet *vnet, uint32_t len)
{
    const uint8_t type = vnet_type(vnet);

    if (type == GROVE_VNET_GSO_UDP_L4) {
        const enum grove_rule rule = check_udp_gso(vnet, len);

        if (rule != GROVE_RULE_NONE)
            return rule;
    }
    /* VNET-012: a TCP type, NEEDS_CSUM, and csum_offset is not 16. */
    if (vnet_type_is_tcp(type) && vnet_needs_csum(vnet) &&
        vnet->csum_offset != TCP_CHECKSUM)
        return GROVE_RULE_VNET_TCP_OFFSET;
    /* VNET-013: gso_size is 65535. */
    if (vnet->gso_size == GSO_BY_FRAGS)
        return GROVE_RULE_VNET_SIZE_FRAGS;
    return GROVE_RULE_NONE;
}

/* The rules about hdr_len. */
static enum grove_rule check_hdr_len(const struct input *input)
{
    const struct grove_vnet *vnet = &input->vnet;
    const uint32_t len = input->bytes.len;

    /* VNET-001: the header, or the checksum field, ends beyond the packet. */
    if (checked_hdr_len(vnet) > len + input->unread)
        return GROVE_RULE_VNET_HDR_LEN;
    /* VNET-017: with a link, h is not 0 and ends inside its header. */
    if (checked_hdr_len(vnet) != 0 && checked_hdr_len(vnet) < input->network)
        return GROVE_RULE_VNET_HDR_LINK;
    return GROVE_RULE_NONE;
}

/* The first rule that rejects the header, or NONE. */
static enum grove_rule check_vnet(const struct profile *profile,
                                  const struct input *input)
{
    const struct grove_vnet *vnet = &input->vnet;
    const bool gso = vnet->gso_type != GROVE_VNET_GSO_NONE;
    const uint32_t len = input->bytes.len;
    enum grove_rule rule = check_hdr_len(input);

    if (rule == GROVE_RULE_NONE && input->tunnel)
        rule = check_tunnel(vnet);
    if (rule == GROVE_RULE_NONE)
        rule = check_type(profile, input);
    if (rule == GROVE_RULE_NONE && vnet_needs_csum(vnet))
        rule = check_csum(profile, vnet, len);
    else if (rule == GROVE_RULE_NONE && gso)
        rule = check_unmarked(profile, input);
    if (rule == GROVE_RULE_NONE && gso)
        rule = check_gso(vnet, len);
    if (rule == GROVE_RULE_NONE && input->tunnel)
        rule = check_inner(input);
    return rule;
}

/* The offset of the L4 header of a packet that is of its type. */
static uint32_t dissected_l4(const struct input *input)
{
    const struct dissected d = dissect(input);

    return d.offset + d.ip.l4;
}

/* SPEC's h in VNET-014: the length of the headers. */
static uint32_t headers_len(const struct profile *profile,
                            const struct input *input)
{
    const uint8_t type = vnet_type(&input->vnet);
    uint32_t len = l3min(profile, type) + l4min(type);

    if (vnet_needs_csum(&input->vnet))
        len = input->vnet.csum_start + l4min(type);
    else if (profile->dissects)
        len = dissected_l4(input) + l4min(type);
    if (type == GROVE_VNET_GSO_UDP)
        len -= UDP_HEADER; /* fragments carry the UDP header, too */
    return len;
}

/* What an accepted header becomes. */
static void normalize_vnet(const struct profile *profile, struct input *input)
{
    struct grove_vnet *vnet = &input->vnet;

    vnet->flags &= (uint8_t)(GROVE_VNET_F_NEEDS_CSUM |
                             (input->tunnel ? GROVE_VNET_F_TUNNEL_CSUM : 0));
    if (!vnet_needs_csum(vnet))
        vnet->csum_start = vnet->csum_offset = 0;
    if (!input->tunnel)
        vnet->outer_th_offset = vnet->inner_nh_offset = 0;
    /* VNET-015: the gso_size of TCP is under the profile's least. */
    if (vnet_type_is_tcp(vnet_type(vnet)) &&
        vnet->gso_size < profile->min_tcp_gso_size) {
        vnet->gso_size = profile->min_tcp_gso_size;
        input->change = GROVE_RULE_VNET_CLAMP;
    }
    /* VNET-014: gso_size >= len - h, so it is a plain packet. */
    if (vnet->gso_type != GROVE_VNET_GSO_NONE &&
        vnet->gso_size >= input->bytes.len - headers_len(profile, input)) {
        vnet->gso_type = GROVE_VNET_GSO_NONE;
        input->change = GROVE_RULE_VNET_NOT_GSO;
    }
    if (vnet->gso_type == GROVE_VNET_GSO_NONE) {
        vnet->flags &= GROVE_VNET_F_NEEDS_CSUM;
        vnet->hdr_len = vnet->gso_size = 0;
        vnet->outer_th_offset = vnet->inner_nh_offset = 0;
    }
    input->gso = vnet->gso_type != GROVE_VNET_GSO_NONE;
}

/* Takes the virtio header, unless a rule rejects it. */
static void accept_vnet(const struct profile *profile, uint8_t vnet_len,
                        const uint8_t *wire, struct input *input)
{
    const bool tunnels =
        profile->takes_tunnels && vnet_len == GROVE_VNET_TUNNEL_LEN;

    grove_vnet_load_len(&input->vnet, wire, vnet_len);
    input->unread = tunnels || !profile->counts_unread
                        ? 0
                        : (uint32_t)vnet_len - GROVE_VNET_LEN;
    input->tunnel = tunnels && vnet_tunnel(&input->vnet) != 0;
    input->reject = check_vnet(profile, input);
    if (input->reject == GROVE_RULE_NONE)
        normalize_vnet(profile, input);
}

void input_accept(const struct profile *profile, enum grove_link link,
                  uint8_t vnet_len, const struct grove_packet *packet,
                  struct input *input)
{
    input->reject = input->change = GROVE_RULE_NONE;
    /* GRO-IN-002: len > 65575. */
    if (packet->len > GROVE_MAX_PACKET_LEN) {
        input->reject = GROVE_RULE_IN_LENGTH;
        return;
    }
    input->bytes = (struct bytes){packet->data, (uint32_t)packet->len};
    input->network = link_len(link);
    /* GRO-IN-004: with a link, len is less than its header. */
    if (input->bytes.len < input->network) {
        input->reject = GROVE_RULE_IN_LINK;
        return;
    }
    /* With a link, input_pass_tags() finds it. */
    input->version = link == GROVE_LINK_NONE ? ip_version(input->bytes) : 0;
    input->vnet = (struct grove_vnet){.flags = 0};
    input->gso = input->tunnel = false;
    if (packet->vnet != NULL) {
        accept_vnet(profile, vnet_len, packet->vnet, input);
        if (input->reject != GROVE_RULE_NONE)
            return;
    }
    /* GRO-IN-001: no link, and the IP version is neither 4 nor 6. */
    if (link == GROVE_LINK_NONE && !input_is_ip(input))
        input->reject = GROVE_RULE_IN_VERSION;
}

/* Only hdr_len may have become smaller. */
enum grove_rule input_check_again(const struct input *input)
{
    return check_hdr_len(input);
}
