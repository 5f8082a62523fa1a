/* SPDX-License-Identifier: MIT */
#include "parse.h"

#include "flatten.h"
#include "ip.h"
#include "pppoe.h"
#include "vnet.h"

/* Notes why the packet is flushed, unless an earlier rule flushed it. */
static void note_flush(struct packet *packet, enum grove_rule rule)
{
    if (packet->flush == GROVE_RULE_NONE)
        packet->flush = rule;
}

/* Whether what follows IP is TCP, UDP or, outside of a tunnel, a tunnel. */
static bool leads_on(const struct policy *policy, const struct packet *packet,
                     uint8_t protocol)
{
    return protocol == IP_PROTO_TCP || protocol == IP_PROTO_UDP ||
           (!packet_in_tunnel(packet) &&
            tunnels_by_protocol(&policy->tunnels, protocol) != 0);
}

/* ---- SPEC.md, "IPv4" ---- */

/* Why the packet bypasses, or NONE. */
static enum grove_rule check_ip4(const struct policy *policy,
                                 const struct packet *packet)
{
    const struct bytes ip = packet_network(packet);
    const uint8_t first = bytes_u8(ip, IP4_VERSION_IHL);

    /* GRO-IP4-002: protocol is neither 6, 17 nor that of a tunnel. */
    if (!leads_on(policy, packet, packet->protocol))
        return GROVE_RULE_IP4_PROTOCOL;
    /* GRO-IP4-012: with a link, the version is not 4. */
    if (first >> 4 != 4)
        return GROVE_RULE_IP4_VERSION;
    /* GRO-IP4-003: IHL is not 5. */
    if ((first & IP4_IHL) * 4 != IP4_HEADER)
        return GROVE_RULE_IP4_OPTIONS;
    /* GRO-IP4-004: more-fragments or the fragment offset is not 0. */
    if ((bytes_be16(ip, IP4_FRAGMENT) & IP4_MF_OFFSET) != 0)
        return GROVE_RULE_IP4_FRAGMENT;
    /* GRO-IP4-005: the header checksum is wrong. */
    if (ip4_header_sum(ip) != 0xffff)
        return GROVE_RULE_IP4_CHECKSUM;
    return GROVE_RULE_NONE;
}

static void read_ip4(struct packet *packet)
{
    const struct bytes ip = packet_network(packet);

    key_read_addresses(&packet->key, ip, 4);
    packet->has_addresses = true;
    packet->protocol = bytes_u8(ip, IP4_PROTOCOL);
    packet->ip = parse_ip4_fields(ip);
}

static enum grove_rule parse_ip4(const struct policy *policy,
                                 struct packet *packet)
{
    const struct bytes ip = packet_network(packet);
    enum grove_rule bypass;

    /* GRO-IP4-001: len < 20. */
    if (ip.len < IP4_HEADER)
        return GROVE_RULE_IP4_SHORT;
    read_ip4(packet);
    bypass = check_ip4(policy, packet);
    if (bypass != GROVE_RULE_NONE)
        return bypass;
    packet->l4 = packet->network + IP4_HEADER;
    /* GRO-IP4-006: total_length is not len mod 2^16. */
    if (bytes_be16(ip, IP4_TOTAL_LENGTH) != (uint16_t)ip.len)
        note_flush(packet, GROVE_RULE_IP4_LENGTH);
    /* GRO-IP4-007: the reserved flag is set. */
    if ((bytes_be16(ip, IP4_FRAGMENT) & IP4_RESERVED) != 0)
        note_flush(packet, GROVE_RULE_IP4_RESERVED);
    return GROVE_RULE_NONE;
}

/* ---- SPEC.md, "IPv6" ---- */

static void read_ip6(const struct policy *policy, struct packet *packet)
{
    const struct bytes ip = packet_network(packet);
    const uint32_t first = bytes_be32(ip, IP6_VERSION_CLASS_LABEL);

    key_read_addresses(&packet->key, ip, 6);
    packet->has_addresses = true;
    packet->ip = parse_ip6_fields(ip);
    /* GRO-IP6-007: linux mode, with checks_csum_start: the version is not 6. */
    if (first >> IP6_VERSION_SHIFT != 6 && !policy->lossless &&
        policy->profile.checks_csum_start)
        packet->ip = parse_ip4_fields(ip);
}

static enum grove_rule parse_ip6(const struct policy *policy,
                                 struct packet *packet)
{
    const struct bytes network = packet_network(packet);
    const struct ip_headers ip = ip_walk(network, 6);

    /* GRO-IP6-001: len < 40. */
    if (!ip.fixed)
        return GROVE_RULE_IP6_SHORT;
    read_ip6(policy, packet);
    /* GRO-IP6-003: the walk meets a header that does not fit len. */
    if (!ip.whole)
        return GROVE_RULE_IP6_EXTENSION;
    /* GRO-IP6-004: the protocol is neither 6, 17 nor that of a tunnel. */
    if (!leads_on(policy, packet, ip.protocol))
        return GROVE_RULE_IP6_PROTOCOL;
    packet->protocol = ip.protocol;
    packet->l4 = packet->network + ip.l4;
    /* GRO-IP6-002: payload_length is not len - 40. */
    if (bytes_be16(network, IP6_PAYLOAD_LENGTH) != network.len - IP6_HEADER)
        note_flush(packet, GROVE_RULE_IP6_LENGTH);
    return GROVE_RULE_NONE;
}

static enum grove_rule parse_ip(const struct policy *policy,
                                struct packet *packet)
{
    return packet->version == 4 ? parse_ip4(policy, packet)
                                : parse_ip6(policy, packet);
}

/* PPPoE behind the type before `at`. What is behind it becomes the packet. */
RARE static enum grove_rule parse_pppoe(struct packet *packet, uint32_t at)
{
    const enum grove_rule bypass =
        pppoe_read(packet->input.bytes, at, &packet->version);

    if (bypass != GROVE_RULE_NONE)
        return bypass;
    packet->pppoe = PPPOE_HEADER;
    packet->network = at + PPPOE_HEADER;
    packet->frames++;
    return GROVE_RULE_NONE;
}

/* ---- SPEC.md, "The link" ---- */

/* Whether PPPoE follows the header of the link, and is looked into. */
static bool link_leads_to_pppoe(const struct policy *policy,
                                const struct packet *packet)
{
    return policy->pppoe && packet->frames < policy->tags_max &&
           link_type_before(packet->input.bytes, packet->network) ==
               ETHERNET_TYPE_PPPOE;
}

/* What is neither IPv4 nor IPv6, by the type of the link. */
RARE static enum grove_rule parse_link_type(const struct policy *policy,
                                            struct packet *packet)
{
    enum grove_rule bypass;

    /* GRO-IN-005: with a link, the packet is neither IPv4 nor IPv6. */
    if (!link_leads_to_pppoe(policy, packet))
        return GROVE_RULE_IN_TYPE;
    bypass = parse_pppoe(packet, packet->network);
    if (bypass != GROVE_RULE_NONE)
        return bypass;
    packet->input.network = packet->network;
    packet->input.version = packet->version;
    return parse_ip(policy, packet);
}

/* From the IP header on, or from PPPoE on. */
static enum grove_rule parse_network(const struct policy *policy,
                                     struct packet *packet)
{
    return input_is_ip(&packet->input) ? parse_ip(policy, packet)
                                       : parse_link_type(policy, packet);
}

/* The tunnel that begins behind the IP header; 0: there is none. */
static uint8_t find_tunnel(const struct policy *policy,
                           const struct packet *packet)
{
    const struct bytes l4 = packet_l4(packet);

    if (packet->protocol != IP_PROTO_UDP)
        return tunnels_by_protocol(&policy->tunnels, packet->protocol);
    return l4.len < UDP_HEADER
               ? 0
               : tunnels_by_port(&policy->tunnels,
                                 bytes_be16(l4, L4_DESTINATION_PORT));
}

/* ---- SPEC.md, "TCP and UDP" ---- */

/* Whether the checksum of the header at `at` is not computed yet. */
static bool is_partial(const struct policy *policy, const struct packet *packet,
                       uint32_t at)
{
    const uint16_t start = packet->input.vnet.csum_start;

    return vnet_needs_csum(&packet->input.vnet) &&
           (start >= at || start < link_len(policy->link));
}

/* The sum of the pseudo-header of the outer checksum. GRE has none. */
static uint16_t outer_pseudo_sum(const struct packet *packet)
{
    const struct bytes network = input_network(&packet->input);

    if (outer_udp(packet).len == 0)
        return 0;
    return ip_pseudo_sum(network, packet->input.version, IP_PROTO_UDP,
                         packet->input.bytes.len - packet->outer.l4);
}

/*
 * Whether the L4 checksum is right if the outer one, which is not computed yet,
 * is.
 */
RARE static bool follows_from_outer(const struct policy *policy,
                                    const struct packet *packet)
{
    const struct bytes headers = bytes_slice(
        packet->input.bytes, packet->outer.l4, packet->l4 - packet->outer.l4);

    return packet->outer.is_promised &&
           sum_fold((uint64_t)policy->sum(headers.at, headers.len) +
                    outer_pseudo_sum(packet)) ==
               ip_pseudo_sum(packet_network(packet), packet->version,
                             packet->protocol, packet_l4(packet).len);
}

/*
 * Whether the L4 checksum is right or is taken as right. Notes whether the
 * packet is verified.
 */
static inline bool verify(const struct policy *policy, struct packet *packet)
{
    const struct bytes l4 = packet_l4(packet);
    bool right;

    if (packet->flush != GROVE_RULE_NONE ||
        is_partial(policy, packet, packet->l4))
        return true;
    right = policy->csum_trusted ||
            (packet->protocol == IP_PROTO_UDP &&
             bytes_be16(l4, UDP_CHECKSUM) == 0) ||
            ip_l4_is_right(policy->sum, packet_network(packet), packet->version,
                           packet->protocol, l4) ||
            (packet_in_tunnel(packet) && follows_from_outer(policy, packet));
    packet->verified = packet->verified || right;
    return right;
}

static enum grove_rule parse_tcp(const struct policy *policy,
                                 struct packet *packet)
{
    const struct bytes tcp = packet_l4(packet);

    /* GRO-TCP-001: the checksum is wrong. */
    if (!verify(policy, packet))
        return GROVE_RULE_TCP_CHECKSUM;
    /* GRO-TCP-002: L4 length < 20. */
    if (tcp.len < TCP_HEADER)
        return GROVE_RULE_TCP_SHORT;
    /* GRO-TCP-003: data offset < 5, or data offset * 4 > L4 length. */
    if (!parse_tcp_fields(packet))
        return GROVE_RULE_TCP_OFFSET;
    return GROVE_RULE_NONE;
}

static enum grove_rule parse_udp(const struct policy *policy,
                                 struct packet *packet)
{
    const struct bytes udp = packet_l4(packet);

    /* GRO-UDP-001: L4 length < 8. */
    if (udp.len < UDP_HEADER)
        return GROVE_RULE_UDP_SHORT;
    /* GRO-UDP-002: the checksum is not 0 and wrong. */
    if (!verify(policy, packet))
        return GROVE_RULE_UDP_CHECKSUM;
    /* GRO-TUN-002: in a tunnel, to the port of a tunnel. */
    if (packet_in_tunnel(packet) && find_tunnel(policy, packet) != 0)
        return GROVE_RULE_TUN_NESTED;
    /* GRO-UDP-008: behind as many tags and Ethernet headers as fit TCP. */
    if (packet->frames == tunnels_frames_max(packet->tunnel))
        return GROVE_RULE_UDP_NESTED;
    /* GRO-UDP-007: the virtio header tells of a tunnel. */
    if (packet->input.tunnel)
        return GROVE_RULE_UDP_TUNNEL;
    /* GRO-UDP-003: the table's `udp` is false. */
    if (policy->no_udp)
        return GROVE_RULE_UDP_OFF;
    /* GRO-UDP-004: the checksum is 0. */
    if (bytes_be16(udp, UDP_CHECKSUM) == 0)
        return GROVE_RULE_UDP_NO_CHECKSUM;
    /* GRO-UDP-005: the length field is not the L4 length, or that is 8. */
    if (bytes_be16(udp, UDP_LENGTH) != udp.len || udp.len == UDP_HEADER)
        return GROVE_RULE_UDP_LENGTH;
    packet->payload = packet->l4 + UDP_HEADER;
    packet->flags = 0;
    packet->sequence = 0;
    return GROVE_RULE_NONE;
}

/* ---- SPEC.md, "Tunnels" ---- */

/* The UDP header of a tunnel. */
static enum grove_rule parse_outer_udp(const struct policy *policy,
                                       struct packet *packet)
{
    const struct bytes udp = packet_l4(packet);

    /* GRO-UDP-002: the checksum is not 0 and wrong. */
    if (!verify(policy, packet))
        return GROVE_RULE_UDP_CHECKSUM;
    /* GRO-TUN-001: it is not 0, and not verified since the packet is flushed.
     */
    if (packet->flush != GROVE_RULE_NONE && !policy->csum_trusted &&
        !vnet_needs_csum(&packet->input.vnet) &&
        bytes_be16(udp, UDP_CHECKSUM) != 0)
        return GROVE_RULE_TUN_UNVERIFIED;
    /* GRO-TUN-009: the length field is not the L4 length. */
    if (policy->profile.checks_tunnel_length &&
        bytes_be16(udp, UDP_LENGTH) != udp.len)
        return GROVE_RULE_TUN_LENGTH;
    return GROVE_RULE_NONE;
}

/* The IP version of an Ethernet type; GRO-TUN-006: it is not IP. */
static enum grove_rule parse_type(struct packet *packet, uint16_t type)
{
    packet->version = link_type_version(type);
    return packet->version == 0 ? GROVE_RULE_TUN_TYPE : GROVE_RULE_NONE;
}

/* The length of an Ethernet header or VLAN tag of this type; 0: it is none. */
static uint32_t frame_len(uint16_t type)
{
    if (type == ETHERNET_TYPE_ETHERNET)
        return ETHERNET_HEADER;
    return link_type_is_tag(type) ? ETHERNET_TAG : 0;
}

/* Whether PPPoE follows the type, and is looked into. */
static bool leads_to_pppoe(const struct policy *policy, uint16_t type)
{
    return policy->pppoe && type == ETHERNET_TYPE_PPPOE;
}

/*
 * Finds the inner IP header, of `type`, or in Ethernet, behind VLAN tags and
 * PPPoE.
 */
static enum grove_rule parse_frames(const struct policy *policy,
                                    struct packet *packet, uint16_t type)
{
    const struct bytes bytes = packet->input.bytes;
    const uint32_t most = tunnels_frames_max(packet->tunnel);
    uint32_t at = packet->outer.inside;

    for (; frame_len(type) != 0 && packet->frames < most; packet->frames++) {
        /* GRO-TUN-004: an Ethernet header or tag inside does not fit len. */
        if (!bytes_have(bytes, at, frame_len(type)))
            return GROVE_RULE_TUN_FRAME;
        at += frame_len(type);
        type = link_type_before(bytes, at);
    }
    /* GRO-TUN-005: too many Ethernet headers and VLAN tags. */
    if (packet->frames > most || frame_len(type) != 0 ||
        (packet->frames == most && leads_to_pppoe(policy, type)))
        return GROVE_RULE_TUN_FRAMES;
    if (leads_to_pppoe(policy, type))
        return parse_pppoe(packet, at);
    packet->network = at;
    return parse_type(packet, type);
}

/* GRO-TUN-008: the checksum of the tunnel's own header is wrong. */
static enum grove_rule verify_own(const struct policy *policy,
                                  struct packet *packet)
{
    const struct bytes own = bytes_from(packet->input.bytes, packet->outer.own);

    if (packet->flush != GROVE_RULE_NONE)
        return GROVE_RULE_NONE;
    packet->outer.is_promised = is_partial(policy, packet, packet->outer.own);
    if (packet->outer.is_promised)
        return GROVE_RULE_NONE;
    if (!policy->csum_trusted &&
        sum_fold(policy->sum(own.at, own.len)) != 0xffff)
        return GROVE_RULE_TUN_CHECKSUM;
    packet->verified = true;
    return GROVE_RULE_NONE;
}

/* What is behind the outer headers becomes the packet. */
static enum grove_rule enter_tunnel(const struct policy *policy,
                                    struct packet *packet,
                                    const struct tunnel_header *header)
{
    enum grove_rule bypass = GROVE_RULE_NONE;

    if (frame_len(header->type) == 0 && !leads_to_pppoe(policy, header->type))
        bypass = parse_type(packet, header->type);
    if (bypass == GROVE_RULE_NONE && header->has_sum)
        bypass = verify_own(policy, packet);
    if (bypass == GROVE_RULE_NONE)
        bypass = parse_frames(policy, packet, header->type);
    return bypass != GROVE_RULE_NONE ? bypass : parse_ip(policy, packet);
}

/* Where the headers of the tunnel are. */
static struct outer outer_of(const struct policy *policy,
                             const struct packet *packet)
{
    const bool udp = packet->protocol == IP_PROTO_UDP;

    return (struct outer){
        .ip = packet->ip,
        .l4 = packet->l4,
        .own = packet->l4 + (udp ? UDP_HEADER : 0),
        .pppoe = packet->pppoe,
        .is_promised = udp && packet->flush == GROVE_RULE_NONE &&
                       is_partial(policy, packet, packet->l4) &&
                       bytes_be16(packet_l4(packet), UDP_CHECKSUM) != 0,
    };
}

/* Only one tunnel is looked into. */
RARE static enum grove_rule parse_tunnel(const struct policy *policy,
                                         struct packet *packet)
{
    const uint8_t tunnel = find_tunnel(policy, packet);
    enum grove_rule bypass = GROVE_RULE_NONE;
    struct tunnel_header header;
    struct outer outer;

    if (tunnel == 0)
        return GROVE_RULE_NONE;
    if (packet->protocol == IP_PROTO_UDP)
        bypass = parse_outer_udp(policy, packet);
    if (bypass != GROVE_RULE_NONE)
        return bypass;
    outer = outer_of(policy, packet);
    bypass = tunnels_read(tunnel, packet->protocol,
                          bytes_from(packet->input.bytes, outer.own), &header);
    if (bypass != GROVE_RULE_NONE)
        return bypass;
    outer.key_len = header.key_len;
    outer.inside = outer.own + header.len;
    packet->tunnel = tunnel;
    packet->outer = outer;
    packet->pppoe = 0;
    return enter_tunnel(policy, packet, &header);
}

/* ---- SPEC.md, "The flow" ---- */

/* Fills the rest of the key, once the ports are known. */
static void parse_key(const struct policy *policy, struct packet *packet)
{
    /* GRO-KEY-001: addresses (above), version, protocol and ports. */
    packet->key.transport =
        key_transport(packet_l4(packet), packet->protocol, packet->version);
    /* GRO-KEY-002: IPv6: flow label and extension headers, in linux mode. */
    packet->key.network = 0;
    if (packet->version == 6 && !policy->lossless)
        packet->key.network =
            key_network(packet_network(packet), packet_extensions(packet).len);
    /* GRO-KEY-003: linux mode, l4 > 65470: a flow of its own, never found. */
    packet->has_key = policy->lossless || !packet_is_far(packet);
}

FLATTEN_PART static enum grove_rule parse_l4(const struct policy *policy,
                                             struct packet *packet)
{
    if (packet_l4(packet).len >= L4_PORTS_LEN)
        parse_key(policy, packet);
    return packet->protocol == IP_PROTO_TCP ? parse_tcp(policy, packet)
                                            : parse_udp(policy, packet);
}

/* The header of the link, and the VLAN tags behind it. */
static void parse_link(const struct policy *policy, struct packet *packet)
{
    /* VNET-017: in lossless mode, for the header with which it leaves. */
    if (policy->lossless && packet->input.reject == GROVE_RULE_NONE)
        packet->input.reject = input_check_again(&packet->input);
    if (packet->input.reject == GROVE_RULE_NONE)
        packet->frames = input_pass_tags(&packet->input, policy->tags_max);
}

FLATTEN_PART void parse(const struct policy *policy,
                        const struct grove_packet *given, struct packet *packet)
{
    packet->bypass = packet->flush = GROVE_RULE_NONE;
    packet->verified = packet->has_addresses = packet->has_key = false;
    packet->tunnel = packet->frames = packet->pppoe = 0;
    /* GRO-KEY-006: the hash, if packets have one. */
    packet->hash = policy->hash ? given->hash : 0;
    input_accept(&policy->profile, policy->link, policy->vnet_len, given,
                 &packet->input);
    if (policy->link != GROVE_LINK_NONE)
        parse_link(policy, packet);
    if (packet->input.reject != GROVE_RULE_NONE)
        return;
    packet->network = packet->input.network;
    packet->version = packet->input.version;
    /* GRO-IN-003: the packet is a GSO packet. */
    if (packet->input.gso)
        packet->flush = GROVE_RULE_IN_GSO;
    packet->bypass = parse_network(policy, packet);
    if (packet->bypass == GROVE_RULE_NONE && policy->tunnels.count != 0)
        packet->bypass = parse_tunnel(policy, packet);
    if (packet->bypass == GROVE_RULE_NONE)
        packet->bypass = parse_l4(policy, packet);
}
