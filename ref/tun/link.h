/* SPDX-License-Identifier: MIT */
/*
 * Netlink requests: the MTU, addresses and state of a device. Every function
 * returns 0 or an errno. EPROTO: the answer is malformed.
 */
#ifndef GROVE_TUN_LINK_H
#define GROVE_TUN_LINK_H

#include <linux/netlink.h>

#include "grove/tun.h"
#include "tun/system.h"

/* A netlink socket of the device's namespace. */
struct tun_link {
    const struct tun_system *system;
    int fd; /* -1: it is not open */
    uint32_t sequence;
};

/* The present state of a device. */
struct tun_link_state {
    int index;
    uint32_t mtu;
    uint32_t queues; /* that are attached; 0: the kernel does not tell */
    bool up;
    bool pi; /* a TUN without IFF_NO_PI */
    bool multi_queue;
    bool tun;     /* it is of the TUN driver */
    uint8_t type; /* IFF_TUN or IFF_TAP; 0: it is of another driver */
};

/* Opens it in the network namespace of the calling thread. */
int tun_link_open(struct tun_link *link, const struct tun_system *system);

/* Closes it if it is open. */
void tun_link_close(struct tun_link *link);

/* Reads the state of the device of this name, or of this index. */
int tun_link_find(struct tun_link *link, const char *name,
                  struct tun_link_state *state);
int tun_link_read(struct tun_link *link, int index,
                  struct tun_link_state *state);

int tun_link_set_mtu(struct tun_link *link, int index, uint32_t mtu);
int tun_link_set_up(struct tun_link *link, int index, bool up);

/* EEXIST: the device has this address already. */
int tun_link_add_address(struct tun_link *link, int index,
                         const struct grove_tun_address *address);
int tun_link_delete_address(struct tun_link *link, int index,
                            const struct grove_tun_address *address);

/* ENETUNREACH: packets to this address of IPv6 are not received here. */
int tun_link_find_route(struct tun_link *link,
                        const struct grove_tun_address *address);

/* A request, whose header is at its start. */
union tun_request {
    struct nlmsghdr header;
    uint8_t bytes[256];
};

/* Sends a request that changes something, and reads the acknowledgement. */
int tun_link_change(struct tun_link *link, union tun_request *request);

#endif
