/* SPDX-License-Identifier: MIT */
/* grove check: the smallest question of each group of unsafe answers. */
#include <string.h>

#include "check.h"
#include "level_ask.h"
#include "shrink.h"

struct search {
    struct check *check;
    const struct tally_group *group;
    struct judgement judgement; /* of the last question */
};

/* Whether the answer to `run` belongs to the group. */
static bool belongs(void *context, const struct run *run)
{
    struct search *search = context;
    struct check *check = search->check;
    const struct tally_group *group = search->group;
    const char *field;

    if (run->op == RUN_GSO && !run_splits(run))
        return false;
    level_ask(&check->implementation, check->report.level, run, &check->answer);
    if (check->answer.kind == ANSWER_SKIPPED ||
        check->answer.kind == ANSWER_LOST)
        return false;
    search->judgement = judge_answer(&check->judge, run, NULL, &check->answer);
    field = search->judgement.field;
    return search->judgement.harm == group->harm &&
           (field == NULL) == (group->field == NULL) &&
           (field == NULL || strcmp(field, group->field) == 0);
}

/* Each question to a program that hangs would take the whole time limit. */
static void shrink(struct search *search, struct run *run)
{
    struct arena *arena = &search->check->arena;

    if (search->group->harm == HARM_HANGS || !belongs(search, run))
        return;
    shrink_run(run, belongs, search, arena);
    shrink_fields(run, belongs, search, arena);
}

/* A copy of the run, as its vector is in memory only until the next one. */
static struct run keep_run(struct check *check, const struct run *run)
{
    struct run kept = *run;
    struct run_input *input =
        arena_copy(&check->arena, run->input, run->inputs * sizeof *run->input);

    for (size_t i = 0; i < run->inputs; i++)
        if (!input[i].flush)
            input[i].packet =
                arena_copy(&check->arena, input[i].packet, input[i].len);
    kept.input = input;
    return kept;
}

static void find_smallest(struct check *check, const struct tally_group *group,
                          struct smallest *smallest)
{
    struct search search = {.check = check, .group = group};
    const struct vector *vector;

    smallest->group = group;
    smallest->result = &check->report.results[group->smallest];
    smallest->why = smallest->result->why;
    vector = check_load(check, smallest->result);
    if (vector == NULL)
        return;
    smallest->run = keep_run(check, &vector->run);
    smallest->run.profile = smallest->result->profile;
    shrink(&search, &smallest->run);
    if (group->harm != HARM_HANGS && belongs(&search, &smallest->run))
        smallest->why = check_keep_lines(check, search.judgement.why);
}

void check_shrink(struct check *check)
{
    struct report *report = &check->report;
    const struct tally *tally = &report->tally;

    tally_sort(&report->tally);
    report->smallest = arena_alloc(&check->arena, tally->group_count,
                                   sizeof *report->smallest);
    for (size_t i = 0; i < tally->group_count; i++)
        find_smallest(check, &tally->groups[i], &report->smallest[i]);
}
