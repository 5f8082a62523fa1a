/* SPDX-License-Identifier: MIT */
#include "level.h"

#include <stddef.h>
#include <string.h>

static const char *const levels[LEVELS] = {
    [LEVEL_EXACT] = "exact",
    [LEVEL_HINTS] = "hints",
    [LEVEL_SAFE] = "safe",
    [LEVEL_UNSAFE] = "unsafe",
};

static const char *const harms[HARMS] = {
    [HARM_NONE] = "",           [HARM_REORDERS] = "reorders",
    [HARM_CHANGES] = "changes", [HARM_LAUNDERS] = "launders",
    [HARM_ACCEPTS] = "accepts", [HARM_DUPLICATES] = "duplicates",
    [HARM_LOSES] = "loses",     [HARM_REFUSED] = "refused",
    [HARM_HANGS] = "hangs",     [HARM_CRASHES] = "crashes",
};

const char *level_words(enum level level)
{
    return levels[level];
}

const char *harm_words(enum harm harm)
{
    return harms[harm];
}

bool level_find(const char *name, enum level *level)
{
    for (enum level at = LEVEL_EXACT; at < LEVEL_UNSAFE; at++) {
        if (strcmp(levels[at], name) == 0) {
            *level = at;
            return true;
        }
    }
    return false;
}
