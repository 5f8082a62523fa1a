/* SPDX-License-Identifier: MIT */
/* The title of a golden vector: one line on what it shows. */
#ifndef GROVE_TOOLS_GEN_TITLE_H
#define GROVE_TOOLS_GEN_TITLE_H

#include "arena.h"
#include "run.h"

/*
 * "31 TCP segments become one super-packet; a pure ACK passes", made in
 * `arena`.
 */
const char *gen_title(const struct run_config *config,
                      const struct answer *answer, size_t polls,
                      struct arena *arena);

#endif
