/* SPDX-License-Identifier: MIT */
/* The option --profile. */
#ifndef GROVE_TOOLS_PROFILE_OPTION_H
#define GROVE_TOOLS_PROFILE_OPTION_H

#include <argp.h>

/* The profile of the newest kernel, a static string. */
const char *newest_profile(void);

/*
 * The canonical name of the profile with this name: `name` itself, or a static
 * string if it is an alias; NULL if there is no such profile.
 */
const char *find_profile(const char *name);

/* The same; the program ends if there is no such profile. */
const char *parse_profile(const char *name, struct argp_state *state);

#endif
