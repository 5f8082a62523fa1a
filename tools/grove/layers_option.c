/* SPDX-License-Identifier: MIT */
#include "layers_option.h"

#include <string.h>

#include "command_line.h"
#include "generate_shell.h"
#include "tunnel.h"

/* So many batches have the same link and tunnels. */
#define SAME_LAYERS 500

uint32_t parse_tunnels(struct grove_tunnel tunnels[GROVE_MAX_TUNNELS],
                       char *text, struct argp_state *state)
{
    char *rest = text;
    uint32_t count = 0;
    char *name;

    while ((name = strsep(&rest, ",")) != NULL) {
        if (count == GROVE_MAX_TUNNELS)
            wrong_usage(state, "--tunnels: give %d at most", GROVE_MAX_TUNNELS);
        if (!tunnel_read(name, &tunnels[count++]))
            wrong_usage(state,
                        "--tunnels: %s: give ipip, gre, vxlan:PORT, "
                        "vxlan-gpe:PORT, geneve:PORT or pppoe",
                        name);
    }
    return count;
}

static enum grove_link parse_link(const char *text, struct argp_state *state)
{
    if (strcmp(text, "ethernet") == 0)
        return GROVE_LINK_ETHERNET;
    if (strcmp(text, "none") != 0)
        wrong_usage(state, "--link %s: give none or ethernet", text);
    return GROVE_LINK_NONE;
}

static uint8_t parse_vnet_len(const char *text, struct argp_state *state)
{
    static const char *const lengths[] = {"10", "12", "24"};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        if (strcmp(text, lengths[i]) == 0)
            return (uint8_t)((text[0] - '0') * 10 + text[1] - '0');
    wrong_usage(state, "--vnet-len %s: give 10, 12 or 24", text);
    return 0;
}

void parse_layers(struct layers_option *option, int key, char *text,
                  struct argp_state *state)
{
    if (!option->given)
        option->config = run_config_default();
    if (key == OPTION_LAYERS)
        option->random = true;
    else
        option->given = true;
    if (key == OPTION_LINK)
        option->config.link = parse_link(text, state);
    if (key == OPTION_TUNNELS)
        option->config.tunnel_count =
            parse_tunnels(option->config.tunnels, text, state);
    if (key == OPTION_VNET_LEN)
        option->config.vnet_len = parse_vnet_len(text, state);
    if (key == OPTION_FRAGLIST)
        option->config.fraglist = true;
    if (key == OPTION_HASH)
        option->config.hash = true;
    if (option->random && option->config.fraglist)
        wrong_usage(state, "--fraglist: packets have no link and no tunnels; "
                           "leave --layers out");
    if (option->random && option->given)
        wrong_usage(state, "--layers chooses the link, the tunnels and the "
                           "virtio header; leave --hash, --link, --tunnels "
                           "and --vnet-len out");
}

bool layers_of_batch(const struct layers_option *option, uint64_t seed,
                     uint64_t number, struct run_config *config)
{
    struct dice dice = {.state = seed + number / SAME_LAYERS};

    *config = option->given ? option->config : run_config_default();
    if (option->random)
        layers_pick(&dice, config);
    return option->random || option->given;
}
