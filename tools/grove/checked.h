/* SPDX-License-Identifier: MIT */
/* The result of a check of `grove doctor`. */
#ifndef GROVE_TOOLS_CHECKED_H
#define GROVE_TOOLS_CHECKED_H

#include "grove/profile.h"

enum check_state { CHECK_WORKS, CHECK_FAILS, CHECK_LEFT_OUT };

/* It holds all its text, and may be in shared memory. */
struct checked {
    enum check_state state;
    char says[GROVE_PROFILE_NAME_SIZE + 256]; /* what was found */
    char remedy[256]; /* FAILS: the one thing that helps */
};

/* What a check has found, as by printf(). */
__attribute__((format(printf, 2, 3))) void check_works(struct checked *checked,
                                                       const char *format, ...);
__attribute__((format(printf, 3, 4))) void check_fails(struct checked *checked,
                                                       const char *remedy,
                                                       const char *format, ...);

#endif
