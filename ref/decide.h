/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a packet, and what leaves the table for it; SPEC.md, "The
 * receive step", "Against the held one", "What leaves, and when", "Lossless
 * mode".
 */
#ifndef GROVE_DECIDE_H
#define GROVE_DECIDE_H

#include "flows.h"
#include "grove/table.h"
#include "packet.h"
#include "policy.h"

/* Which held ones leave the table for a packet. */
enum leavers {
    LEAVES_OWN,     /* that of the packet's flow */
    LEAVES_BETWEEN, /* those for which decide_is_between() is true */
    LEAVES_OLDEST
};

/*
 * Held ones leave after the packet was merged, and before it is held or
 * passes.
 */
struct decision {
    enum grove_verdict verdict;
    enum grove_rule rule;   /* what kept the packet from merging, or NONE */
    enum grove_rule leaves; /* why held ones leave; NONE: none does */
    enum leavers leavers;   /* which ones, unless none */
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
