/* SPDX-License-Identifier: MIT */
/*
 * A peer's GRO behind a program of its own, beside the command grove, so that
 * grove itself does not need the peer's library.
 */
#ifndef GROVE_TOOLS_GROVE_BENCH_PEER_H
#define GROVE_TOOLS_GROVE_BENCH_PEER_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "bench/traffic.h"

/*
 * The path of the program `name` in the directory of this one. False if there
 * is none that can be run.
 */
bool peer_program(const char *name, char path[PATH_MAX]);

/* The peer's program. All zero is one that was not started. */
struct peer {
    pid_t pid;
    FILE *stream;    /* its stdin and stdout */
    const char *why; /* why there are no measures; NULL: there are */
};

/*
 * Starts grove-bench-dpdk. If there is none, or it does not start, `why` says
 * so, and peer_measure() does nothing.
 */
void peer_start(struct peer *peer);

/*
 * Has the batch coalesced `batches` times: ns per packet and packets that come
 * out. False, and `why`, if the program does not answer as dpdk.c says.
 */
bool peer_measure(struct peer *peer, const struct traffic *traffic,
                  unsigned batches, double *ns, unsigned *outputs);

/* Ends the program. */
void peer_stop(struct peer *peer);

#endif
