/* SPDX-License-Identifier: MIT */
/* DPDK's rte_gro and rte_gso behind the adapter protocol. */
#include <rte_version.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "peer.h"
#include "speed.h"

/* NULL, or what of this configuration DPDK does not have, or is not given. */
static const char *cannot_have(const struct run_config *config)
{
    if (config->lossless)
        return "it has no lossless mode";
    if (config->fraglist)
        return "it makes no lists of packets";
    if (config->hash)
        return "it takes no hashes";
    if (config->max_bytes != GROVE_DEFAULT_BYTES)
        return "its super-packets have up to 65535 bytes";
    if (config->link != GROVE_LINK_NONE || config->tunnel_count != 0)
        return "it is asked about IP packets in no tunnel only";
    return NULL;
}

static void ask(void *self, const struct run *run, struct answer *answer)
{
    const struct frames *frames = self;
    const char *why = cannot_have(&run->config);

    answer_reset(answer);
    if (run->op == RUN_GSO)
        peer_split(frames, run_packet(run, 0), answer);
    else if (why != NULL)
        answer_fail(answer, ANSWER_SKIPPED, "%s", why);
    else
        peer_coalesce(frames, run, answer);
}

int main(int argc, char **argv)
{
    static const char *profile = "linux-6.18";
    const struct adapter_hello hello = {.impl = "dpdk",
                                        .version = rte_version() + 5,
                                        .profiles = {&profile, 1},
                                        .gro = true,
                                        .gso = true,
                                        .level = "safe"};
    struct frames frames;
    const struct implementation dpdk = {
        .self = &frames, .name = "dpdk", .ask = ask};

    if (!frames_start(&frames)) {
        fputs("grove-peer-dpdk: DPDK does not start here\n", stderr);
        return EXIT_FAILURE;
    }
    if (argc > 1 && strcmp(argv[1], "bench") == 0)
        return speed_serve(&frames) ? EXIT_SUCCESS : 2;
    adapter_serve(&hello, &dpdk, stdin, stdout);
    return EXIT_SUCCESS;
}
