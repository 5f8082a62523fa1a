/* SPDX-License-Identifier: MIT */
/* The option --exec: an adapter, and the profile that it is asked under. */
#ifndef GROVE_TOOLS_ADAPTER_OPTION_H
#define GROVE_TOOLS_ADAPTER_OPTION_H

#include "run.h"

/*
 * Opens the adapter that `command` runs. Returns an exit code; if it is not 0
 * there was a message, and nothing is open.
 */
int open_adapter(struct implementation *adapter, const char *command,
                 int timeout_ms);

/*
 * The same for questions of one profile. The adapter must have *profile; if
 * that is NULL, it becomes the adapter's only profile.
 */
int open_adapter_profile(struct implementation *adapter, const char *command,
                         const char **profile);

#endif
