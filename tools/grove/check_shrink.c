/* SPDX-License-Identifier: MIT */
/* grove check: the smallest question of each group of unsafe answers. */
#include <string.h>

#include "check.h"
#include "level_ask.h"
#include "node.h"
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
static void shrink(struct search *search, struct smallest *smallest)
{
    struct run *run = &smallest->run;

    if (search->group->harm == HARM_HANGS || !belongs(search, run))
        return;
    shrink_run(run, belongs, search, &smallest->arena);
    shrink_fields(run, belongs, search, &smallest->arena);
    if (belongs(search, run))
        smallest->why =
            printable_lines(&smallest->arena, search->judgement.why);
}

static struct run copy_run(struct arena *arena, const struct run *run)
{
    struct run copy = *run;
    struct run_input *input =
        arena_copy(arena, run->input, run->inputs * sizeof *run->input);

    for (size_t i = 0; i < run->inputs; i++)
        if (!input[i].flush)
            input[i].packet = arena_copy(arena, input[i].packet, input[i].len);
    copy.input = input;
    copy.profile = arena_printf(arena, "%s", run->profile);
    return copy;
}

void check_keep(struct check *check, struct tally_group *group,
                const struct result *result, const struct run *run)
{
    struct smallest *smallest = group->smallest;

    if (smallest == NULL) {
        smallest = arena_alloc(&check->arena, 1, sizeof *smallest);
        group->smallest = smallest;
    }
    arena_reset(&smallest->arena);
    smallest->id = arena_printf(&smallest->arena, "%s", result->vector->id);
    smallest->run = copy_run(&smallest->arena, run);
    smallest->why = arena_printf(&smallest->arena, "%s", result->why);
}

void check_shrink(struct check *check)
{
    struct tally *tally = &check->report.tally;

    tally_sort(tally);
    for (size_t i = 0; i < tally->group_count; i++) {
        struct search search = {.check = check, .group = &tally->groups[i]};

        shrink(&search, tally->groups[i].smallest);
    }
    check->report.shrunk = true;
}

void check_forget(struct check *check)
{
    const struct tally *tally = &check->report.tally;

    for (size_t i = 0; i < tally->group_count; i++) {
        struct smallest *smallest = tally->groups[i].smallest;

        if (smallest != NULL)
            arena_free(&smallest->arena);
    }
}
