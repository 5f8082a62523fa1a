/* SPDX-License-Identifier: MIT */
/* The cause of a failure. */
#ifndef GROVE_TUN_CAUSE_H
#define GROVE_TUN_CAUSE_H

#include "tun/opening.h"

/*
 * Finds the cause of opening->error, unless it has one: by its step and errno,
 * and where these are not enough by a look at the node or the device.
 */
void tun_find_cause(struct tun_opening *opening);

/* The cause of this step's errno, if the two are enough to tell it. */
enum grove_tun_cause tun_cause_of(enum grove_tun_step step, int number);

#endif
