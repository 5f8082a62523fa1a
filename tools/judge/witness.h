/* SPDX-License-Identifier: MIT */
/* Linux, as the reference knows it: what an answer is judged by. */
#ifndef GROVE_JUDGE_WITNESS_H
#define GROVE_JUDGE_WITNESS_H

#include "finish.h"
#include "run.h"

struct witness {
    struct finisher finisher;
    struct implementation reference;
    struct answer own;   /* Linux's answer to the question that is judged */
    struct answer other; /* to another question */
    struct arena arena;  /* holds all that lives as long as a judgement */
};

void witness_open(struct witness *witness);
void witness_close(struct witness *witness);

/* Asks the question that is judged. A kernel knows no lossless mode. */
void witness_ask(struct witness *witness, const struct run *run);

/*
 * The answer of the reference to the question itself, in the mode that it has.
 * It is valid until the next question, as are the others.
 */
const struct answer *witness_expects(struct witness *witness,
                                     const struct run *run);

/* Linux's answer about some packets of the question alone, in one poll. */
const struct answer *witness_ask_alone(struct witness *witness,
                                       const struct run *run,
                                       const struct run_input *input,
                                       size_t inputs);

#endif
