/* SPDX-License-Identifier: MIT */
/* What an environment without a C library must have for libgrove's core. */
#include <stddef.h>

int memcmp(const void *a, const void *b, size_t len);
void *memcpy(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int strcmp(const char *a, const char *b);
