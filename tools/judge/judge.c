/* SPDX-License-Identifier: MIT */
/* The levels, from the best one on. */
#include "judge_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Only so many lines are kept, which are enough to understand a judgement. */
enum { MAX_LINES = 12 };

void judge_open(struct judge *judge)
{
    *judge = (struct judge){0};
    finisher_open(&judge->finisher);
    reference_open(&judge->linux_model);
}

void judge_close(struct judge *judge)
{
    finisher_close(&judge->finisher);
    implementation_close(&judge->linux_model);
    answer_free(&judge->linux_answer);
    answer_free(&judge->part_answer);
    arena_free(&judge->arena);
}

static size_t lines_of(const char *text)
{
    size_t lines = *text != '\0';

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

void judge_note(struct judge *judge, struct judgement *judgement,
                enum harm harm, const char *field, const char *format, ...)
{
    const char *before = judgement->why;
    char line[256];
    va_list args;

    if (judgement->level != LEVEL_UNSAFE) {
        judgement->level = LEVEL_UNSAFE;
        judgement->harm = harm;
        judgement->field = field;
    }
    if (lines_of(before) >= MAX_LINES)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    judgement->why = arena_printf(&judge->arena, "%s%s%s", before,
                                  *before == '\0' ? "" : "\n", line);
}

/* The header as a reader must have it. */
static struct grove_vnet without_hints(struct grove_vnet vnet)
{
    vnet.flags &= (uint8_t)~GROVE_VNET_F_DATA_VALID;
    vnet.hdr_len = 0;
    if (vnet.gso_type == GROVE_VNET_GSO_NONE && vnet.flags == 0)
        vnet = (struct grove_vnet){0};
    return vnet;
}

bool vnets_alike(const struct run_output *a, const struct run_output *b)
{
    const struct grove_vnet one = without_hints(a->vnet);
    const struct grove_vnet other = without_hints(b->vnet);

    return one.flags == other.flags && one.gso_type == other.gso_type &&
           one.gso_size == other.gso_size &&
           one.csum_start == other.csum_start &&
           one.csum_offset == other.csum_offset;
}

bool outputs_alike(const struct run_output *a, const struct run_output *b)
{
    return a->len == b->len && vnets_alike(a, b) &&
           (a->len == 0 || memcmp(a->packet, b->packet, a->len) == 0);
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

/* What Linux gives. A kernel knows no lossless mode. */
static void ask_linux(struct judge *judge, const struct run *run)
{
    struct run asked = *run;

    asked.config.lossless = false;
    judge->linux_model.ask(judge->linux_model.self, &asked,
                           &judge->linux_answer);
}

/* The answer of the reference to the question itself. */
static const struct answer *ask_reference(struct judge *judge,
                                          const struct run *run)
{
    if (!run->config.lossless)
        return &judge->linux_answer;
    judge->linux_model.ask(judge->linux_model.self, run, &judge->part_answer);
    return &judge->part_answer;
}

/* Nothing came out, whatever went in. */
static bool judge_failure(struct judge *judge, const struct answer *got,
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
    judge_note(judge, judgement, harms[got->kind], NULL, "%s", got->reason);
    return true;
}

struct judgement judge_answer(struct judge *judge, const struct run *run,
                              const struct answer *expected,
                              const struct answer *got)
{
    struct judgement judgement = {.level = LEVEL_EXACT, .why = ""};
    const char *why;

    arena_reset(&judge->arena);
    ask_linux(judge, run);
    judgement.outputs = got->outputs;
    judgement.linux_outputs = judge->linux_answer.outputs;
    if (expected == NULL)
        expected = ask_reference(judge, run);
    if (judge_failure(judge, got, &judgement) ||
        answers_agree(expected, got, &judge->arena, &why))
        return judgement;
    judgement.level = LEVEL_HINTS;
    if (run->op == RUN_GRO && differ_in_hints(expected, got))
        return judgement;
    judgement.level = LEVEL_SAFE;
    if (run->op == RUN_GRO)
        judge_gro(judge, run, got, &judgement);
    else
        judge_gso(judge, got, &judgement);
    return judgement;
}
