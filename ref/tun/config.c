/* SPDX-License-Identifier: MIT */
#include "tun/config.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

/* In bytes. */
enum { IP6_MIN_MTU = 1280 };

size_t tun_config_queues(const struct grove_tun_config *config)
{
    if (config->fds != NULL)
        return config->fd_count;
    return config->queues != 0 ? config->queues : 1;
}

const char *tun_config_profile(const struct grove_tun_config *config)
{
    const char *newest = NULL;

    for (const char *const *name = grove_profiles(); *name != NULL; name++) {
        if (config->profile != NULL && strcmp(config->profile, *name) == 0)
            return *name;
        newest = *name;
    }
    return config->profile == NULL ? newest : NULL;
}

bool tun_config_sets_link(const struct grove_tun_config *config)
{
    return config->mtu != 0 || config->address_count != 0 ||
           config->link != GROVE_TUN_LINK_KEEP;
}

/* The kernel replaces one "%d" by a number, and knows no other pattern. */
static int check_name(const char *name)
{
    const char *percent;

    if (name == NULL)
        return 0;
    if (strlen(name) >= IFNAMSIZ)
        return ENAMETOOLONG;
    percent = strchr(name, '%');
    if (*name == '\0' ||
        (percent != NULL &&
         (percent[1] != 'd' || strchr(percent + 1, '%') != NULL)))
        return EINVAL;
    return 0;
}

static bool is_twice(const int *fds, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (fds[i] == fds[k])
                return true;
    return false;
}

static int check_queues(const struct grove_tun_config *config)
{
    const size_t count = tun_config_queues(config);

    if (count == 0 || count > GROVE_TUN_MAX_QUEUES)
        return EINVAL;
    if (config->fds == NULL)
        return config->fd_count == 0 ? 0 : EINVAL;
    if (config->name != NULL || config->queues != 0 ||
        is_twice(config->fds, count))
        return EINVAL;
    return 0;
}

/* RFC 8200: a device with a smaller MTU than 1280 bytes has no IPv6. */
static bool good_address(const struct grove_tun_config *config,
                         const struct grove_tun_address *address)
{
    const bool ip6 = config->mtu == 0 || config->mtu >= IP6_MIN_MTU;

    return (address->family == AF_INET && address->prefix <= 32) ||
           (address->family == AF_INET6 && address->prefix <= 128 && ip6);
}

static int check_addresses(const struct grove_tun_config *config)
{
    if (config->address_count != 0 && config->addresses == NULL)
        return EINVAL;
    for (size_t i = 0; i < config->address_count; i++)
        if (!good_address(config, &config->addresses[i]))
            return EINVAL;
    return 0;
}

/* The name, the queues and the addresses. */
static int check_parts(const struct grove_tun_config *config)
{
    int error = check_name(config->name);

    if (error == 0)
        error = check_queues(config);
    return error != 0 ? error : check_addresses(config);
}

int tun_config_check(const struct grove_tun_config *config)
{
    const int error = check_parts(config);

    if (error != 0)
        return error;
    /* -1 would let everybody attach. */
    if ((config->owner != NULL && *config->owner == (uid_t)-1) ||
        (config->group != NULL && *config->group == (gid_t)-1))
        return EINVAL;
    return (unsigned)config->link <= GROVE_TUN_LINK_DOWN ? 0 : EINVAL;
}
