/* SPDX-License-Identifier: MIT */
/* The live kernel and its profile. */
#ifndef GROVE_TOOLS_KERNEL_OPTION_H
#define GROVE_TOOLS_KERNEL_OPTION_H

#include "measure.h"
#include "run.h"

/* The size of the words of kernel_words(), with the terminating 0. */
#define KERNEL_WORDS 512

/* Says which profile a kernel was found to have. */
void kernel_words(char words[KERNEL_WORDS], const char *kernel,
                  const char *profile);

/*
 * Opens the running kernel, and prints a line on stderr that says its profile.
 * *profile gets `asked`; or, if that is NULL, the profile that the kernel's
 * answers have, a static string. Returns an exit code; if it is not 0 there was
 * a message, and nothing is open.
 */
int open_live_kernel(struct implementation *kernel, const char *asked,
                     const char **profile);

/* The same without that line. */
int open_silent_kernel(struct implementation *kernel, const char *asked,
                       const char **profile);

/*
 * Opens the running kernel and finds its profile. Returns an exit code, as
 * above. measured_free() releases `measured` in any case.
 */
int open_measured_kernel(struct implementation *kernel,
                         struct measured *measured);

#endif
