/* SPDX-License-Identifier: MIT */
/* What the devices are made for. */
#include "kernel_private.h"

#include <string.h>

const struct kernel_layers kernel_plain_layers = {
    .link = GROVE_LINK_NONE,
    .vnet_len = GROVE_VNET_LEN,
    .max_bytes = GROVE_DEFAULT_BYTES,
};

struct kernel_layers kernel_layers_of(const struct run_config *config)
{
    struct kernel_layers layers = {
        .link = config->link,
        .vnet_len = config->vnet_len,
        .max_bytes = config->max_bytes,
        .fraglist = config->fraglist,
        .hash = config->hash,
        .tunnel_count = config->tunnel_count,
    };

    memcpy(layers.tunnels, config->tunnels, sizeof layers.tunnels);
    return layers;
}

struct run_config kernel_layers_config(const struct kernel_layers *layers)
{
    struct run_config config = run_config_default();

    config.link = layers->link;
    config.vnet_len = layers->vnet_len;
    config.max_bytes = layers->max_bytes;
    config.fraglist = layers->fraglist;
    config.hash = layers->hash;
    config.tunnel_count = layers->tunnel_count;
    memcpy(config.tunnels, layers->tunnels, sizeof config.tunnels);
    return config;
}

static bool same_tunnels(const struct kernel_layers *a,
                         const struct kernel_layers *b)
{
    for (uint32_t i = 0; i < a->tunnel_count; i++)
        if (a->tunnels[i].protocol != b->tunnels[i].protocol ||
            a->tunnels[i].port != b->tunnels[i].port)
            return false;
    return true;
}

bool kernel_layers_equal(const struct kernel_layers *a,
                         const struct kernel_layers *b)
{
    return a->link == b->link && a->vnet_len == b->vnet_len &&
           a->max_bytes == b->max_bytes && a->fraglist == b->fraglist &&
           a->hash == b->hash && a->tunnel_count == b->tunnel_count &&
           same_tunnels(a, b);
}
