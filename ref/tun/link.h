/* SPDX-License-Identifier: MIT */
/*
 * What of a device is set by netlink: MTU, addresses, up and down. Every
 * function gives an errno, or 0; EPROTO is an answer that is none.
 */
#ifndef GROVE_TUN_LINK_H
#define GROVE_TUN_LINK_H

#include "grove/tun.h"
#include "tun/system.h"

/* A netlink socket of the device's namespace. */
struct tun_link {
    const struct tun_system *system;
    int fd; /* -1: it is not open */
    uint32_t sequence;
};

/* A device as it is. */
struct tun_link_state {
    int index;
    uint32_t mtu;
    bool up;
    bool pi; /* a TUN without IFF_NO_PI */
};

/* In the network namespace of the calling thread. */
int tun_link_open(struct tun_link *link, const struct tun_system *system);

/* Closes it, if it is open. */
void tun_link_close(struct tun_link *link);

/* Looks up the device of this name. */
int tun_link_find(struct tun_link *link, const char *name,
                  struct tun_link_state *state);

int tun_link_set_mtu(struct tun_link *link, int index, uint32_t mtu);
int tun_link_set_up(struct tun_link *link, int index, bool up);

/* EEXIST if the device has it. */
int tun_link_add_address(struct tun_link *link, int index,
                         const struct grove_tun_address *address);
int tun_link_delete_address(struct tun_link *link, int index,
                            const struct grove_tun_address *address);

#endif
