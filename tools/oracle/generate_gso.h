/* SPDX-License-Identifier: MIT */
/*
 * Structured random super-packets: every shape that can be split, headers that
 * are nearly right, and headers that are hostile.
 */
#ifndef GROVE_TOOLS_GENERATE_GSO_H
#define GROVE_TOOLS_GENERATE_GSO_H

#include <stdint.h>

#include "run.h"

/*
 * Question `number` of `seed`, of one packet: always the same one. It lives
 * in `arena`.
 */
void generate_gso(uint64_t seed, uint64_t number, const char *profile,
                  struct arena *arena, struct run *run);

#endif
