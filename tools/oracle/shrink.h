/* SPDX-License-Identifier: MIT */
/* Makes a run that shows something as short as it can be and still show it. */
#ifndef GROVE_TOOLS_SHRINK_H
#define GROVE_TOOLS_SHRINK_H

#include <stdbool.h>

#include "run.h"

/* Whether `run` still shows it. */
typedef bool shrink_test(void *context, const struct run *run);

/*
 * Takes entries out of the input of `run`, which shows it, and virtio headers
 * and last bytes off its packets, as long as `shows` holds. The new input lives
 * in `arena`.
 */
void shrink_run(struct run *run, shrink_test *shows, void *context,
                struct arena *arena);

#endif
