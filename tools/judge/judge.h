/* SPDX-License-Identifier: MIT */
/*
 * The judgement of an answer: how well it agrees with Linux, and if it is not
 * safe, what it does to packets. vectors/README.md, "Levels", defines the
 * words.
 */
#ifndef GROVE_JUDGE_H
#define GROVE_JUDGE_H

#include "finish.h"
#include "level.h"
#include "run.h"

struct judgement {
    enum level level;
    enum harm harm;    /* at LEVEL_UNSAFE: the worst kind that applies */
    const char *field; /* with changes and launders: a static string; or NULL */
    const char *why;   /* at LEVEL_UNSAFE: what happens, lines; else "" */
    size_t outputs;    /* how many there are, and how many Linux gives */
    size_t linux_outputs;
};

struct judge {
    struct finisher finisher;
    struct implementation linux_model; /* the reference in linux mode */
    struct answer linux_answer;        /* to the question that is judged */
    struct answer part_answer;         /* to a part of it */
    struct arena arena;
};

void judge_open(struct judge *judge);
void judge_close(struct judge *judge);

/*
 * Judges the answer `got` to `run`, whose profile is known. It is not
 * ANSWER_SKIPPED or ANSWER_LOST. `expected` is the right answer, which decides
 * on exact and hints only; NULL: that of the reference. What *why points to is
 * valid until the next call.
 */
struct judgement judge_answer(struct judge *judge, const struct run *run,
                              const struct answer *expected,
                              const struct answer *got);

#endif
