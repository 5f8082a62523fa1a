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

/* GRO-LIM-001: the most bytes of a super-packet. */
#define SUPER_PACKET_MAX 65535

/* GRO-LL-010: the least gso_size that no kernel raises. */
#define LOSSLESS_GSO_SIZE_MIN 8

/* The held super-packets that leave because of a packet. */
enum leavers {
    LEAVES_OWN,     /* that of the packet's flow */
    LEAVES_BETWEEN, /* those for which decide_is_between() is true */
    LEAVES_OLDEST
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
    bool fixed_id;          /* merged: what held->fixed_id becomes */
};

/*
 * Decides about `packet`. `held` is the super-packet of its flow in `flows`, or
 * NULL if there is none. Changes none of them.
 */
void decide(const struct policy *policy, const struct flows *flows,
            const struct packet *packet, const struct held *held,
            struct decision *decision);

/* Whether `held` has the packet's IP version and addresses. */
bool decide_is_between(const struct packet *packet, const struct held *held);

#endif
