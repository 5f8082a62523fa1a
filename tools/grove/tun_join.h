/* SPDX-License-Identifier: MIT */
/* `grove tun`: packets of one device into the other, and back. */
#ifndef GROVE_TOOLS_TUN_JOIN_H
#define GROVE_TOOLS_TUN_JOIN_H

#include <stdint.h>

#include "grove/tun.h"

/* A path that is worse than it is, for tests; all zero: as good as it is. */
struct join_faults {
    uint32_t drop; /* one packet in so many is dropped; 0: none */
    uint32_t swap; /* one in so many changes places with its successor */
    uint64_t seed;
};

struct join_counts {
    uint64_t dropped;
    uint64_t swapped;
};

struct join {
    struct grove_tun *tuns[2]; /* non-blocking, with as many queues each */
    const char *profile;       /* how to coalesce */
    size_t slot;               /* bytes that most packets will not exceed */
    struct join_faults faults;
    struct join_counts counts[2]; /* of what came from each; a result */
};

/*
 * Runs until SIGINT or SIGTERM, which the caller has blocked. An exit status; a
 * message if a device or memory failed.
 */
int join_run(struct join *join);

#endif
