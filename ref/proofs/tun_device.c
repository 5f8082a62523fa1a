/* SPDX-License-Identifier: MIT */
/* tun/device.c and tun/stats.c: what is asked about an open device. */
#define _GNU_SOURCE
#include "proof.h"

#include "../tun/device.c"
#include "../tun/stats.c"
#include <linux/if_tun.h>

enum { QUEUES = 2 };

static int any_ioctl(int fd, unsigned long request, void *argument)
{
    (void)fd;
    PROVE(request == TUNSETPERSIST && (size_t)argument <= 1);
    errno = (int)nondet_u16();
    ASSUME(errno != 0);
    return nondet_bool() ? -1 : 0;
}

static const struct tun_system any_system = {.ioctl = any_ioctl};

/* A device that has as much memory as its queues need. */
static struct grove_tun *any_tun(void)
{
    const uint32_t count = nondet_bool() ? 1 : QUEUES;
    struct grove_tun *tun = malloc(sizeof *tun + count * sizeof tun->queues[0]);

    tun->system = &any_system;
    tun->queue_count = count;
    tun->name[IFNAMSIZ - 1] = '\0';
    return tun;
}

void proof_tun_device(void)
{
    struct grove_tun *const tun = any_tun();
    const uint32_t number = nondet_u32();
    struct grove_tun_queue *const queue = grove_tun_queue(tun, number);
    struct grove_config config;
    int error;

    PROVE((queue != NULL) == (number < grove_tun_queues(tun)));
    PROVE(queue == NULL || __CPROVER_w_ok(queue, sizeof *queue));
    PROVE(queue == NULL || grove_tun_fd(queue) == queue->fd);
    grove_tun_layers(tun, &config);
    PROVE(config.link == tun->layers.link);
    PROVE(__CPROVER_r_ok(grove_tun_name(tun), IFNAMSIZ));
    PROVE(grove_tun_index(tun) == tun->index);
    PROVE(grove_tun_mtu(tun) == tun->mtu);
    PROVE(grove_tun_shared(tun) == tun->shared);
    PROVE(grove_tun_offloads(tun) == tun->offloads);
    error = grove_tun_set_persistent(tun, nondet_bool());
    PROVE(error >= 0);
    REACHES(number == 1 && queue != NULL);
    REACHES(number == UINT32_MAX && queue == NULL);
    REACHES(error == 0);
}

/* The counters of all queues, by any value of a rule. */
void proof_tun_stats(void)
{
    const struct grove_tun *const tun = any_tun();
    const enum grove_rule rule = (enum grove_rule)nondet_u32();
    struct grove_tun_stats stats;
    uint64_t reads = 0;

    grove_tun_stats(tun, &stats);
    for (uint32_t i = 0; i < QUEUES; i++)
        reads += i < tun->queue_count ? tun->queues[i].reader.reads : 0;
    PROVE(stats.reads == reads);
    const uint64_t dropped = grove_tun_dropped(tun, rule);
    const uint64_t alone = grove_tun_not_merged(tun, rule);

    PROVE((unsigned)rule < RULE_LIMIT || (dropped == 0 && alone == 0));
    REACHES(dropped == 7 && tun->queue_count == QUEUES);
    REACHES(alone == 7 && rule == RULE_LIMIT - 1);
    REACHES(rule == (enum grove_rule)1000000);
}
