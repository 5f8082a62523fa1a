/* SPDX-License-Identifier: MIT */
/* Accessors of an open device. */
#include "tun/device.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

int grove_tun_set_persistent(struct grove_tun *tun, bool persistent)
{
    return tun->system->ioctl(tun->queues[0].fd, TUNSETPERSIST,
                              tun_value(persistent ? 1 : 0)) == 0
               ? 0
               : errno;
}

const char *grove_tun_name(const struct grove_tun *tun)
{
    return tun->name;
}

int grove_tun_index(const struct grove_tun *tun)
{
    return tun->index;
}

uint32_t grove_tun_mtu(const struct grove_tun *tun)
{
    return tun->mtu;
}

bool grove_tun_shared(const struct grove_tun *tun)
{
    return tun->shared;
}

void grove_tun_layers(const struct grove_tun *tun, struct grove_config *config)
{
    config->link = tun->layers.link;
    config->vnet_len = tun->layers.vnet_len;
    config->tunnels = tun->layers.tunnels;
    config->tunnel_count = tun->layers.tunnel_count;
}

uint32_t grove_tun_queues(const struct grove_tun *tun)
{
    return tun->queue_count;
}

struct grove_tun_queue *grove_tun_queue(struct grove_tun *tun, uint32_t number)
{
    return number < tun->queue_count ? &tun->queues[number] : NULL;
}

int grove_tun_fd(const struct grove_tun_queue *queue)
{
    return queue->fd;
}

uint32_t grove_tun_offloads(const struct grove_tun *tun)
{
    return tun->offloads;
}
