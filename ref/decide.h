/* SPDX-License-Identifier: MIT */
/*
 * What happens to a packet, and which held super-packets leave because of it;
 * SPEC.md, "The receive step", "Against the held one", "What leaves, and when",
 * "Lossless mode".
 */
#ifndef GROVE_DECIDE_H
#define GROVE_DECIDE_H

#include "flows.h"
#include "grove/table.h"
#include "packet.h"
#include "policy.h"

/* GRO-LIST-003: the most packets of a list of TCP. */
#define TCP_LIST_PACKETS_MAX 64

/* GRO-LL-010: the least gso_size that no kernel raises. */
#define LOSSLESS_GSO_SIZE_MIN 8

/* The held super-packets that leave because of a packet. */
enum leavers {
    LEAVES_OWN,     /* that of the packet's flow */
    LEAVES_BETWEEN, /* those for which decide_is_between() is true */
    LEAVES_OLDEST   /* that of the packet's bucket */
};

/*
 * Held super-packets leave after the packet was merged, or before it is held or
 * passes.
 */
struct decision {
    enum grove_verdict verdict;
    enum grove_rule rule;   /* what kept the packet from merging, or NONE */
    enum grove_rule leaves; /* why super-packets leave; NONE: none leaves */
    enum leavers leavers;   /* which ones leave, unless none does */
    bool beside;            /* it passes beside the list of its flow */
    uint8_t fixed_id;       /* merged or beside: what held->fixed_id becomes */
};

/*
 * Whether decide() holds `packet`, and nothing leaves, if none of its flow is
 * held. It is not rejected. Only header prediction asks this.
 */
bool decide_begins(const struct policy *policy, const struct flows *flows,
                   const struct packet *packet);

/*
 * Decides about `packet`. `held` is the super-packet of its flow in `flows`, or
 * NULL if there is none. Changes none of them.
 */
void decide(const struct policy *policy, const struct flows *flows,
            const struct packet *packet, const struct held *held,
            struct decision *decision);

/*
 * Whether `held` may have `total` bytes from its outermost IP header on, which
 * are more than usual.
 */
bool decide_may_grow(const struct policy *policy, const struct held *held,
                     uint32_t total);

/* Whether `held` has the packet's IP version and addresses. */
bool decide_is_between(const struct packet *packet, const struct held *held);

/* What a decision to hold or merge `packet` holds to. */
static inline bool decision_keeps_is_valid(const struct policy *policy,
                                           const struct flows *flows,
                                           const struct packet *packet,
                                           const struct held *held,
                                           const struct decision *decision)
{
    const bool leaves = decision->leaves != GROVE_RULE_NONE;

    if (packet->bypass != GROVE_RULE_NONE || packet->flush != GROVE_RULE_NONE ||
        packet_payload_len(packet) == 0)
        return false;
    if (decision->verdict == GROVE_MERGED)
        return held != NULL && decision->rule == GROVE_RULE_NONE &&
               held->total + packet_payload_len(packet) <=
                   held->first.input.network + policy->max_bytes &&
               (!leaves || decision->leavers == LEAVES_OWN);
    return decision->verdict == GROVE_HELD &&
           (leaves || (held == NULL && !flows_full(flows, packet->hash)));
}

/* What decide() gives for these arguments. */
static inline bool decision_is_valid(const struct policy *policy,
                                     const struct flows *flows,
                                     const struct packet *packet,
                                     const struct held *held,
                                     const struct decision *decision)
{
    const bool leaves = decision->leaves != GROVE_RULE_NONE;
    const bool rejected = packet->input.reject != GROVE_RULE_NONE;

    if (!rule_is_valid(decision->rule) || !rule_is_valid(decision->leaves) ||
        (unsigned)decision->leavers > LEAVES_OLDEST)
        return false;
    if (rejected || decision->verdict == GROVE_REJECTED)
        return rejected && decision->verdict == GROVE_REJECTED && !leaves;
    if (leaves && decision->leavers == LEAVES_OWN && held == NULL)
        return false;
    if (leaves && decision->leavers == LEAVES_OLDEST &&
        (held != NULL || !flows_full(flows, packet->hash)))
        return false;
    if (leaves && decision->leavers == LEAVES_BETWEEN &&
        (decision->verdict != GROVE_PASSED || !packet->has_addresses))
        return false;
    if (decision->beside &&
        (decision->verdict != GROVE_PASSED || leaves || held == NULL))
        return false;
    return decision->verdict == GROVE_PASSED ||
           decision_keeps_is_valid(policy, flows, packet, held, decision);
}

#endif
