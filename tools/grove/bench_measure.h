/* SPDX-License-Identifier: MIT */
/* What a packet costs, by every contestant on every workload. */
#ifndef GROVE_TOOLS_GROVE_BENCH_MEASURE_H
#define GROVE_TOOLS_GROVE_BENCH_MEASURE_H

#include <stdbool.h>

#include "bench/traffic.h"

/* Who is measured. */
enum contestant {
    LIMIT,    /* the checksum of the same L4 bytes and nothing else */
    VERIFIED, /* the reference, which verifies each checksum */
    TRUSTED,  /* the reference, told that they were verified */
    DPDK,     /* rte_gro_reassemble_burst(), which verifies none */
    CONTESTANTS
};

/* The most workloads: each kind of traffic with 1, 8, 64 and 128 flows. */
#define WORKLOADS (4 * TRAFFIC_KINDS)

struct plan {
    unsigned rounds;
    bool kinds[TRAFFIC_KINDS]; /* which are measured */
};

/* What one contestant needs; all is 0 if it was not measured. */
struct cost {
    double ns;          /* for a packet: the median of the rounds */
    double of_limit;    /* packets in a time: how many of the limit's */
    double of_dpdk;     /* and of DPDK's */
    double of_one_flow; /* ns for that of the workload with one flow */
    unsigned outputs;   /* packets that come out of a batch */
};

struct row {
    enum traffic_kind kind;
    unsigned flows;
    struct cost cost[CONTESTANTS];
};

struct result {
    unsigned rounds;
    const char *no_dpdk; /* why there are no costs of DPDK, or NULL */
    struct row row[WORKLOADS];
    unsigned rows;
};

struct bench;

/* "limit", "verified", "trusted" or "dpdk"; a static string. */
const char *contestant_name(enum contestant contestant);

/*
 * Makes all that the rounds need, starts the peer, and keeps this process on
 * the CPU that it is on. NULL if there is no memory; bench_free() releases it.
 */
struct bench *bench_new(const struct plan *plan);

/*
 * Measures everything once; to be called plan.rounds times. False if the
 * reference coalesced other than it should: the numbers would mean nothing.
 */
bool bench_round(struct bench *bench);

/* What the rounds so far, at least one, have given. */
void bench_result(struct bench *bench, struct result *result);

/* NULL is allowed. */
void bench_free(struct bench *bench);

#endif
