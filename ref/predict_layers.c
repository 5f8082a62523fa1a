/* SPDX-License-Identifier: MIT */
/*
 * Header prediction behind a link, in tunnels and with hashes. All headers
 * outside of the innermost IP header must be those of the first packet, but for
 * checksums and the identification of an outer IPv4 header.
 */
#include "predict_layers.h"

#ifndef GROVE_NO_PREDICT

#include "follows.h"

/*
 * The outer identification, where it counts up. With fixed_id_needs_df a kernel
 * takes others, too, and the stages know which.
 */
static bool follows_outer_ip4(const struct policy *policy, struct twin all,
                              const struct held *held)
{
    const bool stays = (held->fixed_id & FIXED_OUTER_ID) != 0;

    return (!policy->profile.fixed_id_needs_df || held->fixed_id == 0) &&
           follows_ip4(all, held->first.input.network,
                       stays ? 0 : held->packets);
}

/* The outer IP header, and extension headers behind it. */
static bool follows_outer_ip(const struct policy *policy, struct twin all,
                             const struct held *held)
{
    const struct packet *first = &held->first;

    /* GRO-IP6-007 */
    if (first->outer.ip.as_ip4 != (first->input.version == 4))
        return false;
    return first->input.version == 4
               ? follows_outer_ip4(policy, all, held)
               : same_bytes(all, first->input.network, first->outer.l4);
}

/*
 * The outer UDP header. A checksum that is not 0 differs from packet to packet
 * and must be verified, unless it is trusted.
 */
static bool follows_outer_udp(const struct policy *policy, struct twin all,
                              const struct held *held)
{
    const struct twin udp = twin_slice(all, held->first.outer.l4, UDP_HEADER);
    const bool has_sum = bytes_be16(udp.is, UDP_CHECKSUM) != 0;

    /* GRO-KEY-005 */
    return same_4(udp, L4_PORTS) && same_2(udp, UDP_LENGTH) &&
           has_sum == (bytes_be16(udp.was, UDP_CHECKSUM) != 0) &&
           /* GRO-UDP-002 */
           (!has_sum || policy->csum_trusted);
}

/* The tunnel's own header. A checksum of GRE must be verified. */
static bool follows_own(const struct policy *policy, struct twin all,
                        const struct held *held)
{
    const struct packet *first = &held->first;
    const struct bytes own = bytes_from(all.was, first->outer.own);

    if (first->tunnel >= GROVE_TUNNEL_VXLAN)
        return follows_outer_udp(policy, all, held);
    /* GRO-TUN-008 */
    return first->tunnel != GROVE_TUNNEL_GRE ||
           (bytes_be16(own, GRE_FLAGS) & GRE_HAS_CHECKSUM) == 0;
}

/* The headers of the tunnel, and the Ethernet headers inside. */
static bool follows_tunnel(const struct policy *policy, struct twin all,
                           const struct held *held)
{
    const struct packet *first = &held->first;

    return follows_outer_ip(policy, all, held) &&
           follows_own(policy, all, held) &&
           /* GRO-KEY-005 */
           same_bytes(all, first->outer.own, first->network);
}

/* Whether all headers are those of the packet after those of `held`. */
static bool follows_layers(const struct policy *policy, struct bytes packet,
                           const struct held *held)
{
    const struct packet *first = &held->first;
    const struct twin all = twin_of(packet, held);

    /* GRO-KEY-003 */
    return first->has_key &&
           /* GRO-IP6-007 */
           first->ip.as_ip4 == (first->version == 4) &&
           /* GRO-KEY-004 */
           same_bytes(all, 0, first->input.network) &&
           (!packet_in_tunnel(first) || follows_tunnel(policy, all, held)) &&
           follows_ip(all, first->network, held, policy);
}

FLATTEN RARE struct held *predict_layers(const struct policy *policy,
                                         const struct flows *flows,
                                         struct bytes packet, uint32_t hash)
{
    struct held *held = follows_near(flows, packet);

    if (held == NULL || !follows_len(policy, packet, held) ||
        /* GRO-KEY-006 */
        (policy->hash && held->first.hash != hash) ||
        !follows_layers(policy, packet, held))
        return NULL;
    return held;
}

#endif
