/* SPDX-License-Identifier: MIT */
/* A device of `grove tun`: parsing its argument, and opening it. */
#include "tun_device.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grove.h"
#include "number_option.h"

/* The folder in which ip-netns(8) has the named namespaces. */
#define NAMED_NAMESPACES "/run/netns/"

/*
 * Each value has a function that puts it into the device and returns NULL, or
 * what had been expected.
 */

static const char *set_netns(struct tun_device *device, char *value)
{
    const char *folder = strchr(value, '/') == NULL ? NAMED_NAMESPACES : "";
    const int len =
        snprintf(device->netns, sizeof device->netns, "%s%s", folder, value);

    if (*value == '\0' || (size_t)len >= sizeof device->netns)
        return "the name or the path of a network namespace";
    device->config.netns = device->netns;
    return NULL;
}

static const char *set_address(struct tun_device *device, char *value)
{
    static const char expected[] = "an address and its prefix, 192.0.2.1/24";
    struct grove_tun_address *address =
        &device->addresses[device->config.address_count];
    char *slash = strchr(value, '/');
    uint64_t prefix;

    if (device->config.address_count == TUN_ADDRESSES)
        return "fewer addresses; 16 is the most";
    if (slash == NULL)
        return expected;
    *slash = '\0';
    address->family = strchr(value, ':') != NULL ? AF_INET6 : AF_INET;
    if (!read_number(slash + 1, 0, address->family == AF_INET ? 32 : 128,
                     &prefix) ||
        inet_pton(address->family, value, address->bytes) != 1)
        return expected;
    address->prefix = (uint8_t)prefix;
    device->config.addresses = device->addresses;
    device->config.address_count++;
    return NULL;
}

static const char *set_mtu(struct tun_device *device, char *value)
{
    uint64_t mtu;

    if (!read_number(value, 1, GROVE_MAX_PACKET_LEN, &mtu))
        return "a number of bytes";
    device->config.mtu = (uint32_t)mtu;
    return NULL;
}

static const char *set_fd(struct tun_device *device, char *value)
{
    uint64_t fd;

    if (!read_number(value, 0, INT_MAX, &fd))
        return "the number of an open descriptor";
    if (device->config.fd_count == GROVE_TUN_MAX_QUEUES)
        return "fewer descriptors; 256 is the most";
    device->fds[device->config.fd_count++] = (int)fd;
    device->config.fds = device->fds;
    return NULL;
}

static const char *set_owner(struct tun_device *device, char *value)
{
    const struct passwd *user = getpwnam(value);
    uint64_t number;

    if (user != NULL)
        number = user->pw_uid;
    else if (!read_number(value, 0, UINT32_MAX - 1, &number))
        return "a user's name or number";
    device->owner = (uid_t)number;
    device->config.owner = &device->owner;
    return NULL;
}

static const char *set_group(struct tun_device *device, char *value)
{
    const struct group *group = getgrnam(value);
    uint64_t number;

    if (group != NULL)
        number = group->gr_gid;
    else if (!read_number(value, 0, UINT32_MAX - 1, &number))
        return "a group's name or number";
    device->group = (gid_t)number;
    device->config.group = &device->group;
    return NULL;
}

enum key { NETNS, ADDRESS, MTU, FD, OWNER, GROUP, PERSIST, KEYS };

static char *const keys[] = {
    [NETNS] = "netns",     [ADDRESS] = "address", [MTU] = "mtu",
    [FD] = "fd",           [OWNER] = "owner",     [GROUP] = "group",
    [PERSIST] = "persist", [KEYS] = NULL,
};

static const char *(*const setters[])(struct tun_device *, char *) = {
    [NETNS] = set_netns, [ADDRESS] = set_address, [MTU] = set_mtu,
    [FD] = set_fd,       [OWNER] = set_owner,     [GROUP] = set_group,
};

/* One of the comma's parts. False, with a message, if it is wrong. */
static bool parse_key(struct tun_device *device, int key, char *value)
{
    const char *expected = NULL;

    if (key < 0)
        expected = "netns=, address=, mtu=, fd=, owner=, group= or persist";
    else if (key == PERSIST)
        device->config.persistent = true;
    else if (value == NULL)
        expected = "a value, KEY=VALUE";
    else
        expected = setters[key](device, value);
    if (key == PERSIST && value != NULL)
        expected = "persist alone, without a value";
    if (expected != NULL)
        complain("%s: %s: expected %s", device->word,
                 key >= 0 ? keys[key] : value, expected);
    return expected == NULL;
}

static bool parse_name(struct tun_device *device, const char *name, size_t len)
{
    if (len >= sizeof device->name) {
        complain("%s: the name is too long; 15 characters is the most",
                 device->word);
        return false;
    }
    memcpy(device->name, name, len);
    device->name[len] = '\0';
    if (len > 0)
        device->config.name = device->name;
    return true;
}

bool tun_device_parse(const char *word, struct tun_device *device)
{
    const size_t name_len = strcspn(word, ",");
    char *rest = strdup(word + name_len);
    char *at = rest;
    char *value;
    bool good;

    if (rest == NULL) {
        complain("%s: out of memory", word);
        return false;
    }
    *device = (struct tun_device){
        .word = word,
        .config = {.link = GROVE_TUN_LINK_UP, .non_blocking = true}};
    good = parse_name(device, word, name_len);
    if (*at == ',')
        at++;
    while (good && *at != '\0') {
        const int key = getsubopt(&at, keys, &value);

        good = parse_key(device, key, value);
    }
    free(rest);
    return good;
}

static int tell_failure(const struct tun_device *device,
                        const struct grove_tun_error *error)
{
    const bool known = error->cause != GROVE_TUN_CAUSE_UNKNOWN;

    complain(
        "%s: %s: %s; %s", device->word, grove_tun_step_words(error->step),
        known ? grove_tun_cause_words(error->cause) : strerror(error->number),
        known ? grove_tun_remedy_words(error->cause) : "see `grove doctor`");
    return grove_tun_cause_is_rights(error->cause) ? GROVE_EXIT_SKIPPED
                                                   : GROVE_EXIT_USAGE;
}

int tun_device_open(struct tun_device *device)
{
    struct grove_tun_error error;

    if (!grove_tun_open(&device->config, &device->tun, &error))
        return tell_failure(device, &error);
    return GROVE_EXIT_HOLDS;
}
