/* SPDX-License-Identifier: MIT */
/*
 * The promise of lossless mode as two implementations, whose answers must
 * agree. One handles each packet of a run separately. The other coalesces all
 * packets and splits the outputs again. Both sort their outputs by flow, since
 * only the order within a flow is promised.
 */
#ifndef GROVE_TOOLS_ROUNDTRIP_H
#define GROVE_TOOLS_ROUNDTRIP_H

#include "run.h"

/* Handles each packet separately. */
void roundtrip_open_packets(struct implementation *implementation);

/* Coalesces the packets and splits the outputs again. */
void roundtrip_open_split(struct implementation *implementation);

/* Counts how often the rule decided in roundtrip_open_split()'s implementation.
 */
uint64_t roundtrip_count(const struct implementation *split,
                         enum grove_rule rule);

#endif
