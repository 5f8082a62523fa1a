/* SPDX-License-Identifier: MIT */
/* What the kernel does to super-packets. */
#ifndef GROVE_TUN_PROBE_H
#define GROVE_TUN_PROBE_H

#include "grove/tun.h"
#include "tun/system.h"

/* grove_tun_probe() with these system calls; tests give their own. */
bool tun_probe(const struct tun_system *system, struct grove_tun_kernel *kernel,
               struct grove_tun_error *error);

#endif
