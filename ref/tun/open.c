/* SPDX-License-Identifier: MIT */
/* Opening and closing a device. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "grove/profile.h"
#include "tun/cause.h"
#include "tun/columns.h"
#include "tun/config.h"
#include "tun/nodes.h"
#include "tun/opening.h"
#include "tun/settings.h"

static bool check_request(struct tun_opening *opening)
{
    return tun_check_cause(opening, GROVE_TUN_STEP_CONFIG, 0,
                           tun_config_check(opening->config));
}

static bool check_profile(struct tun_opening *opening)
{
    struct grove_profile profile;

    return tun_check_cause(
        opening, GROVE_TUN_STEP_PROFILE, 0,
        grove_profile_values(opening->config->profile, &profile) == GROVE_OK
            ? GROVE_TUN_CAUSE_UNKNOWN
            : GROVE_TUN_CAUSE_PROFILE);
}

static bool make_queue(struct tun_opening *opening,
                       struct grove_tun_queue *queue)
{
    const struct tun_system *system = opening->system;

    queue->tun = opening->tun;
    queue->fd = -1;
    queue->reader.buffer = system->allocate(TUN_READ_MAX);
    queue->writer.buffer = system->allocate(TUN_WRITE_MAX);
    queue->reader.split = system->allocate(grove_split_size());
    return queue->reader.buffer != NULL && queue->writer.buffer != NULL &&
           queue->reader.split != NULL;
}

/* Allocates a device; no descriptor of it is open. */
static bool make_tun(struct tun_opening *opening)
{
    const struct tun_system *system = opening->system;
    const size_t count = tun_config_queues(opening->config);
    struct grove_tun *tun =
        system->allocate(sizeof *tun + count * sizeof(struct grove_tun_queue));

    if (tun == NULL)
        return false;
    opening->tun = tun;
    tun->system = system;
    tun->link = (struct tun_link){.system = system, .fd = -1};
    tun->layers = (struct grove_config){
        .link = opening->config->tap ? GROVE_LINK_ETHERNET : GROVE_LINK_NONE,
        .vnet_len = GROVE_VNET_LEN,
    };
    for (uint32_t i = 0; i < opening->config->tunnel_count; i++)
        tun->tunnels[i] = opening->config->tunnels[i];
    while (tun->queue_count < count)
        if (!make_queue(opening, &tun->queues[tun->queue_count++]))
            return false;
    return true;
}

static bool make_memory(struct tun_opening *opening)
{
    const size_t addresses = opening->config->address_count;

    if (!make_tun(opening))
        return tun_fail(opening, GROVE_TUN_STEP_MEMORY, 0, ENOMEM);
    if (addresses == 0)
        return true;
    opening->added =
        opening->system->allocate(addresses * sizeof *opening->added);
    return tun_check(opening, GROVE_TUN_STEP_MEMORY, 0,
                     opening->added != NULL ? 0 : ENOMEM);
}

/* In the queue's memory. The profile has been checked, and the rest is ours. */
static void init_splitter(struct grove_tun_queue *queue, const char *profile)
{
    const struct grove_config *layers = &queue->tun->layers;
    const struct grove_split_config config = {
        .profile = profile, .link = layers->link, .vnet_len = layers->vnet_len};
    const enum grove_error error = grove_split_init(
        queue->reader.split, grove_split_size(), &config, &queue->reader.split);

    assert(error == GROVE_OK);
    (void)error;
}

/* When it is known what is read. */
static bool init_splitters(struct tun_opening *opening)
{
    const char *profile = opening->config->profile;
    char running[GROVE_PROFILE_NAME_SIZE];

    if (profile == NULL) {
        tun_profile_of_reads(opening->system, opening->config->kernel, running);
        profile = running;
    }
    for (uint32_t i = 0; i < opening->tun->queue_count; i++)
        init_splitter(&opening->tun->queues[i], profile);
    return true;
}

static bool run_parts(struct tun_opening *opening)
{
    static tun_part *const parts[] = {
        check_request,     check_profile,   make_memory,         tun_adopt,
        tun_open_nodes,    tun_attach,      tun_look_up,         tun_raise_mtu,
        tun_add_addresses, tun_set_owner,   tun_set_group,       tun_lower_mtu,
        tun_set_state,     tun_set_header,  tun_set_offload,     init_splitters,
        tun_set_blocking,  tun_set_persist, tun_await_addresses,
    };

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!parts[i](opening))
            return false;
    return true;
}

/* Frees a device, and closes its descriptors that are open. */
static void release(struct grove_tun *tun)
{
    for (uint32_t i = 0; i < tun->queue_count; i++) {
        struct grove_tun_queue *queue = &tun->queues[i];

        if (queue->fd >= 0)
            tun->system->close(queue->fd);
        free(queue->reader.split);
        free(queue->reader.buffer);
        free(queue->writer.buffer);
    }
    tun_link_close(&tun->link);
    free(tun);
}

/* Adopted descriptors are still the caller's, and stay open. */
static void give_back(struct grove_tun *tun)
{
    for (uint32_t i = 0; i < tun->queue_count; i++)
        tun->queues[i].fd = -1;
}

static void give_up(struct tun_opening *opening)
{
    if (opening->tun == NULL)
        return;
    tun_undo(opening);
    if (opening->config->fds != NULL)
        give_back(opening->tun);
    release(opening->tun);
}

bool tun_open(const struct tun_system *system,
              const struct grove_tun_config *config, struct grove_tun **tun,
              struct grove_tun_error *error)
{
    struct tun_opening opening = {.system = system, .config = config};
    const bool good = run_parts(&opening);

    if (!good) {
        tun_find_cause(&opening);
        give_up(&opening);
    }
    free(opening.added);
    *tun = good ? opening.tun : NULL;
    *error = good ? (struct grove_tun_error){0} : opening.error;
    return good;
}

bool grove_tun_open(const struct grove_tun_config *config,
                    struct grove_tun **tun, struct grove_tun_error *error)
{
    return tun_open(&tun_system_linux, config, tun, error);
}

void grove_tun_close(struct grove_tun *tun)
{
    if (tun == NULL)
        return;
    tun_put_back(tun);
    release(tun);
}

const char *grove_tun_step_words(enum grove_tun_step step)
{
    static const char *const words[] = {
        [GROVE_TUN_STEP_NONE] = "no step",
        [GROVE_TUN_STEP_CONFIG] = "checking the configuration",
        [GROVE_TUN_STEP_PROFILE] = "finding the profile of this name",
        [GROVE_TUN_STEP_MEMORY] = "allocating memory",
        [GROVE_TUN_STEP_KIND] = "asking what a descriptor is",
        [GROVE_TUN_STEP_NAMESPACE] = "entering the network namespace",
        [GROVE_TUN_STEP_NETLINK] = "opening a netlink socket",
        [GROVE_TUN_STEP_NODE] = "opening /dev/net/tun",
        [GROVE_TUN_STEP_ATTACH] = "attaching to the device",
        [GROVE_TUN_STEP_LINK] = "looking up the device",
        [GROVE_TUN_STEP_MTU] = "setting the MTU",
        [GROVE_TUN_STEP_ADDRESS] = "adding an address",
        [GROVE_TUN_STEP_OWNER] = "setting the owner",
        [GROVE_TUN_STEP_GROUP] = "setting the group",
        [GROVE_TUN_STEP_STATE] = "setting the device up or down",
        [GROVE_TUN_STEP_HEADER] = "choosing the form of virtio headers",
        [GROVE_TUN_STEP_OFFLOAD] = "setting offloads",
        [GROVE_TUN_STEP_BLOCKING] = "making a descriptor block or not",
        [GROVE_TUN_STEP_PERSIST] = "making the device persistent",
        [GROVE_TUN_STEP_REDIRECT] = "redirecting packets to a second device",
        [GROVE_TUN_STEP_PACKET] = "sending packets to a second device",
    };

    return (unsigned)step < sizeof words / sizeof words[0] ? words[step]
                                                           : "unknown step";
}
