/* SPDX-License-Identifier: MIT */
/* What is expected of a profile that a vector does not name. */
#ifndef GROVE_TOOLS_ROW_ANSWER_H
#define GROVE_TOOLS_ROW_ANSWER_H

#include "vector.h"

/* All zero at first, and released by row_answer_free(). */
struct row_answer {
    struct implementation reference;
    struct answer ours;  /* the reference's under the profile */
    struct answer named; /* and under one that the vector names */
};

/*
 * Whether `answer` is right under the profile: it is that of the reference, and
 * the stored one of a profile that does the same. That is one with the same
 * values in all columns that the vector's rules read, if the reference gives
 * the same answer under both. If not, *why gets lines in `arena`.
 */
bool row_answer_agrees(struct row_answer *row, const struct vector *vector,
                       const char *profile, const struct answer *answer,
                       struct arena *arena, const char **why);

void row_answer_free(struct row_answer *row);

#endif
