/* SPDX-License-Identifier: MIT */
#include "profile_row.h"

#include <err.h>
#include <stddef.h>
#include <string.h>

static const struct profile_row rows[] = {
#define GROVE_PROFILE(number, row, ...) {.name = (row), __VA_ARGS__},
#include "../../ref/profile.def"
};

const struct profile_row *profile_row(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    errx(70, "%s: no such profile", name);
}
