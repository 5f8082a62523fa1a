/* SPDX-License-Identifier: MIT */
/*
 * The cost of a packet when one source sends to many hosts, as a tunnel or a
 * scanner does, compared with as many random flows: how good the hash is.
 */
#ifndef GROVE_TOOLS_GROVE_BENCH_HOSTS_H
#define GROVE_TOOLS_GROVE_BENCH_HOSTS_H

/* Number of rows: 128 and 512 hosts. */
#define HOSTS_ROWS 2

struct hosts_row {
    unsigned hosts;
    double ns_source; /* one source: nanoseconds per packet, the median */
    double ns_random; /* random flows: likewise */
};

struct hosts_bench;

/* NULL: there is no memory. hosts_bench_free() releases it. */
struct hosts_bench *hosts_bench_new(unsigned rounds);

/* Measures everything once; to be called `rounds` times. */
void hosts_bench_round(struct hosts_bench *bench);

/* The result of the rounds so far, which are one or more. */
struct hosts_row hosts_bench_result(struct hosts_bench *bench, unsigned row);

/* NULL is allowed. */
void hosts_bench_free(struct hosts_bench *bench);

#endif
