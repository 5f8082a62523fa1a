/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include <stdlib.h>
#include <string.h>

/* A packet more makes a question larger than any number of bytes. */
#define PACKET_SIZE ((size_t)1 << 32)

/* Room for one more object of `size` bytes after `count`; `at` may move. */
static void *reserve(struct arena *arena, void *at, size_t count, size_t *room,
                     size_t size)
{
    void *more;

    if (count < *room)
        return at;
    *room = *room == 0 ? 16 : 2 * *room;
    more = arena_alloc(arena, *room, size);
    if (count > 0)
        memcpy(more, at, count * size);
    return more;
}

static bool same_field(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static struct tally_group *find_group(struct tally *tally, enum run_op op,
                                      const struct judgement *judgement)
{
    struct tally_group *group;

    for (size_t i = 0; i < tally->group_count; i++) {
        group = &tally->groups[i];
        if (group->op == op && group->harm == judgement->harm &&
            same_field(group->field, judgement->field))
            return group;
    }
    tally->groups = reserve(&tally->arena, tally->groups, tally->group_count,
                            &tally->group_room, sizeof *tally->groups);
    group = &tally->groups[tally->group_count++];
    *group = (struct tally_group){.op = op,
                                  .harm = judgement->harm,
                                  .field = judgement->field,
                                  .size = SIZE_MAX};
    return group;
}

static void count_name(struct arena *arena, struct tally_names *names,
                       const char *name)
{
    size_t i = 0;

    while (i < names->count && strcmp(names->at[i].name, name) != 0)
        i++;
    if (i == names->count) {
        names->at = reserve(arena, names->at, names->count, &names->room,
                            sizeof *names->at);
        names->at[names->count++] =
            (struct tally_name){.name = arena_printf(arena, "%s", name)};
    }
    names->at[i].count++;
}

static size_t size_of(const struct run *run)
{
    size_t size = 0;

    for (size_t i = 0; i < run->inputs; i++)
        if (!run->input[i].flush)
            size += PACKET_SIZE + run->input[i].len;
    return size;
}

static void count_outputs(struct tally *tally,
                          const struct judgement *judgement)
{
    tally->outputs += judgement->outputs;
    tally->linux_outputs += judgement->linux_outputs;
    if (judgement->outputs < judgement->linux_outputs)
        tally->fewer++;
    else if (judgement->outputs == judgement->linux_outputs)
        tally->as_many++;
    else
        tally->more++;
}

static struct tally_group *count_in_group(struct tally *tally,
                                          const struct tally_question *question,
                                          const struct judgement *judgement)
{
    struct tally_group *group = find_group(tally, question->run->op, judgement);
    const size_t size = size_of(question->run);

    group->count++;
    for (size_t i = 0; i < question->rule_count; i++)
        count_name(&tally->arena, &group->rules, question->rules[i]);
    if (size >= group->size)
        return NULL;
    group->size = size;
    return group;
}

struct tally_group *tally_add(struct tally *tally,
                              const struct tally_question *question,
                              const struct judgement *judgement)
{
    tally->levels[judgement->level]++;
    tally->harms[judgement->harm]++;
    if (judgement->level == LEVEL_UNSAFE)
        return count_in_group(tally, question, judgement);
    if (question->run->op == RUN_GRO)
        count_outputs(tally, judgement);
    return NULL;
}

/* For qsort(): the larger first. */
static int descending(size_t a, size_t b)
{
    return (a < b) - (a > b);
}

static int by_harm(const void *a, const void *b)
{
    const struct tally_group *one = a;
    const struct tally_group *other = b;
    const int order = descending(one->harm, other->harm);

    return order != 0 ? order : descending(one->count, other->count);
}

static int by_count(const void *a, const void *b)
{
    const struct tally_name *one = a;
    const struct tally_name *other = b;
    const int order = descending(one->count, other->count);

    return order != 0 ? order : strcmp(one->name, other->name);
}

void tally_sort(struct tally *tally)
{
    if (tally->group_count > 0)
        qsort(tally->groups, tally->group_count, sizeof *tally->groups,
              by_harm);
    for (size_t i = 0; i < tally->group_count; i++) {
        struct tally_names *rules = &tally->groups[i].rules;

        if (rules->count > 0)
            qsort(rules->at, rules->count, sizeof *rules->at, by_count);
    }
}

void tally_free(struct tally *tally)
{
    arena_free(&tally->arena);
    *tally = (struct tally){0};
}
