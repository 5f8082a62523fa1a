/* SPDX-License-Identifier: MIT */
/* The live kernel and its profile. */
#ifndef GROVE_TOOLS_KERNEL_OPTION_H
#define GROVE_TOOLS_KERNEL_OPTION_H

#include "measure.h"
#include "run.h"

/*
 * Opens the running kernel. *profile gets `asked`; or, if that is NULL, the
 * profile that the kernel's answers have, a static string. Returns an exit
 * code; if it is not 0 there was a message, and nothing is open.
 */
int open_live_kernel(struct implementation *kernel, const char *asked,
                     const char **profile);

/* Prints a line that says the profile, on stderr. */
void say_kernel(const struct implementation *kernel, const char *profile);

/*
 * Opens the running kernel and finds its profile. Returns an exit code, as
 * above. measured_free() releases `measured` in any case.
 */
int open_measured_kernel(struct implementation *kernel,
                         struct measured *measured);

#endif
