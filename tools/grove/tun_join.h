/* SPDX-License-Identifier: MIT */
/* `grove tun`: forwards packets between two devices in both directions. */
#ifndef GROVE_TOOLS_TUN_JOIN_H
#define GROVE_TOOLS_TUN_JOIN_H

#include <stdint.h>

#include "grove/tun.h"

/* Faults that a test adds to the path; all zero: none. */
struct join_faults {
    uint32_t drop; /* one packet in `drop` is dropped; 0: none */
    uint32_t swap; /* one in `swap` is swapped with its successor; 0: none */
    uint64_t seed;
};

struct join_counts {
    uint64_t dropped;
    uint64_t swapped;
};

struct join {
    struct grove_tun *tuns[2]; /* non-blocking, with as many queues each */
    const char *profile;       /* the rules for coalescing */
    size_t slot;               /* bytes for a packet; most are not longer */
    bool tunnels;              /* were asked for */
    struct join_faults faults;
    struct join_counts counts[2]; /* result: counts of packets from each */
};

/*
 * Runs until SIGINT or SIGTERM, which the caller must have blocked. Returns an
 * exit status; there was a message if a device or memory failed.
 */
int join_run(struct join *join);

#endif
