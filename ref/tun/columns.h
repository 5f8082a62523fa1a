/* SPDX-License-Identifier: MIT */
/* The profile of the running kernel. */
#ifndef GROVE_TUN_COLUMNS_H
#define GROVE_TUN_COLUMNS_H

#include "grove/tun.h"
#include "tun/system.h"

/* grove_tun_profile() with these system calls; tests give their own. */
void tun_profile(const struct tun_system *system,
                 const struct grove_tun_kernel *kernel,
                 char name[GROVE_PROFILE_NAME_SIZE]);

/*
 * The same for splitting what this kernel gives to readers. They need not ask
 * whether the kernel knows a UDP super-packet that it gives.
 */
void tun_profile_of_reads(const struct tun_system *system,
                          const struct grove_tun_kernel *kernel,
                          char name[GROVE_PROFILE_NAME_SIZE]);

#endif
