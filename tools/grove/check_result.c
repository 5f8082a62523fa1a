/* SPDX-License-Identifier: MIT */
/* grove check: asks one question, and judges the answer. */
#include <string.h>
#include <time.h>

#include "check.h"
#include "grove.h"
#include "node.h"

/* A printable copy for the reports, since an adapter may send any bytes. */
static const char *keep_line(struct check *check, const char *line)
{
    char *copy = arena_printf(&check->arena, "%s", line);

    make_printable(copy);
    return copy;
}

/* The same for each line of a text. */
static const char *keep_lines(struct check *check, const char *lines)
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

static void judge(struct check *check, struct result *result,
                  const struct vector *vector)
{
    const struct answer *answer = &check->answer;
    struct arena arena = {0};
    const char *why = NULL;

    if (answer->kind == ANSWER_SKIPPED) {
        result->outcome = SKIPPED;
        result->why = keep_line(check, answer->reason);
        if (answer->issue != NULL)
            result->issue = keep_line(check, answer->issue);
    } else if (answer->kind == ANSWER_LOST) {
        result->outcome = UNANSWERED;
        result->why = keep_line(check, answer->reason);
    } else if (answer->kind == ANSWER_DEAD || answer->kind == ANSWER_LATE ||
               answer->kind == ANSWER_ERROR) {
        result->outcome = FAILED;
        result->why = keep_line(check, answer->reason);
    } else if (agrees(check, result, vector, &arena, &why)) {
        result->outcome = PASSED;
    } else {
        result->outcome = FAILED;
        result->why = keep_lines(check, why);
    }
    arena_free(&arena);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The vector with its packets and answers. NULL: its file has changed. */
static const struct vector *load(struct check *check,
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
    struct implementation *implementation = &check->implementation;
    const struct vector *vector = load(check, result);
    const double begin = now();
    struct run run;

    if (vector == NULL) {
        result->outcome = FAILED;
        result->why = "its file has changed; check it again";
        return;
    }
    run = vector->run;
    run.profile = result->profile;
    implementation->ask(implementation->self, &run, &check->answer);
    result->seconds = now() - begin;
    judge(check, result, vector);
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
