/* SPDX-License-Identifier: MIT */
/*
 * A model of tunnels.c: each function gives any result that the proofs of
 * tunnels.c allow. A harness includes it instead of linking tunnels.c.
 */
#ifndef GROVE_PROOF_TUNNELS_MODEL_H
#define GROVE_PROOF_TUNNELS_MODEL_H

#include "proof.h"
#include "tunnels.h"

/* Which IP protocol leads into a tunnel is the same whenever it is asked. */
static bool has_ipip;
static bool has_gre;

/*
 * The most Ethernet headers and VLAN tags: fewer than 13, since each turn of
 * the loop over them is as the one before.
 */
enum { FRAMES = 2 };
static uint32_t frames_max;

/* Any tunnels, or none, and PPPoE among them. */
static inline void any_tunnels(struct policy *policy)
{
    const uint32_t count = nondet_u32();

    ASSUME(count <= GROVE_MAX_TUNNELS);
    policy->tunnels.count = count;
    policy->pppoe = count != 0 && nondet_bool();
    has_ipip = count != 0 && nondet_bool();
    has_gre = count != 0 && nondet_bool();
    frames_max = nondet_u32();
    ASSUME(frames_max <= FRAMES);
}

uint8_t tunnels_by_protocol(const struct tunnels *tunnels, uint8_t protocol)
{
    (void)tunnels;
    if (protocol == IP_PROTO_GRE && has_gre)
        return GROVE_TUNNEL_GRE;
    return has_ipip && (protocol == IP_PROTO_IP4 || protocol == IP_PROTO_IP6)
               ? GROVE_TUNNEL_IPIP
               : 0;
}

uint8_t tunnels_by_port(const struct tunnels *tunnels, uint16_t port)
{
    const uint8_t tunnel = (uint8_t)nondet_u16();

    ASSUME(tunnel <= GROVE_TUNNEL_GENEVE);
    return tunnels->count == 0 || port == 0 || tunnel < GROVE_TUNNEL_VXLAN
               ? 0
               : tunnel;
}

enum grove_rule tunnels_read(uint8_t tunnel, uint8_t protocol, struct bytes own,
                             struct tunnel_header *header)
{
    struct tunnel_header any;

    (void)protocol;
    PROVE(tunnel >= GROVE_TUNNEL_IPIP && tunnel <= GROVE_TUNNEL_GENEVE);
    if (nondet_bool())
        return GROVE_RULE_TUN_SHORT;
    ASSUME(tunnel_header_is_valid(own, &any));
    *header = any;
    return GROVE_RULE_NONE;
}

uint32_t tunnels_frames_max(uint8_t tunnel)
{
    (void)tunnel;
    return frames_max;
}

#endif
