/* SPDX-License-Identifier: MIT */
#include "profile_option.h"

#include <string.h>

#include "command_line.h"
#include "grove.h"
#include "grove/table.h"

const char *newest_profile(void)
{
    const char *const *profile = grove_profiles();

    while (profile[1] != NULL)
        profile++;
    return *profile;
}

const char *find_profile(const char *name)
{
    for (const char *const *at = grove_profiles(); *at != NULL; at++) {
        if (strcmp(*at, name) == 0)
            return *at;
    }
    return NULL;
}

const char *parse_profile(const char *name, struct argp_state *state)
{
    const char *profile = find_profile(name);

    if (profile == NULL)
        wrong_usage(state, "--profile %s: no such profile; the newest is %s",
                    name, newest_profile());
    return profile;
}
