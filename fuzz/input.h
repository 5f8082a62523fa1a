/* SPDX-License-Identifier: MIT */
/* Converts an input (script.h) to a batch, with mended fields, and back. */
#ifndef GROVE_FUZZ_INPUT_H
#define GROVE_FUZZ_INPUT_H

#include <stdbool.h>

#include "guard.h"
#include "run.h"
#include "script.h"

/* A batch and its memory. All zero until input_make(). */
struct input {
    struct run run;
    struct run_input entry[INPUT_ENTRIES];
    struct guard guard;
};

/* Allocates the memory; to be called once, as inputs allocate nothing. */
void input_make(struct input *input);
void input_free(struct input *input);

/*
 * Reads the batch from the bytes of an input. It is valid until the next call.
 * Each packet is in a piece of the guard.
 */
void input_decode(struct input *input, const uint8_t *data, size_t size);

/*
 * The same for op gso. Only the first packet of the batch is used, or an empty
 * one if there is none.
 */
void input_decode_gso(struct input *input, const uint8_t *data, size_t size);

/*
 * Leaves out the tunnels, lists, hashes and larger max_bytes that such a table
 * cannot have. For an op, mode or profile other than that of the input.
 */
void input_fit(struct run *run);

/*
 * Makes the script that gives this run. It mends everything that is right in
 * the run. It points into the run; all else is in `arena`. Returns false if no
 * input can give this run.
 */
bool script_of(struct script *script, const struct run *run,
               struct arena *arena);

#endif
