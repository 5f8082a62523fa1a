/* SPDX-License-Identifier: MIT */
/* The option --level: how well answers must agree with Linux. */
#ifndef GROVE_TOOLS_LEVEL_OPTION_H
#define GROVE_TOOLS_LEVEL_OPTION_H

#include <argp.h>

#include "level.h"
#include "run.h"

/* Its key, which is no letter. */
enum { OPTION_LEVEL = 512 };

/* The option, as an entry of a list for argp. */
#define LEVEL_OPTION                                                           \
    {                                                                          \
        "level", OPTION_LEVEL, "exact|hints|safe", 0,                          \
            "How well an answer must agree with Linux (default exact, or "     \
            "what "                                                            \
            "the adapter claims). hints: all but fields that no reader "       \
            "needs. "                                                          \
            "safe: every receiver gets what was sent",                         \
            0                                                                  \
    }

/* Its value; if it is none the program ends. */
enum level parse_level(const char *text, struct argp_state *state);

/*
 * The level that the adapter of this command claims in its hello; *level stays
 * if there is none. Returns an exit code; if it is not 0 there was a message.
 */
int claimed_level(const struct implementation *adapter, const char *command,
                  enum level *level);

#endif
