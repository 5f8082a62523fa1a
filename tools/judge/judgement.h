/* SPDX-License-Identifier: MIT */
/* A judgement, and how what is wrong is put into it. */
#ifndef GROVE_JUDGE_JUDGEMENT_H
#define GROVE_JUDGE_JUDGEMENT_H

#include <stddef.h>

#include "arena.h"
#include "level.h"

struct judgement {
    enum level level;
    enum harm harm;    /* at LEVEL_UNSAFE: the worst kind that applies */
    const char *field; /* with changes and launders: a static string; or NULL */
    const char *why;   /* at LEVEL_UNSAFE: what happens, lines; else "" */
    size_t outputs;    /* how many there are, and how many Linux gives */
    size_t linux_outputs;
};

/*
 * Adds a line to `why`, formatted as by printf(), in the arena. The first kind
 * of harm is kept: note the worst kind first. Of several changes the field is
 * kept that says most.
 */
__attribute__((format(printf, 5, 6))) void
judgement_note(struct judgement *judgement, struct arena *arena, enum harm harm,
               const char *field, const char *format, ...);

#endif
