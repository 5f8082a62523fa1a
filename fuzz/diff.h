/* SPDX-License-Identifier: MIT */
/* The comparison of the reference with another implementation. */
#ifndef GROVE_FUZZ_DIFF_H
#define GROVE_FUZZ_DIFF_H

#include <stdbool.h>

#include "run.h"

/*
 * Aborts with the differences if the answers of `other` and of the reference to
 * `run` differ each of `times` times, since a kernel may be disturbed. A
 * question that `other` cannot be asked is not a difference. If the kernel
 * gives no answer, says so and ends the process with exit status 2.
 */
void diff_ask(struct implementation *other, const struct run *run, int times);

/*
 * Finds the profile of this machine's kernel, and prints it. If the kernel
 * cannot be asked, prints what is missing and exits with 77, as a skipped test
 * does.
 */
void diff_probe_kernel(void);

/*
 * The kernel of this machine; *profile gets the profile that
 * diff_probe_kernel() found. The first call opens it, since each process that
 * AFL++ forks needs its own devices.
 */
struct implementation *diff_kernel(const char **profile);

/*
 * Devices take long to make. So with layers, all questions to a kernel have
 * the same tunnels and the same length of virtio headers. It is asked for no
 * lists and for no larger max_bytes; `grove diff` does that.
 */
void diff_fit_layers(struct run_config *config);

/*
 * True if the kernel may differ: a packet is, or looks like, one that SPEC.md
 * leaves out (K-1, K-2, K-8).
 */
bool diff_is_known(const struct run *run);

#endif
