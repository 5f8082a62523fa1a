/* SPDX-License-Identifier: MIT */
#include "row_answer.h"

#include <string.h>

#include "grove/profile.h"

/* Whether the column is read by a rule that the vector shows. */
static bool shows(const struct vector *vector,
                  const struct grove_column *column)
{
    for (size_t i = 0; i < vector->rules.count; i++)
        if (strstr(column->rules, vector->rules.at[i]) != NULL)
            return true;
    return false;
}

/* Whether the two profiles have the same values where the vector shows any. */
static bool is_alike(const struct vector *vector, const char *one,
                     const char *other)
{
    struct grove_profile a;
    struct grove_profile b;
    const struct grove_column *column;

    if (grove_profile_values(one, &a) != GROVE_OK ||
        grove_profile_values(other, &b) != GROVE_OK)
        return false;
    for (size_t i = 0; (column = grove_column(i)) != NULL; i++)
        if (a.values[i] != b.values[i] && shows(vector, column))
            return false;
    return true;
}

static void ask(struct row_answer *row, const struct vector *vector,
                const char *profile, struct answer *answer)
{
    struct run run = vector->run;

    if (row->reference.self == NULL)
        reference_open(&row->reference);
    run.profile = profile;
    row->reference.ask(row->reference.self, &run, answer);
}

/* The stored answer of a profile that does the same; NULL: none does. */
static const struct answer *stored(struct row_answer *row,
                                   const struct vector *vector,
                                   const char *profile, struct arena *arena)
{
    const char *why;

    for (size_t i = 0; i < vector->expects; i++) {
        const struct vector_expect *expect = &vector->expect[i];

        if (!is_alike(vector, expect->profile, profile))
            continue;
        ask(row, vector, expect->profile, &row->named);
        if (answers_agree(&row->named, &row->ours, arena, &why))
            return &expect->answer;
    }
    return NULL;
}

bool row_answer_agrees(struct row_answer *row, const struct vector *vector,
                       const char *profile, const struct answer *answer,
                       struct arena *arena, const char **why)
{
    const struct answer *named;

    ask(row, vector, profile, &row->ours);
    if (row->ours.kind == ANSWER_SKIPPED)
        return true;
    if (!answers_agree(&row->ours, answer, arena, why))
        return false;
    named = stored(row, vector, profile, arena);
    return named == NULL || answers_agree(named, answer, arena, why);
}

void row_answer_free(struct row_answer *row)
{
    implementation_close(&row->reference);
    answer_free(&row->ours);
    answer_free(&row->named);
}
