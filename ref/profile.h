/* SPDX-License-Identifier: MIT */
/* What differs between kernels, a row for each; SPEC.md, "Profiles". */
#ifndef GROVE_PROFILE_PRIVATE_H
#define GROVE_PROFILE_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "grove/profile.h"

/* The columns as fields; profile.def says what each means. */
struct profile {
#define GROVE_COLUMN(type, name, known, rules, words) type name;
#include "profile.def"
};

/*
 * Puts the row of the profile with this name into *profile; NULL names the
 * newest profile. The errors are those of grove_profile_values().
 */
enum grove_error profile_find(const char *name, struct profile *profile);

/* These values as fields. */
struct profile profile_of(const struct grove_profile *profile);

/* A row that has a name of its own. */
struct profile_row {
    const char *name;
    struct grove_profile profile;
};

/* Named row `index`, from 0, the oldest first. Returns false if none is. */
bool profile_row(size_t index, struct profile_row *row);

#endif
