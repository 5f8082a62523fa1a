/* SPDX-License-Identifier: MIT */
/* The live kernel and its profile. */
#ifndef GROVE_TOOLS_KERNEL_OPTION_H
#define GROVE_TOOLS_KERNEL_OPTION_H

#include "run.h"

/*
 * Opens the running kernel. *profile gets the profile of its series, or `asked`
 * if the series has none. Returns an exit code; if it is not 0 there was a
 * message, and nothing is open.
 */
int open_live_kernel(struct implementation *kernel, const char *asked,
                     const char **profile);

#endif
