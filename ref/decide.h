/* SPDX-License-Identifier: MIT */
/* Merge, hold, pass: SPEC.md, "the packet against the held one". */
#ifndef GROVE_DECIDE_H
#define GROVE_DECIDE_H

#include "find.h"
#include "grove/table.h"
#include "packet.h"

struct decision {
    enum grove_verdict verdict;
    enum grove_rule rule;   /* what kept the packet from merging, or NONE */
    enum grove_rule leaves; /* why `held` leaves now, or NONE: it stays */
};

/*
 * What becomes of `packet`, and of `held`, the super-packet of its flow (NULL
 * if there is none). Changes neither.
 */
void decide(const struct policy *policy, const struct packet *packet,
            const struct held *held, struct decision *decision);

/* Whether `held`'s identification stays if `packet` is its second one. */
bool decide_fixed_id(const struct policy *policy, const struct packet *packet,
                     const struct held *held);

#endif
