/* SPDX-License-Identifier: MIT */
/* An input (script.h) as a batch, lengths and checksums mended, and back. */
#ifndef GROVE_FUZZ_INPUT_H
#define GROVE_FUZZ_INPUT_H

#include <stdbool.h>

#include "guard.h"
#include "run.h"
#include "script.h"

/* A batch, and the memory that it lives in. All zero until input_make(). */
struct input {
    struct run run;
    struct run_input entry[INPUT_ENTRIES];
    struct guard guard;
};

/* Takes the memory; once, since nothing is allocated for an input. */
void input_make(struct input *input);
void input_free(struct input *input);

/*
 * The batch that these bytes are. It is valid until the next call. Every packet
 * lies in a piece of the guard.
 */
void input_decode(struct input *input, const uint8_t *data, size_t size);

/*
 * The same for op gso: of the batch its first packet, or an empty one if there
 * is none, is all of the input.
 */
void input_decode_gso(struct input *input, const uint8_t *data, size_t size);

/*
 * The script that gives this run, in which everything is asked to be mended
 * that is right. It points into the run, and lives in `arena` otherwise. False
 * if no input can be this run, and then nothing is said.
 */
bool script_of(struct script *script, const struct run *run,
               struct arena *arena);

#endif
