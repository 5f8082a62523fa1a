/* SPDX-License-Identifier: MIT */
/*
 * The judgement of an answer: how well it agrees with Linux, and if it is not
 * safe, what it does to packets. vectors/README.md, "Levels", defines the
 * words.
 */
#ifndef GROVE_JUDGE_H
#define GROVE_JUDGE_H

#include "judgement.h"
#include "run.h"
#include "witness.h"

struct judge {
    struct witness witness;
};

void judge_open(struct judge *judge);
void judge_close(struct judge *judge);

/*
 * Judges the answer `got` to `run`, whose profile is known. It is not
 * ANSWER_SKIPPED or ANSWER_LOST. `expected` is the right answer, which decides
 * on exact and hints only; NULL: that of the reference. What *why points to is
 * valid until the next call.
 */
struct judgement judge_answer(struct judge *judge, const struct run *run,
                              const struct answer *expected,
                              const struct answer *got);

#endif
