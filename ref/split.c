/* SPDX-License-Identifier: MIT */
/* What a super-packet is, and whether it can be split; SPEC.md, "Split". */
#include "split.h"

#include "ip.h"
#include "vnet.h"

/* GSO-OUT-007: an option in TCP super-packets over 65536 bytes. */
enum { JUMBO_MIN = 65536 };

/* ---- SPEC.md, "What is dropped" ---- */

/* Whether the packet is of its gso_type, which is not UDP. */
static bool fits_type(const struct input *input, uint8_t protocol)
{
    const uint8_t type = vnet_type(&input->vnet);

    if (type == GROVE_VNET_GSO_UDP_L4)
        return protocol == IP_PROTO_UDP;
    return protocol == IP_PROTO_TCP &&
           input->version == (type == GROVE_VNET_GSO_TCPV4 ? 4 : 6);
}

static bool fits_csum_start(const struct grove_vnet *vnet, uint32_t l4)
{
    return vnet_needs_csum(vnet) ? vnet->csum_start == l4
                                 : l4 <= VNET_CSUM_START_MAX;
}

/* The rules about the link. */
static enum grove_rule check_link(struct input *input)
{
    if (input->network == 0)
        return GROVE_RULE_NONE;
    /* GSO-011: with a link, a VLAN tag, and fewer than 6 bytes behind it. */
    if (link_type_is_tag(link_type_before(input->bytes, input->network)) &&
        !bytes_have(input->bytes, input->network, ETHERNET_TAG + 2))
        return GROVE_RULE_GSO_TAG;
    return GROVE_RULE_NONE;
}

/*
 * GSO-OUT-012: with a link, a VLAN tag, and csum_start < 18: NEEDS_CSUM is
 * forgotten. A super-packet of UDP must have it (VNET-008).
 */
static void forget_csum(struct input *input)
{
    struct grove_vnet *vnet = &input->vnet;

    if (input->network == 0 || !vnet_needs_csum(vnet) ||
        vnet_type(vnet) == GROVE_VNET_GSO_UDP_L4 ||
        vnet->csum_start >= ETHERNET_HEADER + ETHERNET_TAG ||
        !link_type_is_tag(link_type_before(input->bytes, input->network)))
        return;
    vnet->flags = 0;
    vnet->csum_start = vnet->csum_offset = 0;
}

/* Walks the IP headers. Returns why the packet is dropped, or NONE. */
static enum grove_rule walk_ip(const struct input *input, struct ip_headers *ip)
{
    /* GSO-010: with a link, the packet is neither IPv4 nor IPv6. */
    if (!input_is_ip(input))
        return GROVE_RULE_GSO_TYPE;
    *ip = ip_walk(input_network(input), input->version);
    /* GSO-002: IPv4: IHL < 5, or IHL * 4 > len. */
    if (!ip->whole && input->version == 4)
        return GROVE_RULE_GSO_IP4_HEADER;
    /* GSO-003: IPv6: len < 40, or an extension header does not fit. */
    if (!ip->whole)
        return GROVE_RULE_GSO_IP6_HEADER;
    return GROVE_RULE_NONE;
}

/*
 * Keeps what is around the inner IP header, of which the packet is from now on.
 * The inner version of UDP is the one that its header says.
 */
static void enter_split_tunnel(struct grove_split *split, uint32_t l4)
{
    struct input *input = &split->input;
    const uint8_t type = vnet_type(&input->vnet);

    split->in_tunnel = true;
    split->outer.network = input->network;
    split->outer.version = input->version;
    split->outer.l4 = l4;
    input->network = input->vnet.inner_nh_offset;
    input->version = type == GROVE_VNET_GSO_TCPV4 ? 4 : 6;
    if (type == GROVE_VNET_GSO_UDP_L4 &&
        bytes_u8(input_network(input), IP_VERSION) >> 4 != 6)
        input->version = 4;
}

/*
 * Passes the headers of a tunnel. It is one if the outer protocol is UDP,
 * whatever type says.
 */
static enum grove_rule pass_tunnel(struct grove_split *split,
                                   struct ip_headers *ip)
{
    const uint32_t l4 = split->input.network + ip->l4;

    if (!split->input.tunnel || ip->protocol != IP_PROTO_UDP)
        return GROVE_RULE_NONE;
    /* GSO-013: a tunnel, and the outer l4 > inner_nh_offset. */
    if (l4 > split->input.vnet.inner_nh_offset)
        return GROVE_RULE_GSO_TUNNEL_HEADER;
    enter_split_tunnel(split, l4);
    return walk_ip(&split->input, ip);
}

/* Finds the L4 header. Returns why the packet is dropped, or NONE. */
static enum grove_rule find_l4(struct grove_split *split)
{
    struct input *input = &split->input;
    struct ip_headers ip = {.l4 = 0};
    enum grove_rule rule;

    split->in_tunnel = false;
    /* GSO-001: type is UDP. */
    if (vnet_type(&input->vnet) == GROVE_VNET_GSO_UDP)
        return GROVE_RULE_GSO_FRAGMENTS;
    if (input->network != 0)
        (void)input_pass_tags(input, SPLIT_TAGS_MAX);
    rule = walk_ip(input, &ip);
    if (rule == GROVE_RULE_NONE)
        rule = pass_tunnel(split, &ip);
    if (rule != GROVE_RULE_NONE)
        return rule;
    /* GSO-004: the packet is not of the type's IP version and protocol. */
    if (!fits_type(input, ip.protocol))
        return GROVE_RULE_GSO_PROTOCOL;
    split->protocol = ip.protocol;
    split->l4 = input->network + ip.l4;
    /* GSO-005: csum_start is not l4; without NEEDS_CSUM: l4 > 65470. */
    if (!fits_csum_start(&input->vnet, split->l4))
        return GROVE_RULE_GSO_CSUM_START;
    return GROVE_RULE_NONE;
}

/* By the data offset. The first 14 bytes of the header are there. */
static uint32_t tcp_header_len(struct bytes tcp)
{
    return (uint32_t)(bytes_be16(tcp, TCP_OFFSET_FLAGS) >> TCP_OFFSET_SHIFT) *
           4;
}

static enum grove_rule check_tcp(struct bytes tcp, uint32_t *header)
{
    /* GSO-006: TCP: L4 length < 20. */
    if (tcp.len < TCP_HEADER)
        return GROVE_RULE_GSO_TCP_SHORT;
    *header = tcp_header_len(tcp);
    /* GSO-007: TCP: data offset < 5, or data offset * 4 > L4 length. */
    if (*header < TCP_HEADER || *header > tcp.len)
        return GROVE_RULE_GSO_TCP_OFFSET;
    return GROVE_RULE_NONE;
}

/* Finds the payload. A UDP header is there by VNET-004. */
static enum grove_rule find_payload(struct grove_split *split)
{
    enum grove_rule rule = GROVE_RULE_NONE;
    uint32_t header = UDP_HEADER;

    if (split->protocol == IP_PROTO_TCP)
        rule = check_tcp(split_l4(split), &header);
    if (rule != GROVE_RULE_NONE)
        return rule;
    split->payload = split->l4 + header;
    /* GSO-008: len - payload <= gso_size. */
    if (split->input.bytes.len - split->payload <= split->input.vnet.gso_size)
        return GROVE_RULE_GSO_ONE_SEGMENT;
    return GROVE_RULE_NONE;
}

static bool fits_probe(const struct grove_split *split)
{
    const struct bytes network = split_network(split);
    const struct bytes tcp =
        bytes_from(network, ip_probe(network, split->input.version));

    return tcp_header_len(tcp) >= TCP_HEADER;
}

/* Checks the TCP header again, where a probe expects it. */
static enum grove_rule check_probe(const struct grove_split *split)
{
    /*
     * GSO-009: the data offset there is under 5, without NEEDS_CSUM, which all
     * UDP super-packets have.
     */
    if (split->profile.probes_tcp && !vnet_needs_csum(&split->input.vnet) &&
        !fits_probe(split))
        return GROVE_RULE_GSO_PROBE;
    return GROVE_RULE_NONE;
}

/* ---- SPEC.md, "The bytes of a segment": what all segments share ---- */

/*
 * GSO-OUT-005: seed - old. With NEEDS_CSUM the sender's checksum field is
 * trusted. 0xffffffff is zero in ones'-complement arithmetic.
 */
static uint16_t part_of(const struct grove_split *split, uint32_t old)
{
    const struct input *input = &split->input;
    const uint16_t seed =
        vnet_needs_csum(&input->vnet)
            ? bytes_be16(split_l4(split), input->vnet.csum_offset)
            : ip_pseudo_sum(input_network(input), input->version,
                            split->protocol, old);

    return sum_fold((uint64_t)seed + 0xffffffff - old);
}

/*
 * GSO-OUT-007: whether the kernel has so many bytes in one piece: those of
 * hdr_len or, if these are fewer, the first 60. Where NEEDS_CSUM is set, these
 * are the headers up to the checksum at least. Linux 6.12 has more in one
 * piece: no other kernel has both columns.
 */
static bool has_in_one_piece(const struct profile *profile,
                             const struct input *input, uint32_t len)
{
    const uint16_t hdr_len = input->vnet.hdr_len;

    return (profile->shows_cwr && profile->checks_csum_start) ||
           vnet_needs_csum(&input->vnet) || hdr_len == 0 || hdr_len >= len ||
           len <= IP6_HEADER + TCP_HEADER;
}

/* GSO-OUT-007: the jumbo payload option. Only its type is read. */
static bool is_jumbo(const struct grove_split *split)
{
    const struct bytes ip = split_network(split);

    return split->profile.strips_jumbo &&
           split->input.network <= LINK_HEADER_MAX + ETHERNET_TAG &&
           has_in_one_piece(&split->profile, &split->input, split->l4) &&
           vnet_type(&split->input.vnet) == GROVE_VNET_GSO_TCPV6 &&
           ip.len > JUMBO_MIN &&
           split_ip_len(split) == IP6_HEADER + JUMBO_HEADER &&
           bytes_u8(ip, IP6_NEXT_HEADER) == IP_PROTO_HOP_BY_HOP &&
           bytes_u8(bytes_from(ip, IP6_HEADER), JUMBO_OPTION_TYPE) ==
               JUMBO_OPTION;
}

/* GSO-OUT-010, GSO-OUT-011: what the headers of a tunnel are made from. */
static void measure_tunnel(struct grove_split *split)
{
    const struct bytes bytes = split->input.bytes;
    struct split_outer *outer = &split->outer;
    const struct bytes ip = bytes_from(bytes, outer->network);
    const struct bytes udp = bytes_from(bytes, outer->l4);

    outer->checksum = (split->input.vnet.flags & GROVE_VNET_F_TUNNEL_CSUM) != 0;
    outer->part = sum_fold((uint64_t)bytes_be16(udp, UDP_CHECKSUM) +
                           0xffffffff - udp.len);
    if (outer->version == 4)
        outer->id = bytes_be16(ip, IP4_ID);
}

/* What the segments are made from. */
static void measure(struct grove_split *split)
{
    const uint32_t payload = split->input.bytes.len - split->payload;
    const struct bytes l4 = split_l4(split);
    uint32_t old = l4.len;

    if (split->protocol == IP_PROTO_TCP) {
        split->sequence = bytes_be32(l4, TCP_SEQUENCE);
        split->flags = bytes_u8(l4, TCP_FLAGS_LOW);
    } else {
        old = bytes_be16(l4, UDP_LENGTH);
    }
    if (split->input.version == 4)
        split->id = bytes_be16(split_network(split), IP4_ID);
    if (split->in_tunnel)
        measure_tunnel(split);
    split->part = part_of(split, old);
    split->stripped = is_jumbo(split) ? JUMBO_HEADER : 0;
    split->count = split_count(payload, split->input.vnet.gso_size);
}

/* Plans the segments of a GSO packet. Returns why there are none, or NONE. */
static enum grove_rule plan_segments(struct grove_split *split)
{
    enum grove_rule rule = find_l4(split);

    if (rule == GROVE_RULE_NONE)
        rule = find_payload(split);
    if (rule == GROVE_RULE_NONE)
        rule = check_probe(split);
    if (rule != GROVE_RULE_NONE)
        return rule;
    measure(split);
    segment_begin(split);
    return GROVE_RULE_NONE;
}

enum grove_split_result grove_split_begin(struct grove_split *split,
                                          const struct grove_packet *packet,
                                          enum grove_rule *rule)
{
    split->count = split->next = 0;
    input_accept(&split->profile, split->link, split->vnet_len, packet,
                 &split->input);
    *rule = split->input.reject;
    if (*rule != GROVE_RULE_NONE)
        return GROVE_SPLIT_REJECTED;
    *rule = check_link(&split->input);
    /* GSO-012: a tunnel, and the packet is not a GSO packet. */
    if (*rule == GROVE_RULE_NONE && split->input.tunnel && !split->input.gso)
        *rule = GROVE_RULE_GSO_NO_TUNNEL;
    if (*rule != GROVE_RULE_NONE)
        return GROVE_SPLIT_DROPPED;
    forget_csum(&split->input);
    if (split->input.gso)
        *rule = plan_segments(split);
    else
        split->count = 1;
    return *rule == GROVE_RULE_NONE ? GROVE_SPLIT_OK : GROVE_SPLIT_DROPPED;
}

uint32_t grove_split_left(const struct grove_split *split)
{
    return split->count - split->next;
}
