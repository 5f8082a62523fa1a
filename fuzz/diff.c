/* SPDX-License-Identifier: MIT */
#include "diff.h"

#include <err.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "measure.h"
#include "mend.h"

enum { EXIT_USAGE = 2, EXIT_SKIPPED = 77 };

/* That of this machine; opened by the first call of diff_kernel(). */
static struct implementation kernel;

/*
 * The reference is asked once, so that its coverage depends only on the input.
 * Otherwise AFL++ would report that the target is unstable.
 */
static const struct answer *ask_reference(const struct run *run)
{
    static struct implementation reference;
    static struct answer ours;

    if (reference.self == NULL)
        reference_open(&reference);
    reference.ask(reference.self, run, &ours);
    return &ours;
}

/* A kernel that does not answer is not a finding; exit(3) would make it one. */
static void end_without_answer(const char *why)
{
    warnx("%s: %s", kernel.name, why);
    _exit(EXIT_USAGE);
}

static bool differs(struct implementation *other, const struct run *run,
                    const struct answer *ours, const char **why)
{
    static struct answer theirs;
    static struct arena words;

    other->ask(other->self, run, &theirs);
    if (other == &kernel && theirs.kind == ANSWER_LOST)
        end_without_answer(theirs.reason);
    arena_reset(&words);
    return theirs.kind != ANSWER_SKIPPED &&
           !answers_agree(&theirs, ours, &words, why);
}

void diff_ask(struct implementation *other, const struct run *run, int times)
{
    const struct answer *ours = ask_reference(run);
    const char *why = "";
    int differed = 0;

    while (differed < times && differs(other, run, ours, &why))
        differed++;
    CHECK(differed < times, "%s, profile %s: the reference and %s differ: %s",
          run->op == RUN_GSO ? "gso" : "gro", run->profile, other->name, why);
    if (differed != 0)
        warnx("%s differed from the reference, but not when asked again: %s",
              other->name, why);
}

/* The profile of the kernel of this machine. */
static char kernel_row[GROVE_PROFILE_NAME_SIZE];

void diff_probe_kernel(void)
{
    struct implementation probed;
    struct measured measured = {0};
    char why[256];

    if (!measure_kernel(&measured, &probed, why))
        errx(EXIT_SKIPPED, "skipped: the kernel cannot be asked: %s", why);
    if (measured.failure != NULL)
        errx(EXIT_USAGE, "%s", measured.failure);
    snprintf(kernel_row, sizeof kernel_row, "%s", measured.name);
    warnx("%s has the profile %s", probed.name, kernel_row);
    measured_free(&measured);
    implementation_close(&probed);
}

/*
 * This thread stays on one CPU. Moving to the CPU of the polling thread and
 * back, for each input, would take a tenth of the time.
 */
static void stay_here(void)
{
    cpu_set_t here;

    CPU_ZERO(&here);
    CPU_SET((size_t)sched_getcpu(), &here);
    CHECK(sched_setaffinity(0, sizeof here, &here) == 0, "no CPU to stay on");
}

static void close_kernel(void)
{
    implementation_close(&kernel);
}

struct implementation *diff_kernel(const char **profile)
{
    char why[256];

    if (kernel.self == NULL) {
        CHECK(kernel_open(&kernel, why), "the kernel cannot be asked: %s", why);
        kernel_set_profile(&kernel, kernel_row);
        stay_here();
        atexit(close_kernel);
    }
    *profile = kernel_row;
    return &kernel;
}

/* K-2: protocols whose payload a kernel may read. */
static bool is_tunnel(const struct run_input *packet)
{
    const uint8_t protocol = layout_of(packet->packet, packet->len).protocol;

    return protocol == IPPROTO_IPIP || protocol == IPPROTO_IPV6 ||
           protocol == IPPROTO_GRE || protocol == IPPROTO_ESP;
}

/* K-1: an IPv4 packet, and an IPv6 packet with the same bytes as its key. */
static bool is_alias(const struct run_input *ip4, const struct run_input *ip6)
{
    return ip4->len >= 20 && ip6->len >= 40 && ip4->packet[0] >> 4 == 4 &&
           ip6->packet[0] >> 4 == 6 && ip4->packet[9] == ip6->packet[9] &&
           memcmp(ip4->packet + 12, ip6->packet + 12, 8) == 0;
}

bool diff_is_known(const struct run *run)
{
    for (size_t i = 0; i < run->inputs; i++) {
        if (!run->input[i].flush && is_tunnel(&run->input[i]))
            return true;
        for (size_t j = 0; j < run->inputs; j++)
            if (!run->input[i].flush && !run->input[j].flush &&
                is_alias(&run->input[i], &run->input[j]))
                return true;
    }
    return false;
}
