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
#include "layers.h"
#include "measure.h"

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

void diff_fit_layers(struct run_config *config)
{
    static const struct grove_tunnel tunnels[] = {
        {GROVE_TUNNEL_IPIP, 0},
        {GROVE_TUNNEL_GRE, 0},
        {GROVE_TUNNEL_VXLAN, 4789},
    };

    config->fraglist = false;
    config->max_bytes = GROVE_DEFAULT_BYTES;
    if (config->link == GROVE_LINK_NONE && config->tunnel_count == 0 &&
        config->vnet_len == GROVE_VNET_LEN)
        return;
    config->vnet_len = GROVE_VNET_TUNNEL_LEN;
    config->tunnel_count = sizeof tunnels / sizeof tunnels[0];
    memcpy(config->tunnels, tunnels, sizeof tunnels);
}

/* K-2: protocols whose payload a kernel may read, whatever `tunnels` has. */
static bool is_tunnel(const struct run_config *config, uint8_t protocol)
{
    if (protocol == IPPROTO_IPIP || protocol == IPPROTO_IPV6 ||
        protocol == IPPROTO_GRE)
        return config->tunnel_count == 0;
    return protocol == IPPROTO_ESP;
}

/* K-8: Ethernet in a frame, perhaps behind VLAN tags. */
static bool is_framed(const struct layers *layers)
{
    unsigned at = 1;

    while (at < layers->count && layers->layer[at].kind == LAYER_TAG)
        at++;
    return at < layers->count && layers->layer[at].kind == LAYER_ETHERNET;
}

static bool is_left_out(const struct run_config *config,
                        const struct run_input *packet)
{
    const struct layers layers = layers_of(config, packet->packet, packet->len);

    if (config->link == GROVE_LINK_ETHERNET && is_framed(&layers))
        return true;
    for (unsigned i = 0; i < layers.count; i++) {
        const struct layer *layer = &layers.layer[i];

        if (layer->kind == LAYER_IP &&
            is_tunnel(config, layout_of(packet->packet + layer->at,
                                        packet->len - layer->at)
                                  .protocol))
            return true;
    }
    return false;
}

/* K-1: an IPv4 header, and an IPv6 header with the same bytes as its key. */
static bool is_alias(const uint8_t *ip4, const uint8_t *ip6)
{
    return ip4[0] >> 4 == 4 && ip6[0] >> 4 == 6 && ip4[9] == ip6[9] &&
           memcmp(ip4 + 12, ip6 + 12, 8) == 0;
}

/* The same for any two IP headers of the packets. */
static bool have_alias(const struct run_config *config,
                       const struct run_input *a, const struct run_input *b)
{
    const struct layers one = layers_of(config, a->packet, a->len);
    const struct layers other = layers_of(config, b->packet, b->len);

    for (unsigned i = 0; i < one.count; i++)
        for (unsigned j = 0; j < other.count; j++)
            if (one.layer[i].kind == LAYER_IP &&
                other.layer[j].kind == LAYER_IP &&
                is_alias(a->packet + one.layer[i].at,
                         b->packet + other.layer[j].at))
                return true;
    return false;
}

bool diff_is_known(const struct run *run)
{
    for (size_t i = 0; i < run->inputs; i++) {
        if (run->input[i].flush)
            continue;
        if (is_left_out(&run->config, &run->input[i]))
            return true;
        for (size_t j = 0; j < run->inputs; j++)
            if (!run->input[j].flush &&
                have_alias(&run->config, &run->input[i], &run->input[j]))
                return true;
    }
    return false;
}
