/* SPDX-License-Identifier: MIT */
/* What all measurements share: the limit's way to sum, the clock, the median.
 */
#ifndef GROVE_TOOLS_GROVE_BENCH_SAMPLE_H
#define GROVE_TOOLS_GROVE_BENCH_SAMPLE_H

#include "grove/checksum.h"

/* What compiled this. */
#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* Room for the name of the machine. */
#define MACHINE_LEN 128

/* The name of the processor, as /proc/cpuinfo has it. */
void bench_machine(char machine[MACHINE_LEN]);

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
