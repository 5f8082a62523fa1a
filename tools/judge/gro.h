/* SPDX-License-Identifier: MIT */
/* What a coalescer does to packets. */
#ifndef GROVE_JUDGE_GRO_H
#define GROVE_JUDGE_GRO_H

#include "judgement.h"
#include "witness.h"

/* Notes all harm that the answer `got` to `run` does. */
void judge_gro(struct witness *witness, const struct run *run,
               const struct answer *got, struct judgement *judgement);

#endif
