/* SPDX-License-Identifier: MIT */
/* A device of `grove tun`: parsing its argument, and opening it. */
#ifndef GROVE_TOOLS_TUN_DEVICE_H
#define GROVE_TOOLS_TUN_DEVICE_H

#include <limits.h>
#include <stdbool.h>

#include "grove/tun.h"

/* The most addresses of an argument. */
#define TUN_ADDRESSES 16

struct tun_device {
    const char *word; /* the argument, for messages */
    struct grove_tun_config config;
    char name[64]; /* what config points to */
    char netns[PATH_MAX];
    struct grove_tun_address addresses[TUN_ADDRESSES];
    int fds[GROVE_TUN_MAX_QUEUES];
    uid_t owner;
    gid_t group;
    struct grove_tun *tun; /* NULL: not open */
};

/*
 * Parses "NAME[,KEY=VALUE...]" into *device, which must not be moved later.
 * Returns false, after a message, if it is wrong.
 */
bool tun_device_parse(const char *word, struct tun_device *device);

/* Opens it and brings it up. Returns an exit status; errors have a message. */
int tun_device_open(struct tun_device *device);

#endif
