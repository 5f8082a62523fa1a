/* SPDX-License-Identifier: MIT */
/* The option --exec: an adapter, and the profile that it is asked under. */
#ifndef GROVE_TOOLS_ADAPTER_OPTION_H
#define GROVE_TOOLS_ADAPTER_OPTION_H

#include <argp.h>

#include "run.h"

/* The option --timeout, as an entry of a list for argp. */
#define TIMEOUT_OPTION                                                         \
    {                                                                          \
        "timeout", 'T', "MS", 0,                                               \
            "Time limit for an answer of an adapter, in milliseconds "         \
            "(default 10000)",                                                 \
            0                                                                  \
    }

/* Its value; if it is none the program ends. */
int parse_timeout(const char *text, struct argp_state *state);

/*
 * Opens the adapter that `command` runs, with this time limit for an answer, in
 * milliseconds. Returns an exit code; if it is not 0 there was a message, and
 * nothing is open.
 */
int open_adapter(struct implementation *adapter, const char *command,
                 int timeout_ms);

/*
 * The same for questions of one profile. The adapter must have *profile; if
 * that is NULL, it becomes the adapter's only profile.
 */
int open_adapter_profile(struct implementation *adapter, const char *command,
                         int timeout_ms, const char **profile);

#endif
