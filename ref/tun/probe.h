/* SPDX-License-Identifier: MIT */
/* What the kernel of a device can do. */
#ifndef GROVE_TUN_PROBE_H
#define GROVE_TUN_PROBE_H

#include <stdint.h>

#include "tun/system.h"

/*
 * Tells the kernel to leave to us all that it can, and which bits these are,
 * GROVE_TUN_CSUM and so on. An errno, or 0.
 */
int tun_probe(const struct tun_system *system, int fd, uint32_t *offloads);

/* Which protocols can be coalesced with them: GROVE_TUN_TCP and so on. */
uint32_t tun_capable(uint32_t offloads);

#endif
