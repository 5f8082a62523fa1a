/* SPDX-License-Identifier: MIT */
/*
 * Targets: any implementation behind an adapter (vectors/README.md), compared
 * with the reference. GROVE_FUZZ_EXEC is the adapter's command, for /bin/sh.
 *
 * Asserts: all tiers that the adapter promises are those of the reference. It
 * answers in time all that it does not skip, and does not crash.
 *
 * Input: a batch (script.h), for op gro or gso. If the adapter does not have
 * the profile, its last one is used.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "check.h"
#include "diff.h"
#include "input.h"
#include "target.h"

enum { TIMES = 1, EXIT_USAGE = 2 };

static struct input input;
static struct implementation port;

static void open_port(char why[256])
{
    if (!adapter_open(&port, getenv("GROVE_FUZZ_EXEC"), ADAPTER_TIMEOUT_MS,
                      why))
        port.self = NULL;
}

static void close_port(void)
{
    implementation_close(&port);
}

/* The adapter is tried first, so that a wrong command is not a finding. */
void target_make(void)
{
    char why[256];

    input_make(&input);
    if (getenv("GROVE_FUZZ_EXEC") == NULL)
        errx(EXIT_USAGE, "GROVE_FUZZ_EXEC is not set; give the command of an "
                         "adapter");
    open_port(why);
    if (port.self == NULL)
        errx(EXIT_USAGE, "GROVE_FUZZ_EXEC=%s: %s; give an adapter",
             getenv("GROVE_FUZZ_EXEC"), why);
    close_port();
}

static const char *known_profile(const char *profile)
{
    const struct strings *known = &adapter_said(&port)->profiles;

    for (size_t i = 0; i < known->count; i++)
        if (strcmp(known->at[i], profile) == 0)
            return profile;
    return known->count != 0 ? known->at[known->count - 1] : profile;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run *run = &input.run;
    char why[256];

    input_decode(&input, data, size);
    if (run->op == RUN_GSO)
        input_decode_gso(&input, data, size);
    if (port.self == NULL) {
        open_port(why);
        CHECK(port.self != NULL, "the adapter does not start: %s", why);
        atexit(close_port);
    }
    run->config.csum_offload = false; /* the protocol cannot express it */
    run->profile = known_profile(run->profile);
    diff_ask(&port, run, TIMES);
    return 0;
}
