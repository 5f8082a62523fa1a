/* SPDX-License-Identifier: MIT */
#include "kernel_option.h"

#include <stdio.h>
#include <string.h>

#include "grove.h"

void kernel_words(char words[KERNEL_WORDS], const char *kernel,
                  const char *profile)
{
    char release[64];
    const char *known = kernel_profile(release);

    if (known == NULL || strcmp(known, profile) == 0)
        snprintf(words, KERNEL_WORDS, "%s has the profile %s", kernel, profile);
    else
        snprintf(words, KERNEL_WORDS,
                 "%s has the profile %s, and the newest kernels of its series "
                 "have %s",
                 kernel, profile, known);
}

static void say_kernel(const struct implementation *kernel, const char *asked,
                       const char *profile)
{
    char words[KERNEL_WORDS];

    if (asked != NULL) {
        complain("%s is taken for %s, which --profile names", kernel->name,
                 asked);
        return;
    }
    kernel_words(words, kernel->name, profile);
    complain("%s", words);
}

static void say_misfits(const struct implementation *kernel,
                        const struct measured *measured)
{
    for (size_t i = 0; i < measured->misfit_count; i++)
        complain("%s answers the vector %s as no profile does; `grove profile` "
                 "shows it",
                 kernel->name, measured->misfits[i].vector);
}

static int refuse(const char *why)
{
    complain("the kernel cannot be asked: %s; see `grove doctor`", why);
    return GROVE_EXIT_SKIPPED;
}

int open_measured_kernel(struct implementation *kernel,
                         struct measured *measured)
{
    char why[256];

    if (!measure_kernel(measured, kernel, why))
        return refuse(why);
    if (measured->failure == NULL)
        return GROVE_EXIT_HOLDS;
    complain("%s", measured->failure);
    implementation_close(kernel);
    return GROVE_EXIT_USAGE;
}

static int open_as(struct implementation *kernel, const char *profile)
{
    char why[256];

    if (!kernel_open(kernel, why))
        return refuse(why);
    kernel_set_profile(kernel, profile);
    return GROVE_EXIT_HOLDS;
}

int open_silent_kernel(struct implementation *kernel, const char *asked,
                       const char **profile)
{
    static char name[GROVE_PROFILE_NAME_SIZE];
    struct measured measured = {0};
    int status;

    *profile = asked != NULL ? asked : name;
    if (asked != NULL)
        return open_as(kernel, asked);
    status = open_measured_kernel(kernel, &measured);
    if (status == GROVE_EXIT_HOLDS) {
        memcpy(name, measured.name, sizeof name);
        say_misfits(kernel, &measured);
    }
    measured_free(&measured);
    return status;
}

int open_live_kernel(struct implementation *kernel, const char *asked,
                     const char **profile)
{
    const int status = open_silent_kernel(kernel, asked, profile);

    if (status == GROVE_EXIT_HOLDS)
        say_kernel(kernel, asked, *profile);
    return status;
}
