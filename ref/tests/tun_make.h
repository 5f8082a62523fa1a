/* SPDX-License-Identifier: MIT */
/* A TUN device without a kernel: it has one queue, on any descriptor. */
#ifndef GROVE_TEST_TUN_MAKE_H
#define GROVE_TEST_TUN_MAKE_H

#include "tun/device.h"

/*
 * A device whose reads and writes go to `system`, with virtio headers, able to
 * coalesce everything, or without them. tun_unmake() frees it; `fd` stays open.
 */
struct grove_tun *tun_make(const struct tun_system *system, int fd,
                           bool headers);

/* From now on packets have this link, and headers this length. */
void tun_set_layers(struct grove_tun *tun, enum grove_link link,
                    uint8_t vnet_len);

void tun_unmake(struct grove_tun *tun);

#endif
