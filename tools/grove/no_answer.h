/* SPDX-License-Identifier: MIT */
/* Implementations that give no answer. */
#ifndef GROVE_TOOLS_NO_ANSWER_H
#define GROVE_TOOLS_NO_ANSWER_H

#include "run.h"

/*
 * True if there is no answer to the question of this name, and asking more is
 * in vain. Says so in one line; the command ends with GROVE_EXIT_USAGE.
 */
bool no_answer(const struct implementation *asked, const char *question,
               const struct answer *answer);

#endif
