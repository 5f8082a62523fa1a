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

/* Whether a table in lossless mode has these layers under the profile. */
static bool has_layers(const char *profile, const struct run_config *layers)
{
    const struct grove_config config = {
        .profile = profile,
        .mode = GROVE_MODE_LOSSLESS,
        .link = layers->link,
        .tunnels = layers->tunnels,
        .tunnel_count = layers->tunnel_count,
        .vnet_len = layers->vnet_len,
    };

    return grove_table_size(&config) != 0;
}

/* The one that is asked for, or in turn those that have the layers. */
static const char *profile_of(uint64_t number, const char *profile,
                              const struct run_config *layers)
{
    const char *const *profiles = grove_profiles();
    uint64_t count = 0;

    if (profile != NULL)
        return profile;
    for (size_t i = 0; profiles[i] != NULL; i++)
        count += has_layers(profiles[i], layers);
    for (number %= count; number != 0 || !has_layers(*profiles, layers);
         profiles++)
        number -= has_layers(*profiles, layers);
    return *profiles;
}

static void generate_lossless(uint64_t seed, uint64_t number,
                              const char *profile, struct arena *arena,
                              struct run *run)
{
    const struct run_config plain = run_config_default();

    generate_batch(seed, number, profile_of(number, profile, &plain), arena,
                   run);
    run->config.lossless = true;
}

/* Those of the tunnels that lossless mode has, with the headers it needs. */
static struct run_config lossless_layers(const struct run_config *layers)
{
    struct run_config config = *layers;

    config.tunnel_count = 0;
    if (layers->link == GROVE_LINK_NONE)
        return config;
    for (uint32_t i = 0; i < layers->tunnel_count; i++)
        if (layers->tunnels[i].port != 0)
            config.tunnels[config.tunnel_count++] = layers->tunnels[i];
    if (config.tunnel_count != 0)
        config.vnet_len = GROVE_VNET_TUNNEL_LEN;
    return config;
}

static bool lossless_covers(const struct run_config *layers)
{
    const struct run_config config = lossless_layers(layers);

    return config.tunnel_count == layers->tunnel_count &&
           config.vnet_len == layers->vnet_len;
}

static void generate_lossless_layers(uint64_t seed, uint64_t number,
                                     const char *profile,
                                     const struct run_config *layers,
                                     struct arena *arena, struct run *run)
{
    const struct run_config config = lossless_layers(layers);

    generate_layers(seed, number, profile_of(number, profile, &config), &config,
                    arena, run);
    run->config.lossless = true;
}

/* The beginning of a rule's id names its section of SPEC.md. */
static bool is_of(enum grove_rule rule, const char *part)
{
    return strncmp(grove_rule_id(rule), part, strlen(part)) == 0;
}

/* Whether batches with these layers can exercise the rule. */
static bool has_rule(enum grove_rule rule, const char *profile,
                     const struct layers_option *layers)
{
    return kernel_has_rule(rule, profile) &&
           (layers->random || !rule_needs_layers(rule)) &&
           (layers->config.fraglist || !rule_needs_fraglist(rule));
}

static bool exercises_gro(enum grove_rule rule, const char *profile,
                          const struct layers_option *layers)
{
    return has_rule(rule, profile, layers) && !is_of(rule, "GSO-");
}

static bool exercises_gso(enum grove_rule rule, const char *profile,
                          const struct layers_option *layers)
{
    return has_rule(rule, profile, layers) &&
           (is_of(rule, "GSO-") || is_of(rule, "VNET-"));
}

static bool exercises_lossless(enum grove_rule rule, const char *profile,
                               const struct layers_option *layers)
{
    (void)profile;
    return is_of(rule, "GRO-LL-") &&
           (layers->random || !rule_needs_layers(rule));
}

static const struct diff_op ops[] = {
    {"gro", true, open_kernel, generate_batch, generate_layers, generate_big,
     NULL, exercises_gro, reference_count},
    {"gso", true, open_kernel, generate_gso, generate_gso_layers, NULL, NULL,
     exercises_gso, reference_count},
    {"roundtrip", false, open_roundtrip, generate_lossless,
     generate_lossless_layers, NULL, lossless_covers, exercises_lossless,
     roundtrip_count},
};

const struct diff_op *diff_op_find(const char *name)
{
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        if (strcmp(ops[i].name, name) == 0)
            return &ops[i];
    return NULL;
}
