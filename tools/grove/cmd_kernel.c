/* SPDX-License-Identifier: MIT */
/* grove kernel: the live kernel behind the adapter protocol. */
#include <argp.h>

#include "adapter.h"
#include "command_line.h"
#include "common_option.h"
#include "grove.h"
#include "kernel_option.h"
#include "profile_option.h"

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    const char **profile = state->input;

    if (key != 'p')
        return options_only(key, value, state);
    *profile = parse_profile(value, state);
    return 0;
}

static void serve(const struct implementation *kernel, const char *profile)
{
    char release[64];
    const struct adapter_hello hello = {.impl = "linux",
                                        .version = release,
                                        .profiles = {&profile, 1},
                                        .gro = true,
                                        .gso = true};

    kernel_profile(release);
    adapter_serve(&hello, kernel, stdin, stdout);
}

int cmd_kernel(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"profile", 'p', "NAME", 0,
         "The profile of this kernel, if its series has none", 0},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .doc = "Answers requests of the adapter protocol, on standard input "
               "and output, by the kernel of this machine, in a separate "
               "network namespace. vectors/README.md describes the protocol.\v"
               "Needs CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_SYS_NICE and "
               "/dev/net/tun; exit status 77 if they are missing."};
    struct implementation kernel;
    const char *asked = NULL;
    const char *profile;
    int status;

    command_line(&argp, argc, argv, &asked);
    status = open_live_kernel(&kernel, asked, &profile);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    serve(&kernel, profile);
    implementation_close(&kernel);
    return GROVE_EXIT_HOLDS;
}
