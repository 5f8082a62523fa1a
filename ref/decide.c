/* SPDX-License-Identifier: MIT */
#include "decide.h"

#include "flatten.h"

/* ---- SPEC.md, "Against the held one": "TCP header" ---- */

static enum grove_rule differs_tcp_header(const struct policy *policy,
                                          const struct packet *packet,
                                          const struct packet *first)
{
    const int free =
        TCP_FIN | TCP_PSH | (policy->profile.compares_cwr ? 0 : TCP_CWR);

    /* GRO-TCP-004: the packet has CWR, with refuses_cwr. */
    if (policy->profile.refuses_cwr && (packet->flags & TCP_CWR) != 0)
        return GROVE_RULE_TCP_CWR;
    /* GRO-TCP-005: a flag differs (not FIN, PSH; CWR: if compares_cwr). */
    if (((packet->flags ^ first->flags) & ~free) != 0)
        return GROVE_RULE_TCP_FLAGS;
    /* GRO-TCP-006: the window differs. */
    if (packet->window != first->window)
        return GROVE_RULE_TCP_WINDOW;
    /* GRO-TCP-007: the acknowledgment number differs. */
    if (packet->acknowledgment != first->acknowledgment)
        return GROVE_RULE_TCP_ACK;
    /* GRO-TCP-008: the options differ in length or in any byte. */
    if (!bytes_equal(packet_tcp_options(packet), packet_tcp_options(first)))
        return GROVE_RULE_TCP_OPTIONS;
    return GROVE_RULE_NONE;
}

/* ---- "IP header" ---- */

/* Whether the identification stays, by the first two headers of it. */
static bool id_stays(const struct policy *policy, const struct ip_fields *ip,
                     const struct ip_fields *first)
{
    return ip->as_ip4 && ip->id == first->id &&
           (ip->df || !policy->profile.fixed_id_needs_df);
}

/*
 * What held->fixed_id becomes if `packet` merges. It was set before if packets
 * passed beside it.
 */
static uint8_t next_fixed_id(const struct policy *policy,
                             const struct packet *packet,
                             const struct held *held)
{
    const struct packet *first = &held->first;
    uint8_t fixed_id = held->fixed_id;

    if (held->packets > 1)
        return fixed_id;
    if (id_stays(policy, &packet->ip, &first->ip))
        fixed_id |= FIXED_ID;
    if (packet_in_tunnel(packet) && !policy->profile.fixed_id_needs_df &&
        id_stays(policy, &packet->outer.ip, &first->outer.ip))
        fixed_id |= FIXED_OUTER_ID;
    return fixed_id;
}

/* The identification of `ip` follows if it is `step` more. */
static enum grove_rule differs_ip4(const struct ip_fields *ip,
                                   const struct ip_fields *first, uint32_t step)
{
    /* GRO-IP4-008: the TTL differs. */
    if (ip->hop != first->hop)
        return GROVE_RULE_IP4_TTL;
    /* GRO-IP4-009: one of the 8 bits of the TOS differs. */
    if (ip->traffic_class != first->traffic_class)
        return GROVE_RULE_IP4_TOS;
    /* GRO-IP4-010: DF differs. */
    if (ip->df != first->df)
        return GROVE_RULE_IP4_DF;
    /* GRO-IP4-011: the identification does not follow. */
    if (ip->id != (uint16_t)(first->id + step))
        return GROVE_RULE_IP4_ID;
    return GROVE_RULE_NONE;
}

static enum grove_rule differs_ip6(const struct ip_fields *ip,
                                   const struct ip_fields *first)
{
    /* GRO-IP6-005: one of the 8 bits of the traffic class differs. */
    if (ip->traffic_class != first->traffic_class)
        return GROVE_RULE_IP6_CLASS;
    /* GRO-IP6-006: the hop limit differs. */
    if (ip->hop != first->hop)
        return GROVE_RULE_IP6_HOPS;
    return GROVE_RULE_NONE;
}

/*
 * GRO-IP4-011: how much more the outer identification must be. With
 * fixed_id_needs_df it may be anything if DF is set.
 */
static uint32_t outer_step(const struct policy *policy,
                           const struct packet *packet, const struct held *held,
                           uint8_t fixed_id)
{
    const struct ip_fields *first = &held->first.outer.ip;

    if (!policy->profile.fixed_id_needs_df)
        return (fixed_id & FIXED_OUTER_ID) != 0 ? 0 : held->packets;
    if (packet->outer.ip.df)
        return (uint32_t)packet->outer.ip.id - first->id;
    return policy->profile.checks_csum_start && held->fixed_id != 0
               ? 0
               : held->packets;
}

/* The outer IP header of a tunnel. */
RARE static enum grove_rule differs_outer_ip(const struct policy *policy,
                                             const struct packet *packet,
                                             const struct held *held,
                                             uint8_t fixed_id)
{
    const struct ip_fields *first = &held->first.outer.ip;

    return packet->outer.ip.as_ip4
               ? differs_ip4(&packet->outer.ip, first,
                             outer_step(policy, packet, held, fixed_id))
               : differs_ip6(&packet->outer.ip, first);
}

static enum grove_rule differs_ip(const struct policy *policy,
                                  const struct packet *packet,
                                  const struct held *held, uint8_t fixed_id)
{
    const struct ip_fields *first = &held->first.ip;
    const uint32_t step = (fixed_id & FIXED_ID) != 0 ? 0 : held->packets;
    enum grove_rule rule = GROVE_RULE_NONE;

    if (packet_in_tunnel(packet))
        rule = differs_outer_ip(policy, packet, held, fixed_id);
    if (rule != GROVE_RULE_NONE)
        return rule;
    return packet->ip.as_ip4 ? differs_ip4(&packet->ip, first, step)
                             : differs_ip6(&packet->ip, first);
}

/* ---- "Payload" ---- */

/* Whether a super-packet of these packets stays at 65535 bytes. */
static bool stays_usual(const struct policy *policy,
                        const struct packet *packet)
{
    return packet->protocol == IP_PROTO_UDP ||
           (!policy->profile.big_ip4 &&
            (packet->version == 4 || packet_extensions(packet).len != 0));
}

/* Of a super-packet that is to have `total` bytes, more than usual. */
RARE static enum grove_rule exceeds_usual(const struct policy *policy,
                                          const struct packet *packet,
                                          uint32_t total)
{
    /* GRO-LIM-001: total + the payload length, and tags > max_bytes. */
    if (total > policy->max_bytes)
        return GROVE_RULE_LIMIT_BYTES;
    /* GRO-LIM-002: over 65535 bytes, and not of TCP; and other reasons. */
    if (stays_usual(policy, packet))
        return GROVE_RULE_LIMIT_USUAL;
    /* GRO-LIM-003: a jumbo header, and over 8 bytes of extension headers. */
    if (policy_adds_jumbo(policy, packet->version, total) &&
        packet_extensions(packet).len > JUMBO_HEADER)
        return GROVE_RULE_LIMIT_JUMBO;
    return GROVE_RULE_NONE;
}

static enum grove_rule exceeds(const struct policy *policy,
                               const struct packet *packet,
                               const struct held *held)
{
    const uint32_t total =
        held->total - link_len(policy->link) + packet_payload_len(packet);

    return total <= GROVE_DEFAULT_BYTES ? GROVE_RULE_NONE
                                        : exceeds_usual(policy, packet, total);
}

bool decide_may_grow(const struct policy *policy, const struct held *held,
                     uint32_t total)
{
    return exceeds_usual(policy, &held->first, total) == GROVE_RULE_NONE;
}

/* ---- "Lists" ---- */

/* GRO-LIST-005: total + the length of the whole packet > 65535. */
static enum grove_rule exceeds_list(const struct packet *packet,
                                    const struct held *held)
{
    return held->total + packet->input.bytes.len > GROVE_DEFAULT_BYTES
               ? GROVE_RULE_LIST_BYTES
               : GROVE_RULE_NONE;
}

RARE static enum grove_rule differs_tcp_list(const struct packet *packet,
                                             const struct held *held)
{
    /* GRO-LIST-001: FIN, PSH or CWR differs. */
    if (packet->flags != held->first.flags)
        return GROVE_RULE_LIST_FLAGS;
    /* GRO-LIST-002: TCP: NEEDS_CSUM differs. */
    if (vnet_needs_csum(&packet->input.vnet) !=
        vnet_needs_csum(&held->first.input.vnet))
        return GROVE_RULE_LIST_TCP_CSUM;
    /* GRO-LIST-003: the list of TCP has 64 packets. */
    if (held->packets >= TCP_LIST_PACKETS_MAX)
        return GROVE_RULE_LIST_COUNT;
    return exceeds_list(packet, held);
}

RARE static enum grove_rule differs_udp_list(const struct packet *packet,
                                             const struct held *held)
{
    const struct packet *first = &held->first;

    /* GRO-LIST-004: UDP: NEEDS_CSUM differs, or it is not verified. */
    if (vnet_needs_csum(&packet->input.vnet) !=
            vnet_needs_csum(&first->input.vnet) ||
        (!vnet_needs_csum(&packet->input.vnet) && !packet->verified))
        return GROVE_RULE_LIST_UDP_CSUM;
    return exceeds_list(packet, held);
}

/* All rules of this section for TCP, in its order. */
static enum grove_rule differs_tcp(const struct policy *policy,
                                   const struct packet *packet,
                                   const struct held *held, uint8_t fixed_id)
{
    const uint32_t len = packet_payload_len(packet);
    enum grove_rule rule = differs_tcp_header(policy, packet, &held->first);

    if (rule == GROVE_RULE_NONE)
        rule = differs_ip(policy, packet, held, fixed_id);
    if (rule != GROVE_RULE_NONE)
        return rule;
    /* GRO-TCP-009: the payload is empty. */
    if (len == 0)
        return GROVE_RULE_TCP_EMPTY;
    /* GRO-TCP-010: the payload is longer than gso_size. */
    if (len > held->gso_size)
        return GROVE_RULE_TCP_LARGER;
    /* GRO-TCP-011: the sequence number is not next_sequence. */
    if (packet->sequence != held->next_sequence)
        return GROVE_RULE_TCP_SEQUENCE;
    return policy_lists(policy, packet->protocol)
               ? differs_tcp_list(packet, held)
               : exceeds(policy, packet, held);
}

/* All rules of this section for UDP, in its order. */
static enum grove_rule differs_udp(const struct policy *policy,
                                   const struct packet *packet,
                                   const struct held *held, uint8_t fixed_id)
{
    enum grove_rule rule;

    /* GRO-UDP-006: the payload is longer than gso_size. */
    if (packet_payload_len(packet) > held->gso_size)
        return GROVE_RULE_UDP_LARGER;
    rule = differs_ip(policy, packet, held, fixed_id);
    if (rule != GROVE_RULE_NONE)
        return rule;
    return policy->fraglist ? differs_udp_list(packet, held)
                            : exceeds(policy, packet, held);
}

/* ---- SPEC.md, "What leaves, and when" ---- */

/*
 * Why nothing may follow a TCP packet, or NONE. If the packet merges, it ends
 * the held super-packet. Alone, it passes.
 */
static enum grove_rule ends_tcp(const struct packet *packet)
{
    const int last = TCP_URG | TCP_PSH | TCP_RST | TCP_SYN | TCP_FIN;

    if (packet->protocol != IP_PROTO_TCP)
        return GROVE_RULE_NONE;
    /* GRO-END-001: TCP with URG, PSH, RST, SYN or FIN. */
    if ((packet->flags & last) != 0)
        return GROVE_RULE_END_FLAGS;
    /* GRO-END-002: TCP without payload. */
    if (packet_payload_len(packet) == 0)
        return GROVE_RULE_END_EMPTY;
    return GROVE_RULE_NONE;
}

/* Why `held` leaves with the packet that was merged into it, or NONE. */
static enum grove_rule ends_merged(const struct policy *policy,
                                   const struct packet *packet,
                                   const struct held *held)
{
    const enum grove_rule rule = ends_tcp(packet);

    if (rule != GROVE_RULE_NONE)
        return rule;
    /* GRO-END-003: the payload is shorter than gso_size. */
    if (packet_payload_len(packet) < held->gso_size)
        return GROVE_RULE_END_SHORT;
    /* GRO-END-004: the UDP super-packet has max_udp_segments packets now. */
    if (packet->protocol == IP_PROTO_UDP &&
        held->packets + 1 >= policy->profile.max_udp_segments)
        return GROVE_RULE_END_COUNT;
    return GROVE_RULE_NONE;
}

/* ---- SPEC.md, "Lossless mode" ---- */

/* Whether an IP header has a checksum of 0xffff, for which a split writes 0. */
static bool has_ones(struct bytes ip, uint8_t version)
{
    return version == 4 && bytes_be16(ip, IP4_CHECKSUM) == 0xffff;
}

/* What a split writes around or finds in a tunnel. */
RARE static enum grove_rule lossy_tunnel(const struct packet *packet)
{
    const struct bytes udp = bytes_from(packet->input.bytes, packet->outer.l4);
    const bool ip6 = bytes_u8(packet_network(packet), IP_VERSION) >> 4 == 6;

    /* GRO-LL-012: in a tunnel, the outer UDP length is wrong. */
    if (bytes_be16(udp, UDP_LENGTH) != udp.len)
        return GROVE_RULE_LL_TUN_LENGTH;
    /* GRO-LL-013: in a tunnel, UDP over IPv6 whose header says another. */
    if (packet->protocol == IP_PROTO_UDP && packet->version == 6 && !ip6)
        return GROVE_RULE_LL_TUN_VERSION;
    return GROVE_RULE_NONE;
}

/* Why a split would not give the packet back byte for byte, or NONE. */
static enum grove_rule lossy_alone(const struct policy *policy,
                                   const struct packet *packet)
{
    /* GRO-LL-001: NEEDS_CSUM is set. */
    if (vnet_needs_csum(&packet->input.vnet))
        return GROVE_RULE_LL_VNET;
    /* GRO-LL-002: the checksum of the IPv4 header, or an outer, is 0xffff. */
    if (has_ones(packet_network(packet), packet->version) ||
        has_ones(input_network(&packet->input), packet->input.version))
        return GROVE_RULE_LL_IP4_CHECKSUM;
    /* GRO-LL-003: the TCP checksum is 0xffff. */
    if (packet->protocol == IP_PROTO_TCP &&
        bytes_be16(packet_l4(packet), TCP_CHECKSUM) == 0xffff)
        return GROVE_RULE_LL_TCP_CHECKSUM;
    /* GRO-LL-004: UDP, without takes_uso. */
    if (packet->protocol == IP_PROTO_UDP && !policy->profile.takes_uso)
        return GROVE_RULE_LL_UDP_WRITE;
    /* GRO-LL-011: l4 > 65470. */
    if (packet_is_far(packet))
        return GROVE_RULE_LL_FAR;
    return packet_in_tunnel(packet) ? lossy_tunnel(packet) : GROVE_RULE_NONE;
}

static enum grove_rule lossy_ip6(const struct packet *packet,
                                 const struct packet *first)
{
    /* GRO-LL-005: IPv6: the flow label, or with a link the version, differs. */
    if (packet_version_label(packet) != packet_version_label(first))
        return GROVE_RULE_LL_FLOW_LABEL;
    /* GRO-LL-006: IPv6: next header or the extension headers differ. */
    if (packet_next_header(packet) != packet_next_header(first) ||
        !bytes_equal(packet_extensions(packet), packet_extensions(first)))
        return GROVE_RULE_LL_EXTENSION;
    return GROVE_RULE_NONE;
}

static enum grove_rule lossy_tcp(const struct packet *packet,
                                 const struct held *held)
{
    /* GRO-LL-008: TCP: the urgent pointer differs. */
    if (bytes_be16(packet_l4(packet), TCP_URGENT) !=
        bytes_be16(packet_l4(&held->first), TCP_URGENT))
        return GROVE_RULE_LL_URGENT;
    /* GRO-LL-009: TCP: the packet has CWR. */
    if ((packet->flags & TCP_CWR) != 0)
        return GROVE_RULE_LL_CWR;
    /* GRO-LL-010: TCP: gso_size < 8. */
    if (held->gso_size < LOSSLESS_GSO_SIZE_MIN)
        return GROVE_RULE_LL_SIZE;
    return GROVE_RULE_NONE;
}

/* Whether a split, which counts identifications up, would give another one. */
static bool lossy_id(const struct packet *packet, const struct held *held,
                     uint8_t fixed_id)
{
    const uint16_t outer = (uint16_t)(held->first.outer.ip.id + held->packets);

    if ((fixed_id & FIXED_ID) != 0)
        return true;
    return packet_in_tunnel(packet) && packet->outer.ip.as_ip4 &&
           packet->outer.ip.id != outer;
}

/* Why a split would not undo this merge, or NONE. */
static enum grove_rule lossy_merge(const struct packet *packet,
                                   const struct held *held, uint8_t fixed_id)
{
    enum grove_rule rule = GROVE_RULE_NONE;

    if (packet->version == 6)
        rule = lossy_ip6(packet, &held->first);
    /* GRO-LL-007: IPv4: an inner or outer identification does not count. */
    if (rule == GROVE_RULE_NONE && lossy_id(packet, held, fixed_id))
        rule = GROVE_RULE_LL_ID;
    if (rule == GROVE_RULE_NONE && packet->protocol == IP_PROTO_TCP)
        rule = lossy_tcp(packet, held);
    return rule;
}

/* ---- SPEC.md, "The receive step", in its order ---- */

/* The packet bypasses. */
static void decide_bypass(const struct policy *policy,
                          const struct packet *packet, const struct held *held,
                          struct decision *decision)
{
    decision->rule = packet->bypass;
    if (!policy->lossless)
        return;
    /* GRO-END-006: lossless mode: a packet bypasses that may be of the flow. */
    if (held != NULL) {
        decision->leaves = GROVE_RULE_END_ORDER;
    } else if (packet->has_addresses && !packet->has_key) {
        decision->leaves = GROVE_RULE_END_ORDER;
        decision->leavers = LEAVES_BETWEEN;
    }
}

bool decide_is_between(const struct packet *packet, const struct held *held)
{
    const struct packet *first = &held->first;

    return packet->input.version == first->input.version &&
           bytes_equal(packet_outermost_addresses(packet),
                       packet_outermost_addresses(first));
}

/* Why the packet is flushed, or NONE. */
static enum grove_rule flushes(const struct policy *policy,
                               const struct packet *packet)
{
    if (packet->flush == GROVE_RULE_NONE && policy->lossless)
        return lossy_alone(policy, packet);
    return packet->flush;
}

/* Why the packet does not merge with `held`, or NONE. */
static enum grove_rule differs(const struct policy *policy,
                               const struct packet *packet,
                               const struct held *held, uint8_t fixed_id)
{
    enum grove_rule rule = packet->protocol == IP_PROTO_TCP
                               ? differs_tcp(policy, packet, held, fixed_id)
                               : differs_udp(policy, packet, held, fixed_id);

    if (rule == GROVE_RULE_NONE && policy->lossless)
        rule = lossy_merge(packet, held, fixed_id);
    return rule;
}

/* GRO-LIST-004: the list of the flow stays held, though the packet passes. */
static bool passes_beside(enum grove_rule rule)
{
    return rule == GROVE_RULE_LIST_UDP_CSUM;
}

/* GRO-IP4-011: with checks_csum_start a packet beside a list may set this. */
static uint8_t fixed_id_beside(const struct policy *policy,
                               const struct held *held, uint8_t fixed_id)
{
    return policy->profile.checks_csum_start ? fixed_id : held->fixed_id;
}

/*
 * Whether that is all: the packet merges with `held`, or passes beside it. If
 * not, `held` leaves.
 */
static bool decide_merge(const struct policy *policy,
                         const struct packet *packet, const struct held *held,
                         struct decision *decision)
{
    const uint8_t fixed_id = next_fixed_id(policy, packet, held);

    decision->fixed_id = fixed_id;
    decision->rule = differs(policy, packet, held, fixed_id);
    if (decision->rule == GROVE_RULE_NONE) {
        decision->verdict = GROVE_MERGED;
        decision->leaves = ends_merged(policy, packet, held);
        return true;
    }
    decision->beside = passes_beside(decision->rule);
    if (decision->beside) {
        decision->fixed_id = fixed_id_beside(policy, held, fixed_id);
        return true;
    }
    /* GRO-END-005: a packet of the flow mismatches. */
    decision->leaves = GROVE_RULE_END_MISMATCH;
    return false;
}

/* The packet did not merge: it is held or passes. */
static void decide_alone(const struct flows *flows, const struct packet *packet,
                         const struct held *held, struct decision *decision)
{
    const enum grove_rule end = ends_tcp(packet);

    if (end == GROVE_RULE_NONE) {
        decision->verdict = GROVE_HELD;
        /* GRO-END-007: the bucket is full, and none of the flow is held. */
        if (held == NULL && flows_full(flows, packet->hash)) {
            decision->leaves = GROVE_RULE_END_EVICTED;
            decision->leavers = LEAVES_OLDEST;
        }
    } else if (held == NULL) {
        decision->rule = end;
    }
}

bool decide_begins(const struct policy *policy, const struct flows *flows,
                   const struct packet *packet)
{
    return packet->bypass == GROVE_RULE_NONE &&
           flushes(policy, packet) == GROVE_RULE_NONE &&
           ends_tcp(packet) == GROVE_RULE_NONE &&
           !flows_full(flows, packet->hash);
}

/*
 * Whether a flushed packet may pass beside a list. Without flushed_beside only
 * a GSO packet may.
 */
static bool may_pass_beside(const struct policy *policy,
                            const struct packet *packet)
{
    return policy->fraglist && packet->protocol == IP_PROTO_UDP &&
           (policy->profile.flushed_beside ||
            packet->flush == GROVE_RULE_IN_GSO);
}

/* The packet is flushed: `held` leaves, unless it passes beside that list. */
static void decide_flush(const struct policy *policy,
                         const struct packet *packet, const struct held *held,
                         struct decision *decision)
{
    const uint8_t fixed_id = next_fixed_id(policy, packet, held);

    decision->fixed_id = fixed_id_beside(policy, held, fixed_id);
    decision->beside = may_pass_beside(policy, packet) &&
                       passes_beside(differs(policy, packet, held, fixed_id));
    /* GRO-END-005: a packet of the flow is flushed. */
    if (!decision->beside)
        decision->leaves = GROVE_RULE_END_MISMATCH;
}

void decide(const struct policy *policy, const struct flows *flows,
            const struct packet *packet, const struct held *held,
            struct decision *decision)
{
    *decision = (struct decision){.verdict = GROVE_PASSED};
    /* packet is rejected */
    if (packet->input.reject != GROVE_RULE_NONE) {
        decision->verdict = GROVE_REJECTED;
        decision->rule = packet->input.reject;
        return;
    }
    /* packet bypasses */
    if (packet->bypass != GROVE_RULE_NONE) {
        decide_bypass(policy, packet, held, decision);
        return;
    }
    /* packet is flushed */
    decision->rule = flushes(policy, packet);
    if (decision->rule != GROVE_RULE_NONE) {
        if (held != NULL)
            decide_flush(policy, packet, held, decision);
        return;
    }
    /* if held: the packet merges, or held leaves; else it is alone */
    if (held == NULL || !decide_merge(policy, packet, held, decision))
        decide_alone(flows, packet, held, decision);
}
