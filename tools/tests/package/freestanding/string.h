/* SPDX-License-Identifier: MIT */
/* What an environment without a C library must have for libgrove's core. */
#include <stddef.h>

int memcmp(const void *a, const void *b, size_t len);
void *memcpy(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
char *strchr(const char *text, int byte);
int strcmp(const char *a, const char *b);
size_t strcspn(const char *text, const char *ends);
size_t strlen(const char *text);
