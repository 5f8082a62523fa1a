/* SPDX-License-Identifier: MIT */
/* The levels, from the best one on. */
#include "judge.h"

#include "alike.h"
#include "gro.h"
#include "gso.h"

void judge_open(struct judge *judge)
{
    witness_open(&judge->witness);
}

void judge_close(struct judge *judge)
{
    witness_close(&judge->witness);
}

static bool differ_in_hints(const struct answer *expected,
                            const struct answer *got)
{
    if (expected->kind != ANSWER_OUTPUT || got->kind != ANSWER_OUTPUT ||
        expected->outputs != got->outputs)
        return false;
    for (size_t i = 0; i < got->outputs; i++)
        if (!outputs_alike(&expected->output[i], &got->output[i]))
            return false;
    return true;
}

/* Nothing came out, whatever went in. */
static bool judge_failure(struct witness *witness, const struct answer *got,
                          struct judgement *judgement)
{
    static const enum harm harms[] = {
        [ANSWER_ERROR] = HARM_LOSES,
        [ANSWER_DEAD] = HARM_CRASHES,
        [ANSWER_LATE] = HARM_HANGS,
    };

    if (got->kind != ANSWER_ERROR && got->kind != ANSWER_DEAD &&
        got->kind != ANSWER_LATE)
        return false;
    judgement_note(judgement, &witness->arena, harms[got->kind], NULL, "%s",
                   got->reason);
    return true;
}

struct judgement judge_answer(struct judge *judge, const struct run *run,
                              const struct answer *expected,
                              const struct answer *got)
{
    struct judgement judgement = {.level = LEVEL_EXACT, .why = ""};
    struct witness *witness = &judge->witness;
    const char *why;

    arena_reset(&witness->arena);
    witness_ask(witness, run);
    judgement.outputs = got->outputs;
    judgement.linux_outputs = witness->own.outputs;
    if (expected == NULL)
        expected = witness_expects(witness, run);
    if (judge_failure(witness, got, &judgement) ||
        answers_agree(expected, got, &witness->arena, &why))
        return judgement;
    judgement.level = LEVEL_HINTS;
    if (run->op == RUN_GRO && differ_in_hints(expected, got))
        return judgement;
    judgement.level = LEVEL_SAFE;
    if (run->op == RUN_GRO)
        judge_gro(witness, run, got, &judgement);
    else
        judge_gso(witness, run, got, &judgement);
    return judgement;
}
