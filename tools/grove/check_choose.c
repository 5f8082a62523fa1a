/* SPDX-License-Identifier: MIT */
/* grove check: which vectors are checked, and under which profiles. */
#include <string.h>

#include "check.h"
#include "common_option.h"
#include "grove.h"
#include "profile_option.h"

static bool is_chosen(const struct check_options *options,
                      const struct vector *vector)
{
    if (options->tag != NULL && !contains(&vector->flags, options->tag))
        return false;
    return !options->has_op || options->op == vector->run.op;
}

/* Whether the profile is a base and columns, of which no vector has an answer
 */
static bool is_in_columns(const char *profile, const struct vector *vector)
{
    return strchr(profile, ':') != NULL && find_profile(profile) != NULL &&
           vector_expected(vector, profile) == NULL;
}

struct strings check_choose(struct check *check, const struct vector *vector)
{
    const struct strings *profiles = &check->profiles;
    size_t count = 0;
    const char **at;

    if (!is_chosen(&check->options, vector))
        return (struct strings){0};
    at = arena_alloc(&check->vector_arena, vector->expects + profiles->count,
                     sizeof *at);
    for (size_t i = 0; i < vector->expects; i++)
        if (profiles->at == NULL ||
            contains(profiles, vector->expect[i].profile))
            at[count++] = vector->expect[i].profile;
    for (size_t i = 0; profiles->at != NULL && i < profiles->count; i++)
        if (is_in_columns(profiles->at[i], vector))
            at[count++] = profiles->at[i];
    return (struct strings){.at = at, .count = count};
}

static void count_file(struct check *check, const struct vector_file *file)
{
    for (size_t i = 0; i < file->vector_count; i++) {
        const struct vector vector = vector_at(file, i);

        arena_reset(&check->vector_arena);
        check->report.count += check_choose(check, &vector).count;
    }
}

int check_count(struct check *check)
{
    for (size_t i = 0; i < check->set.count; i++)
        count_file(check, &check->set.members[i]->file);
    if (check->report.count > 0)
        return GROVE_EXIT_HOLDS;
    complain("%s: no vector to check here; see --profile, --tag and --op",
             check->options.paths[0]);
    return GROVE_EXIT_USAGE;
}
