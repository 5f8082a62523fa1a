/* SPDX-License-Identifier: MIT */
/*
 * The batches of vectors/accumulated/README.md, and the stream of bytes that
 * represents the answers to them. Every port makes the same batches. Any change
 * here would change the published hashes.
 */
#ifndef GROVE_TOOLS_ACCUMULATE_H
#define GROVE_TOOLS_ACCUMULATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "run.h"

/*
 * Makes batch `number` of the operation, in `arena`. It is the same in each
 * call and for each profile; the caller sets the profile. K-1 to K-5 never
 * occur.
 */
void accumulate_batch(enum run_op op, uint64_t number, struct arena *arena,
                      struct run *run);

/*
 * The same for the batches with layers, which have op gro only. Only the
 * configuration depends on the profile and the mode. K-1 to K-12 never occur,
 * and K-13 does not in the batches that have published hashes.
 */
void accumulate_layered_batch(const char *profile, bool lossless,
                              uint64_t number, struct arena *arena,
                              struct run *run);

/* Writes the inputs; the caller checks ferror(). */
void accumulate_input(FILE *stream, const struct run *run);

/* Writes an answer, which is OUTPUT or REJECTED. */
void accumulate_answer(FILE *stream, const struct run *run,
                       const struct answer *answer);

#endif
