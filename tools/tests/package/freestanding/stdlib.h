/* SPDX-License-Identifier: MIT */
/*
 * What an environment without a C library must have for libgrove's core. They
 * are called by *_new() and *_free() only.
 */
#include <stddef.h>

void *malloc(size_t size);
void free(void *memory);
