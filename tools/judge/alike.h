/* SPDX-License-Identifier: MIT */
/* Equality of outputs without what no reader must have (LEVEL_HINTS). */
#ifndef GROVE_JUDGE_ALIKE_H
#define GROVE_JUDGE_ALIKE_H

#include <stdbool.h>

#include "run.h"

/* The virtio headers. */
bool vnets_alike(const struct run_output *a, const struct run_output *b);

/* The virtio headers and the bytes of the packets. */
bool outputs_alike(const struct run_output *a, const struct run_output *b);

#endif
