/* SPDX-License-Identifier: MIT */
/* The settings of a device and of its descriptors. */
#ifndef GROVE_TUN_SETTINGS_H
#define GROVE_TUN_SETTINGS_H

#include "tun/opening.h"

/* The device: its state before, MTU, addresses, owner and group, up or down. */
tun_part tun_look_up;
tun_part tun_raise_mtu;
tun_part tun_add_addresses;
tun_part tun_set_owner;
tun_part tun_set_group;
tun_part tun_lower_mtu;
tun_part tun_set_state;

/* Waits until packets to the addresses of a device that is up are received. */
tun_part tun_await_addresses;

/* Restores MTU, addresses and state, and what tun_put_back() restores. */
void tun_undo(struct tun_opening *opening);

/* The descriptors. */
tun_part tun_set_header;
tun_part tun_set_offload;
tun_part tun_set_blocking;
tun_part tun_set_persist;

/*
 * Restores the form of headers, and clears the offload mask; not if another
 * program has queues of the device.
 */
void tun_put_back(struct grove_tun *tun);

#endif
