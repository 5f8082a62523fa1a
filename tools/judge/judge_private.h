/* SPDX-License-Identifier: MIT */
/* What the files of the judgement share. */
#ifndef GROVE_JUDGE_PRIVATE_H
#define GROVE_JUDGE_PRIVATE_H

#include "judge.h"

/* Two headers without what no reader must have (LEVEL_HINTS) are equal. */
bool vnets_alike(const struct run_output *a, const struct run_output *b);

/* The same, with the bytes of the packets. */
bool outputs_alike(const struct run_output *a, const struct run_output *b);

/*
 * Adds a line, formatted as by printf(), to what the answer does. The first
 * kind of harm is kept: note the worst kind first.
 */
__attribute__((format(printf, 5, 6))) void
judge_note(struct judge *judge, struct judgement *judgement, enum harm harm,
           const char *field, const char *format, ...);

/* Notes all harm that an answer does, op gro and op gso. */
void judge_gro(struct judge *judge, const struct run *run,
               const struct answer *got, struct judgement *judgement);
void judge_gso(struct judge *judge, const struct answer *got,
               struct judgement *judgement);

#endif
