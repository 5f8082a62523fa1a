/* SPDX-License-Identifier: MIT */
#include "tun/config.h"

#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

size_t tun_config_queues(const struct grove_tun_config *config)
{
    if (config->fds != NULL)
        return config->fd_count;
    return config->queues != 0 ? config->queues : 1;
}

bool tun_config_wants_tunnels(const struct grove_tun_config *config)
{
    return config->tap && !config->no_offload && !config->no_tunnel_offload;
}

bool tun_config_sets_link(const struct grove_tun_config *config)
{
    return config->mtu != 0 || config->address_count != 0 ||
           config->link != GROVE_TUN_LINK_KEEP;
}

/* The kernel replaces one "%d" by a number, and knows no other pattern. */
static bool is_pattern(const char *name)
{
    const char *percent = strchr(name, '%');

    return percent == NULL ||
           (percent[1] == 'd' && strchr(percent + 1, '%') == NULL);
}

static enum grove_tun_cause check_name(const char *name)
{
    if (name == NULL)
        return GROVE_TUN_CAUSE_UNKNOWN;
    if (strlen(name) >= IFNAMSIZ)
        return GROVE_TUN_CAUSE_NAME_LENGTH;
    if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        name[strcspn(name, "/: \t\n\v\f\r")] != '\0' || !is_pattern(name))
        return GROVE_TUN_CAUSE_NAME;
    return GROVE_TUN_CAUSE_UNKNOWN;
}

static bool is_twice(const int *fds, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (fds[i] == fds[k])
                return true;
    return false;
}

static enum grove_tun_cause check_queues(const struct grove_tun_config *config)
{
    const size_t count = tun_config_queues(config);

    if (config->fds == NULL && config->fd_count != 0)
        return GROVE_TUN_CAUSE_FDS;
    if (count == 0 || count > GROVE_TUN_MAX_QUEUES)
        return GROVE_TUN_CAUSE_QUEUES;
    if (config->fds != NULL && (config->name != NULL || config->queues != 0 ||
                                is_twice(config->fds, count)))
        return GROVE_TUN_CAUSE_FDS;
    return GROVE_TUN_CAUSE_UNKNOWN;
}

static enum grove_tun_cause
check_address(const struct grove_tun_config *config,
              const struct grove_tun_address *address)
{
    const bool ip6 = address->family == AF_INET6;

    if ((!ip6 && address->family != AF_INET) ||
        address->prefix > (ip6 ? 128 : 32))
        return GROVE_TUN_CAUSE_FAMILY;
    if (ip6 && config->mtu != 0 && config->mtu < TUN_IP6_MIN_MTU)
        return GROVE_TUN_CAUSE_IP6_MTU;
    return GROVE_TUN_CAUSE_UNKNOWN;
}

static enum grove_tun_cause
check_addresses(const struct grove_tun_config *config)
{
    enum grove_tun_cause cause = GROVE_TUN_CAUSE_UNKNOWN;

    if (config->address_count != 0 && config->addresses == NULL)
        return GROVE_TUN_CAUSE_FAMILY;
    for (size_t i = 0;
         i < config->address_count && cause == GROVE_TUN_CAUSE_UNKNOWN; i++)
        cause = check_address(config, &config->addresses[i]);
    return cause;
}

/* -1 would let everybody attach. */
static enum grove_tun_cause check_owner(const struct grove_tun_config *config)
{
    if ((config->owner != NULL && *config->owner == (uid_t)-1) ||
        (config->group != NULL && *config->group == (gid_t)-1))
        return GROVE_TUN_CAUSE_NOBODY;
    return GROVE_TUN_CAUSE_UNKNOWN;
}

/*
 * Only those over UDP have bits in virtio headers, and a port. A kernel refuses
 * headers of them whose offsets leave no room for an Ethernet header.
 */
static enum grove_tun_cause check_tunnels(const struct grove_tun_config *config)
{
    const struct grove_config layers = {.tunnels = config->tunnels,
                                        .tunnel_count = config->tunnel_count};

    if (config->tunnel_count != 0 &&
        (config->tunnels == NULL || grove_table_size(&layers) == 0))
        return GROVE_TUN_CAUSE_TUNNELS;
    for (uint32_t i = 0; i < config->tunnel_count; i++)
        if (config->tunnels[i].port == 0)
            return GROVE_TUN_CAUSE_NOT_OVER_UDP;
    return config->tunnel_count != 0 && !config->tap
               ? GROVE_TUN_CAUSE_NOT_AT_A_TAP
               : GROVE_TUN_CAUSE_UNKNOWN;
}

enum grove_tun_cause tun_config_check(const struct grove_tun_config *config)
{
    enum grove_tun_cause cause = check_name(config->name);

    if (cause == GROVE_TUN_CAUSE_UNKNOWN)
        cause = check_queues(config);
    if (cause == GROVE_TUN_CAUSE_UNKNOWN)
        cause = check_addresses(config);
    if (cause == GROVE_TUN_CAUSE_UNKNOWN)
        cause = check_owner(config);
    if (cause == GROVE_TUN_CAUSE_UNKNOWN)
        cause = check_tunnels(config);
    if (cause == GROVE_TUN_CAUSE_UNKNOWN &&
        (unsigned)config->link > GROVE_TUN_LINK_DOWN)
        cause = GROVE_TUN_CAUSE_LINK_VALUE;
    return cause;
}
