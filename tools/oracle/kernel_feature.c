/* SPDX-License-Identifier: MIT */
/* Device features by their names in ethtool(8), through its ioctl. */
#include "kernel_private.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static bool ethtool(int socket, const char device[IFNAMSIZ], void *command)
{
    struct ifreq request = {0};

    memcpy(request.ifr_name, device, IFNAMSIZ);
    request.ifr_data = command;
    return ioctl(socket, SIOCETHTOOL, &request) == 0;
}

static bool count_features(int socket, const char device[IFNAMSIZ],
                           uint32_t *count)
{
    struct ethtool_sset_info *info =
        calloc(1, sizeof *info + sizeof info->data[0]);
    bool good;

    if (info == NULL)
        return false;
    info->cmd = ETHTOOL_GSSET_INFO;
    info->sset_mask = 1ULL << ETH_SS_FEATURES;
    good = ethtool(socket, device, info) && info->sset_mask != 0;
    *count = good ? info->data[0] : 0;
    free(info);
    return good;
}

/* The index of `name` in `strings`, or their number if it is not there. */
static uint32_t find_string(const struct ethtool_gstrings *strings,
                            const char *name)
{
    const char *string = (const char *)strings->data;
    uint32_t index = 0;

    while (index < strings->len &&
           strncmp(string + (size_t)index * ETH_GSTRING_LEN, name,
                   ETH_GSTRING_LEN) != 0)
        index++;
    return index;
}

bool kernel_feature_find(int socket, const char device[IFNAMSIZ],
                         const char *name, struct kernel_feature *feature)
{
    struct ethtool_gstrings *strings;

    feature->index = 0;
    if (!count_features(socket, device, &feature->count))
        return false;
    strings =
        calloc(1, sizeof *strings + (size_t)feature->count * ETH_GSTRING_LEN);
    if (strings == NULL)
        return false;
    strings->cmd = ETHTOOL_GSTRINGS;
    strings->string_set = ETH_SS_FEATURES;
    feature->index = feature->count;
    if (ethtool(socket, device, strings))
        feature->index = find_string(strings, name);
    free(strings);
    if (feature->index < feature->count)
        return true;
    errno = EOPNOTSUPP;
    return false;
}

bool kernel_feature_set(int socket, const char device[IFNAMSIZ],
                        const struct kernel_feature *feature, bool on)
{
    uint32_t blocks = (feature->count + 31) / 32;
    uint32_t bit = UINT32_C(1) << feature->index % 32;
    struct ethtool_sfeatures *change =
        calloc(1, sizeof *change + blocks * sizeof change->features[0]);
    bool good;

    if (change == NULL)
        return false;
    change->cmd = ETHTOOL_SFEATURES;
    change->size = blocks;
    change->features[feature->index / 32].valid = bit;
    change->features[feature->index / 32].requested = on ? bit : 0;
    good = ethtool(socket, device, change);
    free(change);
    return good;
}
