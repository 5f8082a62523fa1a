/* SPDX-License-Identifier: MIT */
/* A question to an implementation that must reach a level. */
#ifndef GROVE_TOOLS_LEVEL_ASK_H
#define GROVE_TOOLS_LEVEL_ASK_H

#include "level.h"
#include "run.h"

/*
 * Asks, and at LEVEL_SAFE once more with the default of max_flows if the
 * implementation skips the question: a table of any size can be safe.
 */
void level_ask(struct implementation *implementation, enum level level,
               const struct run *run, struct answer *answer);

#endif
