/* SPDX-License-Identifier: MIT */
/* A device that is being opened, and the parts of doing so. */
#ifndef GROVE_TUN_OPENING_H
#define GROVE_TUN_OPENING_H

#include "tun/device.h"
#include "tun/link.h"

struct tun_opening {
    const struct tun_system *system;
    const struct grove_tun_config *config;
    struct grove_tun *tun; /* its descriptors are -1 until they are open */
    struct tun_link link;
    struct tun_link_state before; /* index 0: nothing is known of it */
    bool *added;    /* which addresses are new; NULL if none is to be added */
    bool mtu_set;   /* it may not be before.mtu any more */
    bool state_set; /* it may not be before.up any more */
    struct grove_tun_error error;
};

/* Remembers why it failed; false for the caller. */
bool tun_fail(struct tun_opening *opening, enum grove_tun_step step,
              size_t index, int number);

/* As tun_fail(), unless `number` is 0. */
bool tun_check(struct tun_opening *opening, enum grove_tun_step step,
               size_t index, int number);

/*
 * Each of these is a part of opening a device; false: it failed, and
 * opening->error says why. What has changed until then is for the caller to
 * undo and close.
 */
typedef bool tun_part(struct tun_opening *opening);

/* Descriptors: adopted, or opened and attached, and a netlink socket. */
tun_part tun_adopt;
tun_part tun_open_nodes;
tun_part tun_attach;

/* The device: MTU, addresses, owner and group, up or down. */
tun_part tun_look_up;
tun_part tun_raise_mtu;
tun_part tun_add_addresses;
tun_part tun_set_owner;
tun_part tun_set_group;
tun_part tun_lower_mtu;
tun_part tun_set_state;

/* Makes MTU, addresses and state what they were. */
void tun_undo(struct tun_opening *opening);

/* What is set on descriptors: none of it fails where the rest did not. */
tun_part tun_set_header;
tun_part tun_set_offload;
tun_part tun_set_blocking;
tun_part tun_set_persist;

#endif
