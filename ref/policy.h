/* SPDX-License-Identifier: MIT */
/* The part of a table's configuration that the stages read. */
#ifndef GROVE_POLICY_H
#define GROVE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "grove/checksum.h"
#include "grove/table.h"
#include "header.h"
#include "link.h"
#include "profile.h"
#include "tunnels.h"
#include "vnet.h"

struct policy {
    struct profile profile;
    grove_sum_fn *sum;
    enum grove_link link;
    uint8_t vnet_len;   /* of virtio headers, in bytes */
    uint8_t tags_max;   /* so many VLAN tags are passed */
    bool plain;         /* neither a link nor a tunnel nor a hash */
    bool pppoe;         /* PPPoE is looked into */
    bool lossless;      /* SPEC.md, "Lossless mode" */
    bool fraglist;      /* SPEC.md, "Lists" */
    bool hash;          /* packets have hashes */
    bool no_udp;        /* GRO-UDP-003 */
    bool csum_trusted;  /* L4 checksums were verified before */
    uint32_t max_bytes; /* of a super-packet */
    struct tunnels tunnels;
};

/* Whether packets of the protocol are coalesced into lists. */
static inline bool policy_lists(const struct policy *policy, uint8_t protocol)
{
    return policy->fraglist &&
           (protocol == IP_PROTO_UDP || policy->profile.lists_tcp);
}

/* Whether the IP header of a packet may begin there. */
static inline bool policy_network_is_valid(const struct policy *policy,
                                           uint32_t network)
{
    const uint32_t link = link_len(policy->link);
    const uint32_t most = link == 0 ? 0U : (uint32_t)policy->tags_max;
    const uint32_t more =
        most != 0 && policy->pppoe ? PPPOE_HEADER - ETHERNET_TAG : 0;

    return network >= link && network <= link + most * ETHERNET_TAG + more;
}

/*
 * GRO-OUT-015: whether a super-packet of this IP version that has `total` bytes
 * from its IP header on gets a jumbo header. That is one whose payload_length
 * cannot tell its length.
 */
static inline bool policy_adds_jumbo(const struct policy *policy,
                                     uint8_t version, uint32_t total)
{
    return version == 6 && total > IP6_HEADER + UINT16_MAX &&
           policy->profile.strips_jumbo;
}

/*
 * Whether the virtio headers of super-packets tell of all tunnels. In lossless
 * mode they must: a split needs it.
 */
static inline bool policy_tells_tunnels(const struct policy *policy)
{
    return policy->link == GROVE_LINK_ETHERNET &&
           policy->vnet_len == GROVE_VNET_TUNNEL_LEN &&
           policy->profile.takes_tunnels && policy->profile.checks_csum_start &&
           tunnels_are_over_udp(&policy->tunnels);
}

/* What a configuration gives. */
static inline bool policy_is_valid(const struct policy *policy)
{
    const bool tunnels = policy->tunnels.count != 0;
    const bool bare = policy->link == GROVE_LINK_NONE && !tunnels;

    return link_exists(policy->link) && tunnels_is_valid(&policy->tunnels) &&
           policy->max_bytes >= GROVE_DEFAULT_BYTES &&
           policy->max_bytes <= GROVE_MAX_BYTES &&
           (policy->max_bytes == GROVE_DEFAULT_BYTES ||
            (policy->plain && !policy->lossless && !policy->fraglist)) &&
           !(tunnels && policy->lossless && !policy_tells_tunnels(policy)) &&
           !(policy->fraglist && (policy->lossless || !bare)) &&
           !(policy->hash && (policy->lossless || policy->fraglist)) &&
           policy->plain == (bare && !policy->hash);
}

#endif
