/* SPDX-License-Identifier: MIT */
#include "adapter_option.h"

#include <stdio.h>
#include <string.h>

#include "adapter.h"
#include "common_option.h"
#include "grove.h"
#include "number_option.h"
#include "profile_option.h"

/* A day. */
#define TIMEOUT_MAX_MS 86400000

int parse_timeout(const char *text, struct argp_state *state)
{
    return (int)parse_number("timeout", text, 1, TIMEOUT_MAX_MS, state);
}

int open_adapter(struct implementation *adapter, const char *command,
                 int timeout_ms)
{
    char why[256];

    if (adapter_open(adapter, command, timeout_ms, why))
        return GROVE_EXIT_HOLDS;
    complain("--exec '%s': %s", command, why);
    return GROVE_EXIT_USAGE;
}

/* An adapter that has a row is also asked other values in its columns. */
static bool offers(const struct strings *profiles, const char *profile)
{
    char row[64];

    snprintf(row, sizeof row, "%.*s", (int)strcspn(profile, ":"), profile);
    return contains(profiles, profile) || contains(profiles, row);
}

/* Finds the profile to ask for: `asked`, or else the adapter's only one. */
static bool choose_profile(const char *command, const struct strings *profiles,
                           const char **profile)
{
    const char *asked = *profile;

    if (asked == NULL && profiles->count == 1)
        *profile = find_profile(profiles->at[0]);
    if (asked != NULL && !offers(profiles, asked)) {
        complain("--exec '%s': it has no profile %s; choose another by "
                 "--profile",
                 command, asked);
        return false;
    }
    if (*profile == NULL)
        complain("--exec '%s': not one profile but %zu, or one unknown here; "
                 "choose by --profile",
                 command, profiles->count);
    return *profile != NULL;
}

int open_adapter_profile(struct implementation *adapter, const char *command,
                         int timeout_ms, const char **profile)
{
    const int status = open_adapter(adapter, command, timeout_ms);

    if (status != GROVE_EXIT_HOLDS ||
        choose_profile(command, &adapter_said(adapter)->profiles, profile))
        return status;
    implementation_close(adapter);
    return GROVE_EXIT_USAGE;
}
