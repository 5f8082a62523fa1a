/* SPDX-License-Identifier: MIT */
/* grove adapter: the reference behind the adapter protocol. */
#include <argp.h>

#include "adapter.h"
#include "command_line.h"
#include "common_option.h"
#include "grove.h"
#include "grove/table.h"

static struct strings all_profiles(void)
{
    struct strings profiles = {.at = grove_profiles()};

    while (profiles.at[profiles.count] != NULL)
        profiles.count++;
    return profiles;
}

int cmd_adapter(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = options_only,
        .doc = "Answers requests of the adapter protocol, on standard input "
               "and output, by the reference. vectors/README.md describes the "
               "protocol."};
    const struct adapter_hello hello = {.impl = "grove",
                                        .version = grove_version(),
                                        .profiles = all_profiles(),
                                        .gro = true,
                                        .gso = true,
                                        .verdict = true,
                                        .rule = true};
    struct implementation reference;

    command_line(&argp, argc, argv, NULL);
    reference_open(&reference);
    adapter_serve(&hello, &reference, stdin, stdout);
    implementation_close(&reference);
    return GROVE_EXIT_HOLDS;
}
