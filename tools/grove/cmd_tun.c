/* SPDX-License-Identifier: MIT */
/* grove tun: joins two devices through the library, until interrupted. */
#include <argp.h>
#include <signal.h>
#include <stdlib.h>

#include "command_line.h"
#include "grove.h"
#include "layers_option.h"
#include "number_option.h"
#include "tun_device.h"
#include "tun_join.h"
#include "tun_report.h"

/* The MTU of most devices, in bytes. */
#define USUAL_MTU 1500

/* What a TAP adds to its MTU: an Ethernet header, and two VLAN tags. */
#define LINK_MAX (14 + 2 * 4)

enum {
    OPTION_TAP = 256,
    OPTION_NO_TUNNEL_OFFLOAD,
    OPTION_NO_OFFLOAD,
    OPTION_NO_TCP,
    OPTION_NO_UDP,
    OPTION_DROP,
    OPTION_SWAP,
    OPTION_SEED,
    OPTION_JSON
};

struct options {
    struct tun_device devices[2];
    size_t device_count;
    struct join_faults faults;
    uint32_t queues;
    uint32_t protocols;
    char profile[GROVE_PROFILE_NAME_SIZE]; /* of the running kernel */
    struct tun_probed probed;
    struct grove_tunnel tunnels[GROVE_MAX_TUNNELS];
    uint32_t tunnel_count;
    bool tap;
    bool no_tunnel_offload;
    bool no_offload;
    bool json;
};

static const struct argp_option option_list[] = {
    {"queues", 'q', "N", 0,
     "Open N queues of each device, with a thread for each (default 1)", 0},
    {"tap", OPTION_TAP, NULL, 0,
     "The devices are TAPs, which exchange Ethernet frames", 0},
    {"tunnels", OPTION_TUNNELS, "LIST", 0,
     "With --tap: coalesce in these tunnels, separated by commas: "
     "vxlan:PORT, vxlan-gpe:PORT, geneve:PORT",
     0},
    {"no-tunnel-offload", OPTION_NO_TUNNEL_OFFLOAD, NULL, 0,
     "Exchange no super-packets in tunnels, and use virtio headers of 10 bytes",
     0},
    {"no-offload", OPTION_NO_OFFLOAD, NULL, 0,
     "Exchange no super-packets with the devices", 0},
    {"no-tcp", OPTION_NO_TCP, NULL, 0, "Coalesce no TCP", 0},
    {"no-udp", OPTION_NO_UDP, NULL, 0, "Coalesce no UDP", 0},
    {"drop", OPTION_DROP, "N", 0, "For tests: drop one packet in N", 0},
    {"swap", OPTION_SWAP, "N", 0,
     "For tests: swap one packet in N with the next of its batch", 0},
    {"seed", OPTION_SEED, "N", 0, "Seed of --drop and --swap (default 0)", 0},
    {"json", OPTION_JSON, NULL, 0, "Print JSON, an object a line", 0},
    {0}};

static void parse_device(struct options *options, const char *word,
                         struct argp_state *state)
{
    if (options->device_count == 2)
        wrong_usage(state, "%s: two devices are enough", word);
    if (!tun_device_parse(word, &options->devices[options->device_count++]))
        exit(GROVE_EXIT_USAGE);
}

static error_t parse_switch(int key, struct options *options)
{
    switch (key) {
    case OPTION_TAP:
        options->tap = true;
        return 0;
    case OPTION_NO_TUNNEL_OFFLOAD:
        options->no_tunnel_offload = true;
        return 0;
    case OPTION_NO_OFFLOAD:
        options->no_offload = true;
        return 0;
    case OPTION_NO_TCP:
        options->protocols &= ~GROVE_TUN_TCP;
        return 0;
    case OPTION_NO_UDP:
        options->protocols &= ~GROVE_TUN_UDP;
        return 0;
    case OPTION_JSON:
        options->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case 'q':
        options->queues = (uint32_t)parse_number("queues", text, 1,
                                                 GROVE_TUN_MAX_QUEUES, state);
        return 0;
    case OPTION_TUNNELS:
        options->tunnel_count = parse_tunnels(options->tunnels, text, state);
        return 0;
    case OPTION_DROP:
        options->faults.drop =
            (uint32_t)parse_number("drop", text, 1, UINT32_MAX, state);
        return 0;
    case OPTION_SWAP:
        options->faults.swap =
            (uint32_t)parse_number("swap", text, 1, UINT32_MAX, state);
        return 0;
    case OPTION_SEED:
        options->faults.seed = parse_number("seed", text, 0, UINT64_MAX, state);
        return 0;
    case ARGP_KEY_ARG:
        parse_device(options, text, state);
        return 0;
    case ARGP_KEY_END:
        if (options->device_count < 2)
            wrong_usage(state, "two devices are needed");
        return 0;
    default:
        return parse_switch(key, options);
    }
}

/* Asks the kernel first what it does to super-packets. */
static void probe(struct options *options)
{
    struct tun_probed *probed = &options->probed;

    probed->asked = !options->no_offload;
    if (probed->asked)
        probed->good = grove_tun_probe(&probed->kernel, &probed->error);
}

/* What is known of the kernel, or NULL. */
static const struct grove_tun_kernel *known(const struct options *options)
{
    return options->probed.good ? &options->probed.kernel : NULL;
}

static int open_devices(struct options *options)
{
    int status = GROVE_EXIT_HOLDS;

    for (int i = 0; i < 2 && status == GROVE_EXIT_HOLDS; i++) {
        struct grove_tun_config *config = &options->devices[i].config;

        config->tap = options->tap;
        config->tunnels = options->tunnels;
        config->tunnel_count = options->tunnel_count;
        config->no_tunnel_offload = options->no_tunnel_offload;
        config->no_offload = options->no_offload;
        config->kernel = known(options);
        if (config->fd_count == 0)
            config->queues = options->queues;
        status = tun_device_open(&options->devices[i]);
        if (status == GROVE_EXIT_HOLDS)
            grove_tun_set_coalescing(options->devices[i].tun,
                                     options->protocols);
    }
    return status;
}

/* Queue i of one device is joined with queue i of the other. */
static bool queues_agree(const struct options *options)
{
    const uint32_t left = grove_tun_queues(options->devices[0].tun);
    const uint32_t right = grove_tun_queues(options->devices[1].tun);

    if (left != right)
        complain("%s has %u queues, %s has %u; give both as many fd= or "
                 "--queues",
                 options->devices[0].word, left, options->devices[1].word,
                 right);
    return left == right;
}

static size_t slot_of(const struct options *options)
{
    size_t slot = USUAL_MTU;

    for (int i = 0; i < 2; i++)
        if (grove_tun_mtu(options->devices[i].tun) > slot)
            slot = grove_tun_mtu(options->devices[i].tun);
    return slot + (options->tap ? LINK_MAX : 0);
}

static int join(const struct options *options)
{
    struct join join = {
        .tuns = {options->devices[0].tun, options->devices[1].tun},
        .profile = options->profile,
        .slot = slot_of(options),
        .faults = options->faults,
        .tunnels = options->tunnel_count != 0,
    };
    int status;

    tun_report_up(&join, &options->probed, options->json);
    status = join_run(&join);
    if (status != GROVE_EXIT_USAGE)
        tun_report_end(&join, options->json);
    return status;
}

/* Threads inherit the mask, so that only the main thread gets signals. */
static void block_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int cmd_tun(int argc, char **argv)
{
    static const struct argp parser = {
        .options = option_list,
        .parser = parse,
        .args_doc = "DEVICE DEVICE",
        .doc = "Joins two TUN devices, or with --tap two TAPs. Packets from "
               "one are split, coalesced "
               "again and written to the other, until SIGINT or SIGTERM. Then "
               "statistics are printed. Before that, the kernel is asked what "
               "it does to super-packets. What it gets wrong is printed, and "
               "sent as single packets.\v"
               "DEVICE is NAME[,KEY=VALUE...]: netns=NAME|PATH, "
               "address=ADDRESS/PREFIX (repeat it for more addresses), mtu=N, "
               "owner=USER, group=GROUP, persist. Or it is ,fd=N, an open "
               "descriptor (repeat it for more queues).",
    };
    struct options options = {.protocols = GROVE_TUN_TCP | GROVE_TUN_UDP |
                                           GROVE_TUN_TUNNELS};
    int status;

    command_line(&parser, argc, argv, &options);
    block_signals();
    probe(&options);
    grove_tun_profile(known(&options), options.profile);
    status = open_devices(&options);
    if (status == GROVE_EXIT_HOLDS)
        status = queues_agree(&options) ? join(&options) : GROVE_EXIT_USAGE;
    for (int i = 0; i < 2; i++)
        grove_tun_close(options.devices[i].tun);
    return status;
}
