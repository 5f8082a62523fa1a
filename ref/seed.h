/* SPDX-License-Identifier: MIT */
/* The seed of a flow table whose caller gives none. */
#ifndef GROVE_SEED_H
#define GROVE_SEED_H

#include <stdint.h>

/*
 * A number that senders of packets cannot know: getrandom(2) of Linux. Another
 * system, or one whose pool is not ready yet, gives the address of `memory`.
 */
uint64_t seed_draw(const void *memory);

#endif
