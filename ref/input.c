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

static enum grove_rule check_type(const struct profile *profile,
                                  const struct grove_vnet *vnet)
{
    const uint8_t type = vnet_type(vnet);
    const bool known = vnet_type_is_tcp(type) || type == GROVE_VNET_GSO_UDP ||
                       (type == GROVE_VNET_GSO_UDP_L4 && profile->takes_uso);

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

/* Whether the packet is of its gso_type, by its own headers. */
static bool is_of_type(const struct input *input, uint8_t type)
{
    const struct bytes network = input_network(input);
    const struct ip_headers ip = ip_dissect(network, input->version);
    const uint8_t protocol =
        vnet_type_is_tcp(type) ? IP_PROTO_TCP : IP_PROTO_UDP;
    const bool version_fits =
        type == GROVE_VNET_GSO_UDP ||
        input->version == (type == GROVE_VNET_GSO_TCPV4 ? 4 : 6);

    return ip.whole && version_fits && ip.protocol == protocol &&
           bytes_have(network, ip.l4, l4min(type));
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
    if (vnet->gso_type != GROVE_VNET_GSO_UDP_L4)
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

/* The first rule that rejects the header, or NONE. */
static enum grove_rule check_vnet(const struct profile *profile,
                                  const struct input *input)
{
    const struct grove_vnet *vnet = &input->vnet;
    const bool gso = vnet->gso_type != GROVE_VNET_GSO_NONE;
    const uint32_t len = input->bytes.len;
    enum grove_rule rule;

    /* VNET-001: the header, or the checksum field, ends beyond the packet. */
    if (checked_hdr_len(vnet) > len + input->unread)
        return GROVE_RULE_VNET_HDR_LEN;
    /* VNET-017: with a link, h is not 0 and ends inside its header. */
    if (checked_hdr_len(vnet) != 0 && checked_hdr_len(vnet) < input->network)
        return GROVE_RULE_VNET_HDR_LINK;
    rule = check_type(profile, vnet);
    if (rule == GROVE_RULE_NONE && vnet_needs_csum(vnet))
        rule = check_csum(profile, vnet, len);
    else if (rule == GROVE_RULE_NONE && gso)
        rule = check_unmarked(profile, input);
    if (rule == GROVE_RULE_NONE && gso)
        rule = check_gso(vnet, len);
    return rule;
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
        len = input->network +
              ip_dissect(input_network(input), input->version).l4 + l4min(type);
    if (type == GROVE_VNET_GSO_UDP)
        len -= UDP_HEADER; /* fragments carry the UDP header, too */
    return len;
}

/* What an accepted header becomes. */
static void normalize_vnet(const struct profile *profile, struct input *input)
{
    struct grove_vnet *vnet = &input->vnet;

    vnet->flags &= GROVE_VNET_F_NEEDS_CSUM;
    if (!vnet_needs_csum(vnet))
        vnet->csum_start = vnet->csum_offset = 0;
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
    if (vnet->gso_type == GROVE_VNET_GSO_NONE)
        vnet->hdr_len = vnet->gso_size = 0;
    input->gso = vnet->gso_type != GROVE_VNET_GSO_NONE;
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
    input->unread = vnet_len - GROVE_VNET_LEN;
    /* GRO-IN-004: with a link, len is less than its header. */
    if (input->bytes.len < input->network) {
        input->reject = GROVE_RULE_IN_LINK;
        return;
    }
    input->version = link_version(link, input->bytes);
    input->vnet = (struct grove_vnet){.flags = 0};
    input->gso = false;
    if (packet->vnet != NULL) {
        grove_vnet_load(&input->vnet, packet->vnet);
        input->reject = check_vnet(profile, input);
        if (input->reject != GROVE_RULE_NONE)
            return;
        normalize_vnet(profile, input);
    }
    /* GRO-IN-001: no link, and the IP version is neither 4 nor 6. */
    if (link == GROVE_LINK_NONE && !input_is_ip(input))
        input->reject = GROVE_RULE_IN_VERSION;
}
