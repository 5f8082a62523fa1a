/* SPDX-License-Identifier: MIT */
/*
 * Lossless mode's promise as two implementations whose answers must agree:
 * what happens to the packets of a run one by one, and what comes back of
 * them if the reference coalesces them and splits all that leaves. Both sort
 * their outputs by flow, since only the order inside of a flow is promised.
 */
#ifndef GROVE_TOOLS_ROUNDTRIP_H
#define GROVE_TOOLS_ROUNDTRIP_H

#include "run.h"

/* Every packet by itself. */
void roundtrip_open_packets(struct implementation *implementation);

/* Coalesced and split again. */
void roundtrip_open_split(struct implementation *implementation);

/* The rules that decided inside of roundtrip_open_split()'s. */
const uint64_t *roundtrip_counts(const struct implementation *split);

#endif
