/* SPDX-License-Identifier: MIT */
/* DPDK's answers to questions. */
#ifndef GROVE_PEERS_DPDK_PEER_H
#define GROVE_PEERS_DPDK_PEER_H

#include "frame.h"

/* By rte_gro_reassemble_burst(), a call for each poll. */
void peer_coalesce(const struct frames *frames, const struct run *run,
                   struct answer *answer);

/* By rte_gso_segment(). */
void peer_split(const struct frames *frames, const struct run_input *input,
                struct answer *answer);

#endif
