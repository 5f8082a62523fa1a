/* SPDX-License-Identifier: MIT */
/* The cost of a segment, when a super-packet is split into the caller's memory.
 */
#ifndef GROVE_TOOLS_GROVE_BENCH_SPLIT_H
#define GROVE_TOOLS_GROVE_BENCH_SPLIT_H

#include <stdbool.h>

#include "bench/traffic.h"

/* The measured code. */
enum splitter {
    SPLIT_MEMCPY, /* memcpy() of as many bytes */
    SPLIT_LIMIT,  /* their checksum, and then memcpy() */
    SPLIT_COPY,   /* grove_split_copy() */
    SPLITTERS
};

struct split_row {
    enum traffic_kind kind;
    unsigned segments; /* of the super-packet */
    double
        ns[SPLITTERS]; /* nanoseconds per segment, the median of the rounds */
};

struct split_bench;

/* "memcpy", "limit" or "copy"; a static string. */
const char *splitter_name(enum splitter splitter);

/*
 * Makes a super-packet of this traffic, as long as one can be. NULL: there is
 * no memory, or it did not become one; split_bench_free() releases it.
 */
struct split_bench *split_bench_new(enum traffic_kind kind, unsigned rounds);

/* Measures everything once; to be called `rounds` times. */
void split_bench_round(struct split_bench *bench);

/* The result of the rounds so far, which are one or more. */
struct split_row split_bench_result(struct split_bench *bench);

/* NULL is allowed. */
void split_bench_free(struct split_bench *bench);

#endif
