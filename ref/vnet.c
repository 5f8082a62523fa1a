/* SPDX-License-Identifier: MIT */
#include "vnet.h"

#include "ip.h"
#include "packet.h"

/* The most segments of a UDP super-packet on input; VNET-011. */
#define UDP_SEGMENTS_MAX 128

/* The kernel's mark for "sizes stand in the fragments"; VNET-013. */
#define GSO_BY_FRAGS 0xffff

void grove_vnet_load(struct grove_vnet *vnet,
                     const uint8_t wire[GROVE_VNET_LEN])
{
    vnet->flags = wire[0];
    vnet->gso_type = wire[1];
    vnet->hdr_len = (uint16_t)(wire[2] | wire[3] << 8);
    vnet->gso_size = (uint16_t)(wire[4] | wire[5] << 8);
    vnet->csum_start = (uint16_t)(wire[6] | wire[7] << 8);
    vnet->csum_offset = (uint16_t)(wire[8] | wire[9] << 8);
}

void grove_vnet_store(uint8_t wire[GROVE_VNET_LEN],
                      const struct grove_vnet *vnet)
{
    wire[0] = vnet->flags;
    wire[1] = vnet->gso_type;
    wire[2] = (uint8_t)vnet->hdr_len;
    wire[3] = (uint8_t)(vnet->hdr_len >> 8);
    wire[4] = (uint8_t)vnet->gso_size;
    wire[5] = (uint8_t)(vnet->gso_size >> 8);
    wire[6] = (uint8_t)vnet->csum_start;
    wire[7] = (uint8_t)(vnet->csum_start >> 8);
    wire[8] = (uint8_t)vnet->csum_offset;
    wire[9] = (uint8_t)(vnet->csum_offset >> 8);
}

static bool is_tcp(uint8_t type)
{
    return type == GROVE_VNET_GSO_TCPV4 || type == GROVE_VNET_GSO_TCPV6;
}

/* Length of the L4 header that the type implies. */
static uint32_t l4_header(uint8_t type)
{
    if (type == GROVE_VNET_GSO_NONE)
        return 0;
    return is_tcp(type) ? TCP_HEADER : UDP_HEADER;
}

/* Linux 6.1 knows no least length. */
static uint32_t min_l3_header(const struct profile *profile, uint8_t type)
{
    if (!profile->checks_csum_start)
        return 0;
    return type == GROVE_VNET_GSO_TCPV6 ? IP6_HEADER : IP4_HEADER;
}

/* VNET-001. The sum is kept in 16 bits, as the kernel keeps it. */
static bool hdr_len_exceeds(const struct grove_vnet *vnet, uint32_t len)
{
    const uint32_t field_end =
        (uint32_t)vnet->csum_start + vnet->csum_offset + 2;
    uint16_t hdr_len = vnet->hdr_len;

    if (vnet_needs_csum(vnet) && field_end > hdr_len)
        hdr_len = (uint16_t)field_end;
    return hdr_len > len;
}

/* VNET-002, VNET-003. */
static enum grove_rule check_type(const struct profile *profile,
                                  const struct grove_vnet *vnet)
{
    const uint8_t type = vnet_type(vnet);
    const bool known = is_tcp(type) || type == GROVE_VNET_GSO_UDP ||
                       (type == GROVE_VNET_GSO_UDP_L4 && profile->takes_uso);

    if (vnet->gso_type == GROVE_VNET_GSO_NONE)
        return GROVE_RULE_NONE;
    if (!known)
        return GROVE_RULE_VNET_TYPE;
    return vnet->gso_size == 0 ? GROVE_RULE_VNET_SIZE_ZERO : GROVE_RULE_NONE;
}

/* VNET-004, VNET-016, VNET-005. */
static enum grove_rule check_csum(const struct profile *profile,
                                  const struct grove_vnet *vnet, uint32_t len)
{
    const uint8_t type = vnet_type(vnet);
    const uint32_t field = (uint32_t)vnet->csum_offset + 2;
    const uint32_t header = l4_header(type);
    const uint32_t need = field > header ? field : header;

    if (vnet->csum_start + need > len)
        return GROVE_RULE_VNET_CSUM_FIELD;
    if (vnet->csum_start > VNET_CSUM_START_MAX)
        return GROVE_RULE_VNET_CSUM_FAR;
    if (vnet->csum_start < min_l3_header(profile, type))
        return GROVE_RULE_VNET_CSUM_START;
    return GROVE_RULE_NONE;
}

/* VNET-007: the packet's headers must be of the protocol that the type says. */
static enum grove_rule dissect(struct bytes packet, uint8_t type)
{
    const struct ip_headers ip = ip_dissect(packet);
    const uint8_t protocol = is_tcp(type) ? IP_PROTO_TCP : IP_PROTO_UDP;
    const bool version_fits =
        type == GROVE_VNET_GSO_UDP ||
        ip.version == (type == GROVE_VNET_GSO_TCPV4 ? 4 : 6);

    if (!ip.whole || !version_fits || ip.protocol != protocol ||
        !bytes_have(packet, ip.l4, l4_header(type)))
        return GROVE_RULE_VNET_PROTOCOL;
    return GROVE_RULE_NONE;
}

/* VNET-006, VNET-007: a GSO packet that does not say where its L4 begins. */
static enum grove_rule check_unmarked(const struct profile *profile,
                                      const struct grove_vnet *vnet,
                                      struct bytes packet)
{
    const uint8_t type = vnet_type(vnet);

    if (profile->dissects && type != GROVE_VNET_GSO_UDP_L4)
        return dissect(packet, type);
    if (min_l3_header(profile, type) + l4_header(type) > packet.len)
        return GROVE_RULE_VNET_SHORT;
    return GROVE_RULE_NONE;
}

/* VNET-008 to VNET-011. */
static enum grove_rule check_udp(const struct grove_vnet *vnet, uint32_t len)
{
    if (!vnet_needs_csum(vnet))
        return GROVE_RULE_VNET_UDP_CSUM;
    if (vnet->csum_offset != 6)
        return GROVE_RULE_VNET_UDP_OFFSET;
    if (vnet->gso_type != GROVE_VNET_GSO_UDP_L4)
        return GROVE_RULE_VNET_UDP_ECN;
    if (len - vnet->csum_start - UDP_HEADER >
        (uint32_t)vnet->gso_size * UDP_SEGMENTS_MAX)
        return GROVE_RULE_VNET_UDP_SEGMENTS;
    return GROVE_RULE_NONE;
}

/* VNET-008 to VNET-013, on a packet with a gso_type. */
static enum grove_rule check_gso(const struct grove_vnet *vnet, uint32_t len)
{
    const uint8_t type = vnet_type(vnet);
    enum grove_rule rule = GROVE_RULE_NONE;

    if (type == GROVE_VNET_GSO_UDP_L4)
        rule = check_udp(vnet, len);
    if (is_tcp(type) && vnet_needs_csum(vnet) && vnet->csum_offset != 16)
        rule = GROVE_RULE_VNET_TCP_OFFSET;
    if (rule == GROVE_RULE_NONE && vnet->gso_size == GSO_BY_FRAGS)
        rule = GROVE_RULE_VNET_SIZE_FRAGS;
    return rule;
}

static enum grove_rule check_header(const struct profile *profile,
                                    const struct grove_vnet *vnet,
                                    struct bytes packet)
{
    const bool gso = vnet->gso_type != GROVE_VNET_GSO_NONE;
    enum grove_rule rule;

    if (hdr_len_exceeds(vnet, packet.len))
        return GROVE_RULE_VNET_HDR_LEN;
    rule = check_type(profile, vnet);
    if (rule == GROVE_RULE_NONE && vnet_needs_csum(vnet))
        rule = check_csum(profile, vnet, packet.len);
    else if (rule == GROVE_RULE_NONE && gso)
        rule = check_unmarked(profile, vnet, packet);
    if (rule == GROVE_RULE_NONE && gso)
        rule = check_gso(vnet, packet.len);
    return rule;
}

/* VNET-014: what is left behind the headers must be more than one segment. */
static bool is_gso(const struct profile *profile, const struct grove_vnet *vnet,
                   struct bytes packet)
{
    const uint8_t type = vnet_type(vnet);
    uint32_t headers = min_l3_header(profile, type) + l4_header(type);

    if (vnet_needs_csum(vnet))
        headers = vnet->csum_start + l4_header(type);
    else if (profile->dissects)
        headers = ip_dissect(packet).l4 + l4_header(type);
    if (type == GROVE_VNET_GSO_UDP)
        headers -= UDP_HEADER; /* fragments carry the UDP header, too */
    return packet.len - headers > vnet->gso_size;
}

struct vnet_result vnet_accept(const struct profile *profile,
                               struct bytes packet, struct grove_vnet *vnet)
{
    struct vnet_result result = {check_header(profile, vnet, packet),
                                 GROVE_RULE_NONE};

    if (result.refused != GROVE_RULE_NONE)
        return result;
    vnet->flags &= GROVE_VNET_F_NEEDS_CSUM;
    if (!vnet_needs_csum(vnet))
        vnet->csum_start = vnet->csum_offset = 0;
    if (is_tcp(vnet_type(vnet)) && vnet->gso_size < profile->min_tcp_gso_size) {
        vnet->gso_size = profile->min_tcp_gso_size;
        result.changed = GROVE_RULE_VNET_CLAMP;
    }
    if (vnet->gso_type != GROVE_VNET_GSO_NONE &&
        !is_gso(profile, vnet, packet)) {
        vnet->gso_type = GROVE_VNET_GSO_NONE;
        result.changed = GROVE_RULE_VNET_NOT_GSO;
    }
    if (vnet->gso_type == GROVE_VNET_GSO_NONE)
        vnet->hdr_len = vnet->gso_size = 0;
    return result;
}
