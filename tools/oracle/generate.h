/* SPDX-License-Identifier: MIT */
/*
 * Structured random batches: flows of both IP versions and protocols whose
 * packets follow each other as Linux wants them, and then have one or a few
 * fields wrong that a rule reads.
 */
#ifndef GROVE_TOOLS_GENERATE_H
#define GROVE_TOOLS_GENERATE_H

#include <stdint.h>

#include "run.h"

/*
 * Batch `number` of `seed`: always the same one. It lives in `arena`.
 * Encapsulation (K-2) and IPv4 look-alikes of IPv6 flows (K-1) never occur.
 */
void generate_batch(uint64_t seed, uint64_t number, const char *profile,
                    struct arena *arena, struct run *run);

#endif
