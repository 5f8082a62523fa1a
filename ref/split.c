/* SPDX-License-Identifier: MIT */
/* What a super-packet is, and whether it can be split; SPEC.md, "Split". */
#include "grove/split.h"

#include "bytes.h"
#include "ip.h"
#include "packet.h"
#include "profile.h"
#include "segment.h"
#include "vnet.h"

/* The header that a kernel put into TCP super-packets over 65536 bytes. */
enum { JUMBO_MIN = 65536, JUMBO_HEADER = 8, JUMBO_OPTION = 0xc2 };

/* What the kernel's write refuses: VNET-001 to VNET-013, GRO-IN-001, -002. */
static enum grove_rule split_accept(struct grove_split *split,
                                    const struct profile *profile,
                                    const struct grove_packet *packet)
{
    struct vnet_result result = {GROVE_RULE_NONE, GROVE_RULE_NONE};
    struct bytes bytes;

    if (packet->len > GROVE_MAX_PACKET_LEN)
        return GROVE_RULE_IN_LENGTH;
    split->data = packet->data;
    split->len = (uint32_t)packet->len;
    bytes = segment_input(split);
    if (packet->vnet != NULL) {
        grove_vnet_load(&split->vnet, packet->vnet);
        result = vnet_accept(profile, bytes, &split->vnet);
    }
    if (result.refused != GROVE_RULE_NONE)
        return result.refused;
    split->version = bytes.len == 0 ? 0 : bytes_u8(bytes, 0) >> 4;
    if (split->version != 4 && split->version != 6)
        return GROVE_RULE_IN_VERSION;
    return GROVE_RULE_NONE;
}

/* GSO-004. */
static bool type_fits(uint8_t type, const struct ip_headers *ip)
{
    if (type == GROVE_VNET_GSO_UDP_L4)
        return ip->protocol == IP_PROTO_UDP;
    return ip->protocol == IP_PROTO_TCP &&
           ip->version == (type == GROVE_VNET_GSO_TCPV4 ? 4 : 6);
}

/* GSO-005. Without csum_start, VNET-016 holds of the L4 header itself. */
static bool l4_agrees(const struct grove_vnet *vnet, uint32_t l4)
{
    return vnet_needs_csum(vnet) ? vnet->csum_start == l4
                                 : l4 <= VNET_CSUM_START_MAX;
}

/* GSO-001 to GSO-005. */
static enum grove_rule find_l4(struct grove_split *split, struct bytes bytes)
{
    const uint8_t type = vnet_type(&split->vnet);
    const struct ip_headers ip = ip_walk(bytes);

    if (type == GROVE_VNET_GSO_UDP)
        return GROVE_RULE_GSO_FRAGMENTS;
    if (!ip.whole)
        return ip.version == 4 ? GROVE_RULE_GSO_IP4_HEADER
                               : GROVE_RULE_GSO_IP6_HEADER;
    if (!type_fits(type, &ip))
        return GROVE_RULE_GSO_PROTOCOL;
    if (!l4_agrees(&split->vnet, ip.l4))
        return GROVE_RULE_GSO_CSUM_START;
    split->protocol = ip.protocol;
    split->l4 = ip.l4;
    return GROVE_RULE_NONE;
}

/* GSO-006, GSO-007. */
static enum grove_rule check_tcp(struct bytes l4, uint32_t *header)
{
    if (l4.len < TCP_HEADER)
        return GROVE_RULE_GSO_TCP_SHORT;
    *header = (uint32_t)(bytes_u8(l4, 12) >> 4) * 4;
    if (*header < TCP_HEADER || *header > l4.len)
        return GROVE_RULE_GSO_TCP_OFFSET;
    return GROVE_RULE_NONE;
}

/* GSO-006 to GSO-008. A UDP header is there: VNET-004. */
static enum grove_rule find_payload(struct grove_split *split,
                                    struct bytes bytes)
{
    const struct bytes l4 = bytes_from(bytes, split->l4);
    enum grove_rule rule = GROVE_RULE_NONE;
    uint32_t header = UDP_HEADER;

    if (split->protocol == IP_PROTO_TCP)
        rule = check_tcp(l4, &header);
    if (rule != GROVE_RULE_NONE)
        return rule;
    if (l4.len - header <= split->vnet.gso_size)
        return GROVE_RULE_GSO_ONE_SEGMENT;
    split->payload = split->l4 + header;
    return GROVE_RULE_NONE;
}

/*
 * What the checksum field holds before anything is summed: the sum of the
 * pseudo-header with the length of all. A sender with NEEDS_CSUM is trusted.
 */
static uint16_t seed_of(const struct grove_split *split, struct bytes bytes)
{
    const struct packet packet = {
        .bytes = bytes,
        .version = split->version,
        .protocol = split->protocol,
    };

    if (vnet_needs_csum(&split->vnet))
        return bytes_be16(bytes, split->l4 + split->vnet.csum_offset);
    return packet_pseudo_sum(&packet, bytes.len - split->l4);
}

/*
 * GSO-OUT-007. Of the option only the type is read, as the kernel wrote it in
 * super-packets of its own.
 */
static bool is_jumbo(const struct grove_split *split, struct bytes bytes)
{
    return vnet_type(&split->vnet) == GROVE_VNET_GSO_TCPV6 &&
           bytes.len > JUMBO_MIN && split->l4 == IP6_HEADER + JUMBO_HEADER &&
           bytes_u8(bytes, IP6_NEXT_HEADER) == IP_PROTO_HOP_BY_HOP &&
           bytes_u8(bytes, IP6_HEADER + 2) == JUMBO_OPTION;
}

/* What the segments are made from. */
static void measure(struct grove_split *split, struct bytes bytes)
{
    const uint32_t payload = split->len - split->payload;
    const uint32_t gso_size = split->vnet.gso_size;
    const struct bytes l4 = bytes_from(bytes, split->l4);
    uint32_t old_len = l4.len;

    if (split->protocol == IP_PROTO_TCP) {
        split->sequence = bytes_be32(l4, TCP_SEQUENCE);
        split->flags = bytes_u8(l4, TCP_FLAGS_BYTE);
    } else {
        old_len = bytes_be16(l4, UDP_LENGTH);
    }
    if (split->version == 4)
        split->id = bytes_be16(bytes, IP4_ID);
    /* 0xffffffff is a zero of this arithmetic. */
    split->base =
        sum_fold((uint64_t)seed_of(split, bytes) + 0xffffffff - old_len);
    split->count = (payload + gso_size - 1) / gso_size;
}

/* Why there are no segments, or NONE. */
static enum grove_rule plan_segments(const struct profile *profile,
                                     struct grove_split *split,
                                     struct bytes bytes)
{
    enum grove_rule rule = find_l4(split, bytes);

    if (rule == GROVE_RULE_NONE)
        rule = find_payload(split, bytes);
    if (rule != GROVE_RULE_NONE)
        return rule;
    measure(split, bytes);
    if (profile->strips_jumbo && is_jumbo(split, bytes))
        split->stripped = JUMBO_HEADER;
    segment_begin(split);
    return GROVE_RULE_NONE;
}

enum grove_split_result
grove_split_begin(struct grove_split *split,
                  const struct grove_split_config *config,
                  const struct grove_packet *packet, enum grove_rule *rule)
{
    static const struct grove_split nothing;
    const struct profile *profile = profile_find(config->profile);

    *split = nothing;
    *rule = GROVE_RULE_NONE;
    if (profile == NULL)
        return GROVE_SPLIT_REJECTED;
    split->csum_offload = config->csum_offload;
    *rule = split_accept(split, profile, packet);
    if (*rule != GROVE_RULE_NONE)
        return GROVE_SPLIT_REJECTED;
    split->gso = split->vnet.gso_type != GROVE_VNET_GSO_NONE;
    if (split->gso)
        *rule = plan_segments(profile, split, segment_input(split));
    else
        split->count = 1;
    return *rule == GROVE_RULE_NONE ? GROVE_SPLIT_OK : GROVE_SPLIT_DROPPED;
}

uint32_t grove_split_left(const struct grove_split *split)
{
    return split->count - split->next;
}
