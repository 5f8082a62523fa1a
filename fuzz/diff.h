/* SPDX-License-Identifier: MIT */
/* The reference and somebody else, who are asked the same. */
#ifndef GROVE_FUZZ_DIFF_H
#define GROVE_FUZZ_DIFF_H

#include <stdbool.h>

#include "run.h"

/*
 * Ends the program, with the differences, if the answers of `other` and of the
 * reference to `run` differ each of `times` times: a kernel can be disturbed.
 * What `other` cannot be asked is no difference.
 */
void diff_ask(struct implementation *other, const struct run *run, int times);

/*
 * Says what is missing and exits with 77, as a test that is skipped does, if
 * the kernel of this machine cannot be asked, or has no profile.
 */
void diff_probe_kernel(void);

/*
 * The kernel of this machine, whose profile goes to *profile. Opened by the
 * first call, since a process that AFL++ forks needs devices of its own.
 */
struct implementation *diff_kernel(const char **profile);

/*
 * Whether the kernel is expected to differ: packets that are, or are taken for,
 * what SPEC.md leaves out (K-1, K-2).
 */
bool diff_is_known(const struct run *run);

#endif
