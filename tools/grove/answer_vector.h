/* SPDX-License-Identifier: MIT */
/* An answer as a vector, to be pasted into a file. */
#ifndef GROVE_TOOLS_ANSWER_VECTOR_H
#define GROVE_TOOLS_ANSWER_VECTOR_H

#include "run.h"

/*
 * Prints a vector that expects `answer` under run->profile. `rule` is the id of
 * the rule that decided; NULL stands for the rule of the end of a poll, or for
 * that of a segment, which every answer shows. `confirmed` names the origin of
 * the answer; NULL means that nobody confirmed it.
 */
void print_answer(const char *id, const char *title, const struct run *run,
                  const struct answer *answer, const char *rule,
                  const char *confirmed);

#endif
