/* SPDX-License-Identifier: MIT */
/* What `grove diff` can compare. */
#ifndef GROVE_TOOLS_DIFF_OP_H
#define GROVE_TOOLS_DIFF_OP_H

#include "run.h"

struct diff_op {
    const char *name;
    bool kernel; /* the live kernel is one side of it */
    /* The two sides, and the profile if none was asked: an exit code. */
    int (*open)(struct implementation *expected, struct implementation *got,
                const char **profile);
    /* Question `number` of `seed`, in `arena`. */
    void (*generate)(uint64_t seed, uint64_t number, const char *profile,
                     struct arena *arena, struct run *run);
    /* Whether random questions must lead to decisions of this rule. */
    bool (*exercises)(enum grove_rule rule, const char *profile);
    /* How often each rule decided on the `got` side. */
    const uint64_t *(*counts)(const struct implementation *got);
};

/* The operation of this name; NULL if there is none. */
const struct diff_op *diff_op_find(const char *name);

#endif
