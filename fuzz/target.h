/* SPDX-License-Identifier: MIT */
/* The functions of a target. */
#ifndef GROVE_FUZZ_TARGET_H
#define GROVE_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Called once, before any input. */
void target_make(void);

/* Engines call it for each input. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
