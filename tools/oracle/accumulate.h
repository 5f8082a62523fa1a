/* SPDX-License-Identifier: MIT */
/*
 * The batches of vectors/accumulated/README.md, and the stream that stands for
 * the answers to them. Every port makes the same ones, so nothing here may
 * change: a published hash would.
 */
#ifndef GROVE_TOOLS_ACCUMULATE_H
#define GROVE_TOOLS_ACCUMULATE_H

#include <stdint.h>
#include <stdio.h>

#include "run.h"

/*
 * Batch `number` of the operation: always the same one, for every profile; the
 * caller sets the profile. It lives in `arena`. K-1 to K-5 never occur.
 */
void accumulate_batch(enum run_op op, uint64_t number, struct arena *arena,
                      struct run *run);

/* Writes what goes in; errors are left to ferror(). */
void accumulate_input(FILE *stream, const struct run *run);

/* Writes an answer, which is OUTPUT or REJECTED. */
void accumulate_answer(FILE *stream, const struct answer *answer);

#endif
