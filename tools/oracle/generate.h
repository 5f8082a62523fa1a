/* SPDX-License-Identifier: MIT */
/*
 * Structured random batches: flows of both IP versions and protocols. Their
 * packets would be coalesced, but in some of them one or a few fields are wrong
 * that a rule reads.
 */
#ifndef GROVE_TOOLS_GENERATE_H
#define GROVE_TOOLS_GENERATE_H

#include <stdint.h>

#include "run.h"

/*
 * Makes batch `number` of `seed`, in `arena`; it is the same in each call.
 * Encapsulation (K-2) and IPv4 flows with the key of an IPv6 flow (K-1) never
 * occur.
 */
void generate_batch(uint64_t seed, uint64_t number, const char *profile,
                    struct arena *arena, struct run *run);

/*
 * The same with a link header and tunnels: those of the configuration, whose
 * vnet_len, fraglist and hash are taken, too.
 */
void generate_layers(uint64_t seed, uint64_t number, const char *profile,
                     const struct run_config *config, struct arena *arena,
                     struct run *run);

/*
 * Batches for super-packets of up to `max_bytes`, over the usual length. What
 * K-10 names may occur.
 */
void generate_big(uint64_t seed, uint64_t number, const char *profile,
                  uint32_t max_bytes, struct arena *arena, struct run *run);

#endif
