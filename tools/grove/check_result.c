/* SPDX-License-Identifier: MIT */
/* grove check: asks one question, and judges the answer. */
#include <string.h>
#include <time.h>

#include "check.h"
#include "grove.h"
#include "level_ask.h"
#include "node.h"

/* A printable copy for the reports, since an adapter may send any bytes. */
static const char *keep_line(struct check *check, const char *line)
{
    char *copy = arena_printf(&check->arena, "%s", line);

    make_printable(copy);
    return copy;
}

const char *check_keep_lines(struct check *check, const char *lines)
{
    char *copy = arena_printf(&check->arena, "%s", lines);

    for (char *line = copy; line != NULL;) {
        char *end = strchr(line, '\n');

        if (end != NULL)
            *end = '\0';
        make_printable(line);
        if (end != NULL)
            *end++ = '\n';
        line = end;
    }
    return copy;
}

/* `vector` has its packets and answers, unlike that of the result. */
static bool agrees(struct check *check, const struct result *result,
                   const struct vector *vector, struct arena *arena,
                   const char **why)
{
    if (result->expected != NULL)
        return answers_agree(vector_expected(vector, result->profile),
                             &check->answer, arena, why);
    return row_answer_agrees(&check->row, vector, result->profile,
                             &check->answer, arena, why);
}

static void count(struct check *check, const struct result *result,
                  const struct run *run)
{
    const struct tally_question question = {
        .run = run,
        .rules = result->vector->rules.at,
        .rule_count = result->vector->rules.count,
        .number = (size_t)(result - check->report.results),
    };

    tally_add(&check->report.tally, &question, &result->judgement);
}

/*
 * The level of the answer. *why gets what differs from the expected answer, or
 * what is not safe if that was asked for.
 */
static void find_level(struct check *check, struct result *result,
                       const struct vector *vector, const struct run *run,
                       struct arena *arena, const char **why)
{
    const bool is_exact = agrees(check, result, vector, arena, why);
    const struct answer *expected =
        result->expected == NULL ? NULL
                                 : vector_expected(vector, result->profile);
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
                  const struct vector *vector, const struct run *run)
{
    const struct answer *answer = &check->answer;
    struct arena arena = {0};
    const char *why = NULL;

    find_level(check, result, vector, run, &arena, &why);
    count(check, result, run);
    result->outcome =
        result->judgement.level <= check->report.level ? PASSED : FAILED;
    if (result->outcome == FAILED)
        result->why = failed(answer) ? keep_line(check, answer->reason)
                                     : check_keep_lines(check, why);
    arena_free(&arena);
}

static void take_answer(struct check *check, struct result *result,
                        const struct vector *vector, const struct run *run)
{
    const struct answer *answer = &check->answer;

    if (answer->kind != ANSWER_SKIPPED && answer->kind != ANSWER_LOST) {
        judge(check, result, vector, run);
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

const struct vector *check_load(struct check *check,
                                const struct result *result)
{
    if (result->vector->place == 0)
        return result->vector;
    if (check->outline == result->vector)
        return &check->loaded;
    arena_reset(&check->loaded_arena);
    check->outline = NULL;
    if (!vector_outline_load(result->member->path, result->vector,
                             &check->loaded_arena, &check->loaded))
        return NULL;
    check->outline = result->vector;
    return &check->loaded;
}

void check_result(struct check *check, struct result *result)
{
    const struct vector *vector = check_load(check, result);
    const double begin = now();
    struct run run;

    if (vector == NULL) {
        result->outcome = FAILED;
        result->why = "its file has changed; check it again";
        return;
    }
    run = vector->run;
    run.profile = result->profile;
    level_ask(&check->implementation, check->report.level, &run,
              &check->answer);
    result->seconds = now() - begin;
    take_answer(check, result, vector, &run);
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
                &check->arena, "it passes; remove it from %s, line %zu",
                check->known.path, known->line);
        }
    }
}
