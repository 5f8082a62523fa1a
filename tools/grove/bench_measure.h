/* SPDX-License-Identifier: MIT */
/* The cost of a packet, for each contestant on each workload. */
#ifndef GROVE_TOOLS_GROVE_BENCH_MEASURE_H
#define GROVE_TOOLS_GROVE_BENCH_MEASURE_H

#include <stdbool.h>

#include "bench/traffic.h"
#include "bench_hosts.h"
#include "bench_split.h"

/* The measured code. */
enum contestant {
    LIMIT,    /* only the checksums of the same L4 bytes, by bench_limit() */
    FASTEST,  /* the same by the fastest way to sum */
    VERIFIED, /* the reference, which verifies each checksum */
    TRUSTED,  /* the reference, which trusts that they were verified */
    DPDK,     /* rte_gro_reassemble_burst(), which verifies no checksum */
    CONTESTANTS
};

/* Numbers of flows: 1, 8, 64, 128, 256 and 512. */
#define FLOW_NUMBERS 6

/* Number of workloads: each kind of traffic with each number of flows. */
#define WORKLOADS (FLOW_NUMBERS * TRAFFIC_KINDS)

struct plan {
    unsigned rounds;
    bool kinds[TRAFFIC_KINDS]; /* the kinds of traffic to measure */
};

/* The cost of one contestant; all is 0 if it was not measured. */
struct cost {
    double ns;          /* nanoseconds per packet, the median of the rounds */
    double of_limit;    /* packets per second over those of the limit */
    double of_dpdk;     /* packets per second over those of DPDK */
    double of_one_flow; /* ns over that of the workload with one flow */
    unsigned outputs;   /* outputs per batch */
};

struct row {
    enum traffic_kind kind;
    unsigned flows;
    struct cost cost[CONTESTANTS];
};

struct result {
    unsigned rounds;
    const char *no_dpdk; /* why DPDK was not measured; NULL: it was */
    struct row row[WORKLOADS];
    unsigned rows;
    struct split_row split[TRAFFIC_KINDS];
    unsigned splits;
    struct hosts_row hosts[HOSTS_ROWS];
};

struct bench;

/* "limit", "fastest", "verified", "trusted" or "dpdk"; a static string. */
const char *contestant_name(enum contestant contestant);

/*
 * Prepares the rounds, starts the peer, and pins this process to its current
 * CPU. Returns NULL if memory runs out; bench_free() releases it.
 */
struct bench *bench_new(const struct plan *plan);

/*
 * Measures everything once; to be called plan.rounds times. Returns false if
 * the reference did not coalesce as it should, since the numbers would mean
 * nothing.
 */
bool bench_round(struct bench *bench);

/* The result of the rounds so far, which are one or more. */
void bench_result(struct bench *bench, struct result *result);

/* NULL is allowed. */
void bench_free(struct bench *bench);

#endif
