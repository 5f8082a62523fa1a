/* SPDX-License-Identifier: MIT */
/* The options of commands that make packets with a link header and tunnels. */
#ifndef GROVE_TOOLS_LAYERS_OPTION_H
#define GROVE_TOOLS_LAYERS_OPTION_H

#include <argp.h>

#include "run.h"

enum {
    OPTION_LINK = 768,
    OPTION_TUNNELS,
    OPTION_LAYERS,
    OPTION_VNET_LEN,
    OPTION_FRAGLIST,
    OPTION_HASH
};

/* --link, --vnet-len and --tunnels. */
#define LAYERS_OF_PACKETS                                                      \
    {                                                                          \
        "link",                                                                \
        OPTION_LINK,                                                           \
        "none|ethernet",                                                       \
        0,                                                                     \
        "Packets begin with this header",                                      \
        0},                                                                    \
        {"vnet-len",                                                           \
         OPTION_VNET_LEN,                                                      \
         "10|12|24",                                                           \
         0,                                                                    \
         "Virtio headers have so many bytes (default 10)",                     \
         0},                                                                   \
    {                                                                          \
        "tunnels", OPTION_TUNNELS, "LIST", 0,                                  \
            "Tunnels that end at the host, separated by commas: ipip, gre, "   \
            "vxlan:PORT, vxlan-gpe:PORT, geneve:PORT, pppoe",                  \
            0                                                                  \
    }

/* These, and --layers. */
#define LAYERS_OPTIONS                                                         \
    {"layers",                                                                 \
     OPTION_LAYERS,                                                            \
     NULL,                                                                     \
     0,                                                                        \
     "Packets with a link header and in tunnels, which change at random",      \
     0},                                                                       \
        LAYERS_OF_PACKETS

struct layers_option {
    bool random;              /* --layers */
    bool given;               /* another one of these options */
    struct run_config config; /* what these ask for */
};

/*
 * Reads names of tunnels, separated by commas; returns how many. A wrong one
 * ends the program.
 */
uint32_t parse_tunnels(struct grove_tunnel tunnels[GROVE_MAX_TUNNELS],
                       char *text, struct argp_state *state);

/* Reads one of the options; a wrong value ends the program. */
void parse_layers(struct layers_option *option, int key, char *text,
                  struct argp_state *state);

/*
 * True if batch `number` has layers: those of the option are in `config`. At
 * random they stay for many batches, as each change takes new devices.
 */
bool layers_of_batch(const struct layers_option *option, uint64_t seed,
                     uint64_t number, struct run_config *config);

#endif
