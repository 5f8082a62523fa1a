/* SPDX-License-Identifier: MIT */
/* What a splitter does to packets. */
#ifndef GROVE_JUDGE_GSO_H
#define GROVE_JUDGE_GSO_H

#include "judgement.h"
#include "witness.h"

/* Notes all harm that an answer to the question of the witness does. */
void judge_gso(struct witness *witness, const struct answer *got,
               struct judgement *judgement);

#endif
