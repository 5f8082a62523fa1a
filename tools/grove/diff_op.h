/* SPDX-License-Identifier: MIT */
/* The operations that `grove diff` can compare. */
#ifndef GROVE_TOOLS_DIFF_OP_H
#define GROVE_TOOLS_DIFF_OP_H

#include "layers_option.h"
#include "run.h"

struct diff_op {
    const char *name;
    bool kernel; /* the live kernel, or an adapter, is one side */
    /* Opens both sides and finds a missing profile. Returns an exit code. */
    int (*open)(struct implementation *expected, struct implementation *got,
                const char **profile);
    /* Makes question `number` of `seed`, in `arena`. */
    void (*generate)(uint64_t seed, uint64_t number, const char *profile,
                     struct arena *arena, struct run *run);
    /* The same with a link and tunnels. */
    void (*generate_layers)(uint64_t seed, uint64_t number, const char *profile,
                            const struct run_config *layers,
                            struct arena *arena, struct run *run);
    /* The same with long super-packets; NULL: it has none. */
    void (*generate_big)(uint64_t seed, uint64_t number, const char *profile,
                         uint32_t max_bytes, struct arena *arena,
                         struct run *run);
    /* Whether it has all tunnels of this configuration; NULL: it has any. */
    bool (*covers)(const struct run_config *layers);
    /* True if random questions must lead to decisions by this rule. */
    bool (*exercises)(enum grove_rule rule, const char *profile,
                      const struct layers_option *layers);
    /* Counts how often the rule decided on the `got` side. */
    uint64_t (*count)(const struct implementation *got, enum grove_rule rule);
};

/* The operation of this name; NULL if there is none. */
const struct diff_op *diff_op_find(const char *name);

#endif
