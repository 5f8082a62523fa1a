/* SPDX-License-Identifier: MIT */
/* grove check: asks one question, and judges the answer. */
#include <time.h>

#include "check.h"
#include "common_option.h"
#include "grove.h"
#include "level_ask.h"
#include "node.h"

/* A printable copy for the reports, since an adapter may send any bytes. */
static const char *keep_line(struct check *check, const char *line)
{
    char *copy = arena_printf(&check->vector_arena, "%s", line);

    make_printable(copy);
    return copy;
}

/* A vector has no answer of a profile that is a base and columns. */
static bool agrees(struct check *check, const struct result *result,
                   const struct answer *expected, struct arena *arena,
                   const char **why)
{
    if (expected != NULL)
        return answers_agree(expected, &check->answer, arena, why);
    return row_answer_agrees(&check->row, result->vector, result->profile,
                             &check->answer, arena, why);
}

/* Returns the group whose smallest question this is now, or NULL. */
static struct tally_group *
count(struct check *check, const struct result *result, const struct run *run)
{
    const struct tally_question question = {
        .run = run,
        .rules = result->vector->rules.at,
        .rule_count = result->vector->rules.count,
    };

    return tally_add(&check->report.tally, &question, &result->judgement);
}

/*
 * The level of the answer. *why gets what differs from the expected answer, or
 * what is not safe if that was asked for.
 */
static void find_level(struct check *check, struct result *result,
                       const struct run *run, struct arena *arena,
                       const char **why)
{
    const struct answer *expected =
        vector_expected(result->vector, result->profile);
    const bool is_exact = agrees(check, result, expected, arena, why);
    const enum level level = check->report.level;

    result->is_judged = true;
    result->judgement = (struct judgement){.level = LEVEL_EXACT};
    if (is_exact && level == LEVEL_EXACT)
        return;
    result->judgement =
        judge_answer(&check->judge, run, expected, &check->answer);
    if (is_exact)
        result->judgement.level = LEVEL_EXACT;
    else if (result->judgement.level == LEVEL_EXACT) /* a row_answer differs */
        result->judgement.level = LEVEL_SAFE;
    if (result->judgement.level == LEVEL_UNSAFE && level != LEVEL_EXACT)
        *why = arena_printf(arena, "%s", result->judgement.why);
    result->judgement.why = NULL; /* it is gone after the next question */
}

/* Whether there is no output to compare, for this reason. */
static bool failed(const struct answer *answer)
{
    return answer->kind == ANSWER_DEAD || answer->kind == ANSWER_LATE ||
           answer->kind == ANSWER_ERROR;
}

static void judge(struct check *check, struct result *result,
                  const struct run *run)
{
    const struct answer *answer = &check->answer;
    const enum level level = check->report.level;
    struct arena arena = {0};
    struct tally_group *group;
    const char *why = NULL;

    find_level(check, result, run, &arena, &why);
    group = count(check, result, run);
    result->outcome = result->judgement.level <= level ? PASSED : FAILED;
    if (result->outcome == FAILED)
        result->why = failed(answer)
                          ? keep_line(check, answer->reason)
                          : printable_lines(&check->vector_arena, why);
    if (group != NULL && level != LEVEL_EXACT)
        check_keep(check, group, result, run);
    arena_free(&arena);
}

static void take_answer(struct check *check, struct result *result,
                        const struct run *run)
{
    const struct answer *answer = &check->answer;

    if (answer->kind != ANSWER_SKIPPED && answer->kind != ANSWER_LOST) {
        judge(check, result, run);
        return;
    }
    result->outcome = answer->kind == ANSWER_SKIPPED ? SKIPPED : UNANSWERED;
    result->why = keep_line(check, answer->reason);
    if (answer->issue != NULL)
        result->issue = keep_line(check, answer->issue);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/*
 * The level for level_ask(). Where SPEC.md differs from Linux on purpose, the
 * vector's max_flows keeps kernels from being asked.
 */
static enum level level_of_question(const struct check *check,
                                    const struct vector *vector)
{
    return contains(&vector->flags, "deviation") ? LEVEL_EXACT
                                                 : check->report.level;
}

void check_result(struct check *check, struct result *result)
{
    struct run run = result->vector->run;
    const double begin = now();

    run.profile = result->profile;
    level_ask(&check->implementation, level_of_question(check, result->vector),
              &run, &check->answer);
    result->seconds = now() - begin;
    take_answer(check, result, &run);
}

void check_known(struct check *check, struct result *results, size_t count)
{
    const struct known_failure *known =
        known_failure(&check->known, results[0].vector->id);
    bool fails = false;

    if (known == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        fails |= results[i].outcome == FAILED;
    for (size_t i = 0; i < count; i++) {
        if (results[i].outcome == FAILED) {
            results[i].outcome = KNOWN;
        } else if (results[i].outcome == PASSED && !fails) {
            results[i].outcome = FAILED;
            results[i].why = arena_printf(
                &check->vector_arena, "it passes; remove it from %s, line %zu",
                check->known.path, known->line);
        }
    }
}
