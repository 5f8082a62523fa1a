/* SPDX-License-Identifier: MIT */
/* grove kernel: the live kernel behind the adapter protocol. */
#include <argp.h>

#include "adapter.h"
#include "command_line.h"
#include "common_option.h"
#include "grove.h"
#include "kernel_option.h"
#include "no_answer.h"
#include "profile_option.h"

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    const char **profile = state->input;

    if (key != 'p')
        return options_only(key, value, state);
    *profile = parse_profile(value, state);
    return 0;
}

/* The kernel, and whether a question had no answer. */
struct asked {
    struct implementation kernel;
    bool failed;
};

/* Says so on stderr, too, and goes on: an answer tells its runner. */
static void ask(void *self, const struct run *run, struct answer *answer)
{
    struct asked *asked = self;

    asked->kernel.ask(asked->kernel.self, run, answer);
    if (no_answer(&asked->kernel, "a question", answer))
        asked->failed = true;
}

static void serve(struct asked *asked, const char *profile)
{
    const struct implementation kernel = {
        .self = asked, .name = asked->kernel.name, .ask = ask};
    char release[64];
    const struct adapter_hello hello = {.impl = "linux",
                                        .version = release,
                                        .profiles = {&profile, 1},
                                        .gro = true,
                                        .gso = true};

    kernel_profile(release);
    adapter_serve(&hello, &kernel, stdin, stdout);
}

int cmd_kernel(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"profile", 'p', "NAME", 0,
         "Profile to take the kernel for, instead of the one that its answers "
         "have",
         0},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .doc = "Answers requests of the adapter protocol, on standard input "
               "and output, by the kernel of this machine, in a separate "
               "network namespace. vectors/README.md describes the protocol.\v"
               "Needs CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_SYS_NICE and "
               "/dev/net/tun; exit status 77 if they are missing, 2 if a "
               "question had no answer."};
    struct asked asked = {0};
    const char *wanted = NULL;
    const char *profile;
    int status;

    command_line(&argp, argc, argv, &wanted);
    /* Its hello says the profile. */
    status = open_silent_kernel(&asked.kernel, wanted, &profile);
    if (status != GROVE_EXIT_HOLDS)
        return status;
    serve(&asked, profile);
    implementation_close(&asked.kernel);
    return asked.failed ? GROVE_EXIT_USAGE : GROVE_EXIT_HOLDS;
}
