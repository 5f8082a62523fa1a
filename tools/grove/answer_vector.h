/* SPDX-License-Identifier: MIT */
/* An answer as a vector, to paste it. */
#ifndef GROVE_TOOLS_ANSWER_VECTOR_H
#define GROVE_TOOLS_ANSWER_VECTOR_H

#include "run.h"

/*
 * Prints the vector in which `answer` is expected of run->profile. `rule` is
 * what decided, or NULL: all answers show that a poll ends, or a segment.
 * `confirmed` is whose answer it is, or NULL: nobody has looked at it.
 */
void print_answer(const char *id, const char *title, const struct run *run,
                  const struct answer *answer, const char *rule,
                  const char *confirmed);

#endif
