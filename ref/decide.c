/* SPDX-License-Identifier: MIT */
#include "decide.h"

/* A merged packet must stay under this many bytes; GRO-LIM-001. */
#define MAX_SUPER_PACKET 65535

/* GRO-END-004. */
#define UDP_GRO_SEGMENTS_MAX 64

/* A split of a kernel that clamps would use this instead; GRO-LL-010. */
#define LOSSLESS_GSO_SIZE_MIN 8

bool decide_fixed_id(const struct policy *policy, const struct packet *packet,
                     const struct held *held)
{
    if (held->packets > 1)
        return held->fixed_id;
    return packet->version == 4 && packet->id == held->first.id &&
           (packet->df || !policy->profile->fixed_id_needs_df);
}

/* GRO-IP4-008 to GRO-IP4-011. */
static enum grove_rule differs_ip4(const struct policy *policy,
                                   const struct packet *packet,
                                   const struct held *held)
{
    const struct packet *first = &held->first;
    const uint32_t step =
        decide_fixed_id(policy, packet, held) ? 0 : held->packets;

    if (packet->hop != first->hop)
        return GROVE_RULE_IP4_TTL;
    if (packet->traffic_class != first->traffic_class)
        return GROVE_RULE_IP4_TOS;
    if (packet->df != first->df)
        return GROVE_RULE_IP4_DF;
    if (packet->id != (uint16_t)(first->id + step))
        return GROVE_RULE_IP4_ID;
    return GROVE_RULE_NONE;
}

/* GRO-IP4-008 to GRO-IP4-011, GRO-IP6-005, GRO-IP6-006. */
static enum grove_rule differs_ip(const struct policy *policy,
                                  const struct packet *packet,
                                  const struct held *held)
{
    if (packet->version == 4)
        return differs_ip4(policy, packet, held);
    if (packet->traffic_class != held->first.traffic_class)
        return GROVE_RULE_IP6_CLASS;
    if (packet->hop != held->first.hop)
        return GROVE_RULE_IP6_HOPS;
    return GROVE_RULE_NONE;
}

/* GRO-LIM-001. */
static enum grove_rule exceeds(const struct packet *packet,
                               const struct held *held)
{
    return held->total + packet_payload_len(packet) > MAX_SUPER_PACKET
               ? GROVE_RULE_LIMIT_BYTES
               : GROVE_RULE_NONE;
}

/* GRO-TCP-004 to GRO-TCP-008. */
static enum grove_rule differs_tcp_header(const struct policy *policy,
                                          const struct packet *packet,
                                          const struct packet *first)
{
    const uint32_t free =
        TCP_FIN | TCP_PSH | (policy->profile->compares_cwr ? 0 : TCP_CWR);
    const uint32_t changed = (packet->word12 ^ first->word12) & ~free;

    if (policy->profile->refuses_cwr && (packet->word12 & TCP_CWR) != 0)
        return GROVE_RULE_TCP_CWR;
    if ((changed & TCP_FLAGS) != 0)
        return GROVE_RULE_TCP_FLAGS;
    if ((changed & TCP_WINDOW) != 0)
        return GROVE_RULE_TCP_WINDOW;
    if (packet->acknowledgment != first->acknowledgment)
        return GROVE_RULE_TCP_ACK;
    if (!bytes_equal(packet_tcp_options(packet), packet_tcp_options(first)))
        return GROVE_RULE_TCP_OPTIONS;
    return GROVE_RULE_NONE;
}

/* GRO-TCP-004 to GRO-LIM-001, in the kernel's order. */
static enum grove_rule differs_tcp(const struct policy *policy,
                                   const struct packet *packet,
                                   const struct held *held)
{
    const uint32_t len = packet_payload_len(packet);
    enum grove_rule rule = differs_tcp_header(policy, packet, &held->first);

    if (rule == GROVE_RULE_NONE)
        rule = differs_ip(policy, packet, held);
    if (rule != GROVE_RULE_NONE)
        return rule;
    if (len == 0)
        return GROVE_RULE_TCP_EMPTY;
    if (len > held->gso_size)
        return GROVE_RULE_TCP_LARGER;
    if (packet->sequence != held->next_sequence)
        return GROVE_RULE_TCP_SEQUENCE;
    return exceeds(packet, held);
}

/* GRO-UDP-006 to GRO-LIM-001. */
static enum grove_rule differs_udp(const struct policy *policy,
                                   const struct packet *packet,
                                   const struct held *held)
{
    enum grove_rule rule;

    if (packet_payload_len(packet) > held->gso_size)
        return GROVE_RULE_UDP_LARGER;
    rule = differs_ip(policy, packet, held);
    return rule != GROVE_RULE_NONE ? rule : exceeds(packet, held);
}

/* GRO-LL-001 to -004, and -011: a packet that no split would give back. */
static enum grove_rule lossy_alone(const struct policy *policy,
                                   const struct packet *packet)
{
    if (packet->vnet.flags != 0)
        return GROVE_RULE_LL_VNET;
    if (packet->version == 4 && bytes_be16(packet->bytes, 10) == 0xffff)
        return GROVE_RULE_LL_IP4_CHECKSUM;
    if (packet->protocol == IP_PROTO_TCP &&
        bytes_be16(packet->bytes, packet->l4 + 16) == 0xffff)
        return GROVE_RULE_LL_TCP_CHECKSUM;
    if (packet->protocol == IP_PROTO_UDP && !policy->profile->takes_uso)
        return GROVE_RULE_LL_UDP_WRITE;
    return packet_is_far(packet) ? GROVE_RULE_LL_FAR : GROVE_RULE_NONE;
}

/* GRO-LL-005 to GRO-LL-010: a merge that a split would not undo. */
static enum grove_rule lossy_merge(const struct policy *policy,
                                   const struct packet *packet,
                                   const struct held *held)
{
    const struct packet *first = &held->first;

    if (packet->flow_label != first->flow_label)
        return GROVE_RULE_LL_FLOW_LABEL;
    if (packet->next_header != first->next_header ||
        !bytes_equal(packet_extensions(packet), packet_extensions(first)))
        return GROVE_RULE_LL_EXTENSION;
    if (decide_fixed_id(policy, packet, held))
        return GROVE_RULE_LL_ID;
    if (packet->protocol != IP_PROTO_TCP)
        return GROVE_RULE_NONE;
    if (bytes_be16(packet->bytes, packet->l4 + 18) !=
        bytes_be16(first->bytes, first->l4 + 18))
        return GROVE_RULE_LL_URGENT;
    if ((packet->word12 & TCP_CWR) != 0)
        return GROVE_RULE_LL_CWR;
    if (held->gso_size < LOSSLESS_GSO_SIZE_MIN)
        return GROVE_RULE_LL_SIZE;
    return GROVE_RULE_NONE;
}

/* Why `packet` does not go into `held`, or NONE. */
static enum grove_rule differs(const struct policy *policy,
                               const struct packet *packet,
                               const struct held *held)
{
    enum grove_rule rule = packet->protocol == IP_PROTO_TCP
                               ? differs_tcp(policy, packet, held)
                               : differs_udp(policy, packet, held);

    if (rule == GROVE_RULE_NONE && policy->lossless)
        rule = lossy_merge(policy, packet, held);
    return rule;
}

/*
 * Why nothing may follow `packet` in a super-packet of `gso_size`, or NONE:
 * GRO-END-001 to GRO-END-004. `packets` counts those before it.
 */
static enum grove_rule ends(const struct packet *packet, uint32_t gso_size,
                            uint32_t packets)
{
    const uint32_t last = TCP_URG | TCP_PSH | TCP_RST | TCP_SYN | TCP_FIN;

    if (packet->protocol == IP_PROTO_TCP) {
        if ((packet->word12 & last) != 0)
            return GROVE_RULE_END_FLAGS;
        if (packet_payload_len(packet) == 0)
            return GROVE_RULE_END_EMPTY;
    }
    if (packet_payload_len(packet) < gso_size)
        return GROVE_RULE_END_SHORT;
    if (packet->protocol == IP_PROTO_UDP && packets + 1 >= UDP_GRO_SEGMENTS_MAX)
        return GROVE_RULE_END_COUNT;
    return GROVE_RULE_NONE;
}

/* A packet that touches no held one in Linux: GRO-END-006 if lossless. */
static void decide_bypass(const struct policy *policy,
                          const struct packet *packet, const struct held *held,
                          struct decision *decision)
{
    decision->rule = packet->bypass;
    if (policy->lossless && held != NULL)
        decision->leaves = GROVE_RULE_END_ORDER;
}

/* It does not go into `held`, if there is one: it begins anew, or passes. */
static void decide_alone(const struct packet *packet, const struct held *held,
                         struct decision *decision)
{
    const enum grove_rule end = ends(packet, 0, 0);

    if (held != NULL)
        decision->leaves = GROVE_RULE_END_MISMATCH;
    if (end == GROVE_RULE_NONE)
        decision->verdict = GROVE_HELD;
    else if (held == NULL)
        decision->rule = end;
}

static enum grove_rule never_merges(const struct policy *policy,
                                    const struct packet *packet)
{
    if (packet->flush == GROVE_RULE_NONE && policy->lossless)
        return lossy_alone(policy, packet);
    return packet->flush;
}

void decide(const struct policy *policy, const struct packet *packet,
            const struct held *held, struct decision *decision)
{
    decision->verdict = GROVE_PASSED;
    decision->rule = decision->leaves = GROVE_RULE_NONE;
    if (packet->reject != GROVE_RULE_NONE) {
        decision->verdict = GROVE_REJECTED;
        decision->rule = packet->reject;
        return;
    }
    if (packet->bypass != GROVE_RULE_NONE) {
        decide_bypass(policy, packet, held, decision);
        return;
    }
    decision->rule = never_merges(policy, packet);
    if (decision->rule != GROVE_RULE_NONE) {
        decision->leaves = held ? GROVE_RULE_END_MISMATCH : GROVE_RULE_NONE;
        return;
    }
    if (held != NULL)
        decision->rule = differs(policy, packet, held);
    if (held != NULL && decision->rule == GROVE_RULE_NONE) {
        decision->verdict = GROVE_MERGED;
        decision->leaves = ends(packet, held->gso_size, held->packets);
    } else {
        decide_alone(packet, held, decision);
    }
}
