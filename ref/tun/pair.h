/* SPDX-License-Identifier: MIT */
/* Two devices: what is written to one is read from the other. */
#ifndef GROVE_TUN_PAIR_H
#define GROVE_TUN_PAIR_H

#include "tun/compare.h"
#include "tun/device.h"

struct tun_pair {
    struct grove_tun *in;  /* takes super-packets, with all its offloads */
    struct grove_tun *out; /* gives plain packets with complete checksums */
};

/*
 * Opens both in the network namespace of the calling thread. `own`: the
 * namespace ends with the thread, and ends the devices. `tap`: they are TAPs,
 * and `in` takes super-packets in tunnels. False: none is open.
 */
bool tun_pair_open(struct tun_pair *pair, const struct tun_system *system,
                   bool own, bool tap, struct grove_tun_error *error);
void tun_pair_close(struct tun_pair *pair);

/* Writes a packet. Returns 0 or an errno. */
int tun_pair_write(const struct tun_pair *pair,
                   const struct tun_sample *sample);

/*
 * Reads packets into *burst until `last` comes, which is not put there. Returns
 * 0 or an errno. ETIMEDOUT: it does not come.
 */
int tun_pair_read(const struct tun_pair *pair, struct bytes last,
                  struct tun_burst *burst);

#endif
