/* SPDX-License-Identifier: MIT */
/*
 * Targets: the table in both modes and every profile, through the judgement of
 * tools/judge.
 *
 * Asserts: in lossless mode, and in a linux mode whose table has another size
 * than that of the kernel, the answer is safe: every receiver gets what was
 * sent. Lossless mode is not excused by what Linux does.
 *
 * Input: a batch (script.h); its trust is ignored in lossless mode.
 */
#include "check.h"
#include "input.h"
#include "judge.h"
#include "target.h"

static struct input input;
static struct implementation reference;
static struct judge judge;
static struct answer answer;

void target_make(void)
{
    input_make(&input);
    reference_open(&reference);
    judge_open(&judge);
}

/* Asks with the table of the batch, and judges as if another one was asked. */
static void check_mode(bool lossless, uint32_t max_flows)
{
    struct run run = input.run;
    struct judgement found;

    run.config.lossless = lossless;
    /* A wrong checksum that was trusted is right after the split. */
    run.config.csum_trusted &= !lossless;
    input_fit(&run);
    reference.ask(reference.self, &run, &answer);
    CHECK(answer.kind == ANSWER_OUTPUT, "no answer: %s", answer.reason);
    run.config.max_flows = max_flows;
    found = judge_answer(&judge, &run, NULL, &answer);
    CHECK(found.level <= LEVEL_SAFE, "%s mode of %s is %s, %s %s: %s",
          lossless ? "lossless" : "linux", run.profile,
          level_words(found.level), harm_words(found.harm),
          found.field != NULL ? found.field : "", found.why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_decode(&input, data, size);
    input.run.op = RUN_GRO;
    check_mode(true, input.run.config.max_flows);
    check_mode(false, run_config_default().max_flows);
    return 0;
}
