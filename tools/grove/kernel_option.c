/* SPDX-License-Identifier: MIT */
#include "kernel_option.h"

#include <string.h>

#include "grove.h"

int open_live_kernel(struct implementation *kernel, const char *asked,
                     const char **profile)
{
    char release[64];
    char why[256];

    *profile = kernel_profile(release);
    if (*profile == NULL && asked == NULL) {
        complain("Linux %s has no profile; name the one to compare it with by "
                 "--profile",
                 release);
        return GROVE_EXIT_USAGE;
    }
    if (*profile != NULL && asked != NULL && strcmp(asked, *profile) != 0) {
        complain("--profile %s: the profile of this kernel is %s; leave it out",
                 asked, *profile);
        return GROVE_EXIT_USAGE;
    }
    if (*profile == NULL)
        *profile = asked;
    if (kernel_open(kernel, *profile, why))
        return GROVE_EXIT_HOLDS;
    complain("the kernel cannot be asked: %s", why);
    return GROVE_EXIT_SKIPPED;
}
