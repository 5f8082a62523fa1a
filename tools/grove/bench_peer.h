/* SPDX-License-Identifier: MIT */
/*
 * The GRO of a peer, in a separate program beside the command grove. So grove
 * itself does not need the peer's library.
 */
#ifndef GROVE_TOOLS_GROVE_BENCH_PEER_H
#define GROVE_TOOLS_GROVE_BENCH_PEER_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "bench/traffic.h"

/*
 * Gets the path of program `name` in the directory of this program. Returns
 * false if it does not exist or cannot be run.
 */
bool peer_program(const char *name, char path[PATH_MAX]);

/* The peer's program. All zero: it was not started. */
struct peer {
    pid_t pid;
    FILE *stream;    /* its stdin and stdout */
    const char *why; /* why it cannot be measured; NULL: it can */
};

/*
 * Starts grove-bench-dpdk. If it does not exist or does not start, `why` is set
 * and peer_measure() does nothing.
 */
void peer_start(struct peer *peer);

/*
 * Lets the peer coalesce the batch `batches` times. Gets the nanoseconds per
 * packet and the number of outputs. If the answer is not that of dpdk.c, `why`
 * is set and the result is false.
 */
bool peer_measure(struct peer *peer, const struct traffic *traffic,
                  unsigned batches, double *ns, unsigned *outputs);

/* Ends the program. */
void peer_stop(struct peer *peer);

#endif
