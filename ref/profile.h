/* SPDX-License-Identifier: MIT */
/* What differs between kernels, a row for each; SPEC.md, "Profiles". */
#ifndef GROVE_PROFILE_H
#define GROVE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

/* The columns as fields; profile.def says what each means. */
struct profile {
    const char *name;
#define GROVE_COLUMN(type, name, rules, words) type name;
#include "profile.def"
};

/* The profile of this name; the newest for NULL; NULL if there is none. */
const struct profile *profile_find(const char *name);

#endif
