/* SPDX-License-Identifier: MIT */
/* The offloads that the kernel of a device takes. */
#ifndef GROVE_TUN_OFFLOAD_H
#define GROVE_TUN_OFFLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "tun/system.h"

/*
 * Sets as many offloads as the kernel takes, GROVE_TUN_TUNNEL only if `tunnel`.
 * *offloads are their bits, GROVE_TUN_CSUM and so on. Returns 0 or an errno.
 */
int tun_take_offloads(const struct tun_system *system, int fd, bool tunnel,
                      uint32_t *offloads);

/* The protocols that can be coalesced with these offloads: GROVE_TUN_TCP... */
uint32_t tun_capable(uint32_t offloads);

#endif
