/* SPDX-License-Identifier: MIT */
#include "diff_op.h"

#include <string.h>

#include "generate.h"
#include "generate_gso.h"
#include "grove.h"
#include "kernel_option.h"
#include "roundtrip.h"

static int open_kernel(struct implementation *expected,
                       struct implementation *got, const char **profile)
{
    const int status = open_live_kernel(expected, *profile, profile);

    if (status == GROVE_EXIT_HOLDS)
        reference_open(got);
    return status;
}

static int open_roundtrip(struct implementation *expected,
                          struct implementation *got, const char **profile)
{
    (void)profile;
    roundtrip_open_packets(expected);
    roundtrip_open_split(got);
    return GROVE_EXIT_HOLDS;
}

/* Takes the profiles in turn, unless one is asked for. */
static void generate_lossless(uint64_t seed, uint64_t number,
                              const char *profile, struct arena *arena,
                              struct run *run)
{
    const char *const *profiles = grove_profiles();
    uint64_t count = 1;

    while (profiles[count] != NULL)
        count++;
    generate_batch(seed, number,
                   profile != NULL ? profile : profiles[number % count], arena,
                   run);
    run->config.lossless = true;
}

/* The beginning of a rule's id names its section of SPEC.md. */
static bool is_of(enum grove_rule rule, const char *part)
{
    return strncmp(grove_rule_id(rule), part, strlen(part)) == 0;
}

/* Whether batches with layers, or without, can exercise the rule. */
static bool has_rule(enum grove_rule rule, const char *profile, bool layers)
{
    return kernel_has_rule(rule, profile) &&
           (layers || !rule_needs_layers(rule));
}

static bool exercises_gro(enum grove_rule rule, const char *profile,
                          bool layers)
{
    return has_rule(rule, profile, layers) && !is_of(rule, "GSO-");
}

static bool exercises_gso(enum grove_rule rule, const char *profile,
                          bool layers)
{
    return has_rule(rule, profile, layers) &&
           (is_of(rule, "GSO-") || is_of(rule, "VNET-"));
}

static bool exercises_lossless(enum grove_rule rule, const char *profile,
                               bool layers)
{
    (void)profile;
    (void)layers;
    return is_of(rule, "GRO-LL-");
}

static const struct diff_op ops[] = {
    {"gro", true, open_kernel, generate_batch, generate_layers, exercises_gro,
     reference_count},
    {"gso", true, open_kernel, generate_gso, generate_gso_layers, exercises_gso,
     reference_count},
    {"roundtrip", false, open_roundtrip, generate_lossless, NULL,
     exercises_lossless, roundtrip_count},
};

const struct diff_op *diff_op_find(const char *name)
{
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        if (strcmp(ops[i].name, name) == 0)
            return &ops[i];
    return NULL;
}
