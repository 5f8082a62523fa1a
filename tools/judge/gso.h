/* SPDX-License-Identifier: MIT */
/* What a splitter does to packets. */
#ifndef GROVE_JUDGE_GSO_H
#define GROVE_JUDGE_GSO_H

#include "judgement.h"
#include "witness.h"

/* Notes all harm of the answer `got` to `run`, the question of the witness. */
void judge_gso(struct witness *witness, const struct run *run,
               const struct answer *got, struct judgement *judgement);

#endif
