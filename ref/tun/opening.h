/* SPDX-License-Identifier: MIT */
/* A device that is being opened, and why that failed. */
#ifndef GROVE_TUN_OPENING_H
#define GROVE_TUN_OPENING_H

#include "tun/device.h"

struct tun_opening {
    const struct tun_system *system;
    const struct grove_tun_config *config;
    struct grove_tun *tun;        /* each descriptor is -1 until it is open */
    struct tun_link_state before; /* index 0: nothing is known of it */
    bool *added;    /* which addresses are new; NULL if none is to be added */
    bool mtu_set;   /* the MTU may differ from before.mtu */
    bool state_set; /* the state may differ from before.up */
    struct grove_tun_error error;
};

/*
 * A part of opening a device. False: it failed, and opening->error says why.
 * The caller then undoes what has changed, and closes what is open.
 */
typedef bool tun_part(struct tun_opening *opening);

/* Remembers why opening failed. Returns false, for the caller to return. */
bool tun_fail(struct tun_opening *opening, enum grove_tun_step step,
              size_t index, int number);

/* As tun_fail() if `number` is an errno; returns true if it is 0. */
bool tun_check(struct tun_opening *opening, enum grove_tun_step step,
               size_t index, int number);

/* As tun_fail() with EINVAL if there is a cause; returns true if there is none.
 */
bool tun_check_cause(struct tun_opening *opening, enum grove_tun_step step,
                     size_t index, enum grove_tun_cause cause);

#endif
