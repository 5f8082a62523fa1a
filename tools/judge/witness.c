/* SPDX-License-Identifier: MIT */
#include "witness.h"

void witness_open(struct witness *witness)
{
    *witness = (struct witness){0};
    finisher_open(&witness->finisher);
    reference_open(&witness->reference);
}

void witness_close(struct witness *witness)
{
    finisher_close(&witness->finisher);
    implementation_close(&witness->reference);
    answer_free(&witness->own);
    answer_free(&witness->other);
    arena_free(&witness->arena);
}

static const struct answer *ask(struct witness *witness, const struct run *run,
                                struct answer *answer)
{
    witness->reference.ask(witness->reference.self, run, answer);
    return answer;
}

void witness_ask(struct witness *witness, const struct run *run)
{
    struct run asked = *run;

    asked.config.lossless = false;
    ask(witness, &asked, &witness->own);
}

const struct answer *witness_expects(struct witness *witness,
                                     const struct run *run)
{
    if (!run->config.lossless)
        return &witness->own;
    return ask(witness, run, &witness->other);
}

const struct answer *witness_ask_alone(struct witness *witness,
                                       const struct run *run,
                                       const struct run_input *input,
                                       size_t inputs)
{
    struct run alone = *run;

    alone.config.lossless = false;
    alone.config.max_flows = run_config_default().max_flows;
    alone.input = input;
    alone.inputs = inputs;
    return ask(witness, &alone, &witness->other);
}
