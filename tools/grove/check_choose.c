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

/* Appends a result, or only counts it if no memory was allocated yet. */
static void add_result(struct report *report, struct result result)
{
    if (report->results != NULL)
        report->results[report->count] = result;
    report->count++;
}

/*
 * The profiles of the vector, and those that are a base and columns, of which
 * no vector has an answer.
 */
static void choose_profiles(struct check *check, struct result result)
{
    const struct vector *vector = result.vector;

    for (size_t i = 0; i < vector->expects; i++) {
        result.profile = vector->expect[i].profile;
        result.expected = &vector->expect[i].answer;
        if (check->profiles.at == NULL ||
            contains(&check->profiles, result.profile))
            add_result(&check->report, result);
    }
    result.expected = NULL;
    for (size_t i = 0; check->profiles.at != NULL && i < check->profiles.count;
         i++) {
        result.profile = check->profiles.at[i];
        if (strchr(result.profile, ':') != NULL &&
            find_profile(result.profile) != NULL &&
            vector_expected(vector, result.profile) == NULL)
            add_result(&check->report, result);
    }
}

static void choose_of_file(struct check *check,
                           const struct vector_member *member)
{
    for (size_t i = 0; i < member->file.vector_count; i++) {
        const struct vector *vector = &member->file.vectors[i];

        if (is_chosen(&check->options, vector))
            choose_profiles(
                check, (struct result){.member = member, .vector = vector});
    }
}

static void choose(struct check *check)
{
    check->report.count = 0;
    for (size_t i = 0; i < check->set.count; i++)
        choose_of_file(check, check->set.members[i]);
}

int check_choose(struct check *check)
{
    struct report *report = &check->report;

    report->implementation = check->implementation.name;
    choose(check);
    report->results =
        arena_alloc(&check->arena, report->count + 1, sizeof *report->results);
    choose(check);
    if (report->count > 0)
        return GROVE_EXIT_HOLDS;
    complain("%s: no vector to check here; see --profile, --tag and --op",
             check->options.paths[0]);
    return GROVE_EXIT_USAGE;
}
