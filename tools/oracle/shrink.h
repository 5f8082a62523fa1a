/* SPDX-License-Identifier: MIT */
/* Shortens a run as far as possible while a predicate holds for it. */
#ifndef GROVE_TOOLS_SHRINK_H
#define GROVE_TOOLS_SHRINK_H

#include <stdbool.h>

#include "run.h"

/* The predicate: true if `run` still shows what is searched. */
typedef bool shrink_test(void *context, const struct run *run);

/*
 * Removes entries from the input of `run`, and virtio headers and last bytes
 * from its packets, as long as `shows` holds. It must hold at the beginning.
 * The new input is in `arena`.
 */
void shrink_run(struct run *run, shrink_test *shows, void *context,
                struct arena *arena);

/*
 * Sets fields to 0 as long as `shows` holds: those of the virtio headers, and
 * the 16-bit words at the beginning of each packet.
 */
void shrink_fields(struct run *run, shrink_test *shows, void *context,
                   struct arena *arena);

#endif
