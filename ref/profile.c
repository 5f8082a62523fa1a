/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include <stddef.h>
#include <string.h>

#include "grove/table.h"

static const struct profile profiles[] = {
#define GROVE_PROFILE(number, row, ...) {.name = row, __VA_ARGS__},
#include "profile.def"
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
    static const char *const names[] = {
#define GROVE_PROFILE(number, row, ...) row,
#include "profile.def"
        NULL};

    return names;
}
