/* SPDX-License-Identifier: MIT */
#include "answer_vector.h"

#include "vector.h"

void print_answer(const char *id, const char *title, const struct run *run,
                  const struct answer *answer, const char *rule,
                  const char *confirmed)
{
    const char *fallback = run->op == RUN_GSO ? "GSO-OUT-006" : "GRO-END-008";
    const char *shown = rule != NULL ? rule : fallback;
    const struct vector_expect expect = {run->profile, *answer};
    struct vector vector = {.id = id,
                            .title = title,
                            .rules = {&shown, 1},
                            .run = *run,
                            .expect = &expect,
                            .expects = 1,
                            .confirmed = {&confirmed, confirmed != NULL}};

    vector.run.profile = NULL;
    vector_print(stdout, &vector);
}
