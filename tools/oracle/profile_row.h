/* SPDX-License-Identifier: MIT */
/* The columns of profiles, which libgrove does not tell. */
#ifndef GROVE_TOOLS_PROFILE_ROW_H
#define GROVE_TOOLS_PROFILE_ROW_H

#include <stdbool.h>
#include <stdint.h>

/* A row of ref/profile.def. */
struct profile_row {
    const char *name;
#define GROVE_COLUMN(type, name, rules, words) type name;
#include "../../ref/profile.def"
};

/* The row of this name, which must be one of grove_profiles(). */
const struct profile_row *profile_row(const char *name);

#endif
