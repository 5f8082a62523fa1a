/* SPDX-License-Identifier: MIT */
/*
 * Structured random super-packets: all forms that can be split, headers that
 * are nearly right, and hostile headers.
 */
#ifndef GROVE_TOOLS_GENERATE_GSO_H
#define GROVE_TOOLS_GENERATE_GSO_H

#include <stdint.h>

#include "dice.h"
#include "run.h"

/*
 * Makes question `number` of `seed`, which has one packet, in `arena`. It is
 * the same in each call.
 */
void generate_gso(uint64_t seed, uint64_t number, const char *profile,
                  struct arena *arena, struct run *run);

/*
 * The same with a link header and tunnels: those of the configuration, whose
 * vnet_len is taken, too.
 */
void generate_gso_layers(uint64_t seed, uint64_t number, const char *profile,
                         const struct run_config *config, struct arena *arena,
                         struct run *run);

/* Makes one super-packet, or what is nearly one, for a batch of op gro. */
void generate_super(struct dice *dice, const struct run_config *config,
                    struct arena *arena, struct run_input *input);

#endif
