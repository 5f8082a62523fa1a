/* SPDX-License-Identifier: MIT */
/* What all measurements share: the limit's way to sum, the clock, the median.
 */
#ifndef GROVE_TOOLS_GROVE_BENCH_SAMPLE_H
#define GROVE_TOOLS_GROVE_BENCH_SAMPLE_H

#include "grove/checksum.h"

/*
 * The way to sum that limits are measured by: AVX2, so that results of machines
 * can be compared; the fastest one where there is no AVX2.
 */
const struct grove_sum *bench_limit(void);

/*
 * The CPU time of this thread in nanoseconds, in which other programs have no
 * part.
 */
double bench_now(void);

/* Sorts the samples. */
double bench_median(double *samples, unsigned count);

#endif
