/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include <stddef.h>
#include <string.h>

#include "grove/table.h"

/* Oldest first, and the names below in the same order. */
static const struct profile profiles[] = {
    {
        .name = "linux-6.1",
        .bit = PROFILE_6_1,
        .min_tcp_gso_size = 8,
        .refuses_cwr = true,
        .shows_cwr = true,
        .fixed_id_needs_df = true,
        .strips_jumbo = true,
    },
    {
        .name = "linux-6.12",
        .bit = PROFILE_6_12,
        .min_tcp_gso_size = 8,
        .takes_uso = true,
        .checks_csum_start = true,
        .refuses_cwr = true,
        .shows_cwr = true,
        .fixed_id_needs_df = true,
        .strips_jumbo = true,
    },
    {
        .name = "linux-6.18",
        .bit = PROFILE_6_18,
        .takes_uso = true,
        .checks_csum_start = true,
        .refuses_cwr = true,
        .compares_cwr = true,
        .strips_jumbo = true,
    },
    {
        .name = "linux-7.2",
        .bit = PROFILE_7_2,
        .min_tcp_gso_size = 8,
        .takes_uso = true,
        .checks_csum_start = true,
        .dissects = true,
        .compares_cwr = true,
    },
};

#define PROFILES (sizeof profiles / sizeof profiles[0])

const struct profile *profile_find(const char *name)
{
    if (name == NULL)
        return &profiles[PROFILES - 1];
    for (size_t i = 0; i < PROFILES; i++) {
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    }
    return NULL;
}

const char *const *grove_profiles(void)
{
    static const char *const names[] = {"linux-6.1", "linux-6.12", "linux-6.18",
                                        "linux-7.2", NULL};

    return names;
}
