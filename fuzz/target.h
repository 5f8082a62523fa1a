/* SPDX-License-Identifier: MIT */
/* What a target is made of. */
#ifndef GROVE_FUZZ_TARGET_H
#define GROVE_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Called once, before any input. */
void target_make(void);

/* Engines call it for each input; 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
