/* SPDX-License-Identifier: MIT */
#include "profile_option.h"

#include <string.h>

#include "command_line.h"
#include "grove.h"
#include "grove/profile.h"

const char *newest_profile(void)
{
    const char *const *profile = grove_profiles();

    while (profile[1] != NULL)
        profile++;
    return *profile;
}

const char *find_profile(const char *name)
{
    struct grove_profile profile;
    char canonical[GROVE_PROFILE_NAME_SIZE];

    if (grove_profile_values(name, &profile) != GROVE_OK ||
        grove_profile_name(&profile, canonical) != GROVE_OK)
        return NULL;
    for (const char *const *at = grove_profiles(); *at != NULL; at++) {
        if (strcmp(*at, canonical) == 0)
            return *at;
    }
    return name;
}

/* Ends the program with what is wrong with the name, and with a remedy. */
static void refuse_profile(const char *name, struct argp_state *state)
{
    char canonical[GROVE_PROFILE_NAME_SIZE];
    const enum grove_error error = grove_profile_canonical(name, canonical);

    if (error == GROVE_OK)
        wrong_usage(state, "--profile %s: not the canonical name; write %s",
                    name, canonical);
    if (error == GROVE_E_CONFIG_PROFILE)
        wrong_usage(state, "--profile %s: no such profile; the newest is %s",
                    name, newest_profile());
    wrong_usage(state, "--profile %s: %s; SPEC.md, section 2, lists them", name,
                grove_error_words(error));
}

const char *parse_profile(const char *name, struct argp_state *state)
{
    const char *profile = find_profile(name);

    if (profile == NULL)
        refuse_profile(name, state);
    return profile;
}
